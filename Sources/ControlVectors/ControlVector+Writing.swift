import GGUF
import Terms

extension ControlVector {
    /// Writes a vector file that llama.cpp, repeng and everything that reads theirs can load, atomically.
    ///
    /// The three keys that they write come first, then `tiller.*` with the extraction record, the evidence
    /// and the model's fingerprint. Reading the file gives back an equal vector, bit for bit.
    ///
    /// - Parameter inputs: Files that are being read, which `path` must not replace.
    /// - Throws: `layerNotWritable` for layer 0 (llama.cpp refuses such a file as a whole) and for layers
    ///   above 1023; `container` where the file cannot be written.
    public func write(to path: String, refusing inputs: [String] = []) throws(ControlVectorError) {
        try checkLayers(writtenTo: path)
        var writer = GGUFWriter(metadata)
        for layer in layers {
            writer.add(
                "\(ControlVectorFormat.tensorPrefix)\(layer)", shape: [hiddenSize],
                floats: directions[layer] ?? [])
        }
        do {
            try writer.write(to: path, refusing: inputs)
        } catch let error as GGUFError {
            throw .container(error)
        } catch let error as FileError {
            throw .container(GGUFError(error))
        } catch {
            preconditionFailure("writing floats throws file errors only, not \(error)")
        }
    }

    /// Refuses what `write` would refuse of the vector itself, before anything long begins
    /// whose result is to be written.
    ///
    /// - Throws: `layerNotWritable`.
    public func checkLayers(writtenTo path: String) throws(ControlVectorError) {
        for layer in layers where !ControlVectorFormat.layers.contains(layer.rawValue) {
            throw .layerNotWritable(path: path, layer: layer)
        }
    }

    /// Everything but the tensors, in the order of the file.
    private var metadata: GGUFMetadata {
        var metadata = GGUFMetadata()
        metadata[ControlVectorKey.architecture] = .text(ControlVectorFormat.architecture)
        // repeng does not load a file without a hint.
        metadata[ControlVectorKey.modelHint] = .text(modelHint ?? "")
        metadata[ControlVectorKey.layerCount] = .uint32(UInt32(directions.count))
        metadata[ControlVectorKey.formatVersion] = .uint32(UInt32(ControlVectorFormat.version))
        extraction?.write(into: &metadata)
        if let origin {
            metadata[ControlVectorKey.originProducer] = .text(origin.producer.rawValue)
            metadata[ControlVectorKey.originMethod] = origin.method.map { .text($0) }
            metadata[ControlVectorKey.originShift] = .int32(Int32(clamping: origin.shift))
        }
        derivation?.write(into: &metadata)
        calibration?.write(into: &metadata)
        fingerprint?.write(into: &metadata)
        for (layer, further) in components.sorted(by: { $0.key < $1.key }) {
            for (number, component) in zip(2..., further) {
                metadata[ControlVectorKey.component(number, layer: layer.rawValue)] = .array(
                    GGUFArray(component))
            }
        }
        return metadata
    }
}

extension ExtractionRecord {
    fileprivate func write(into metadata: inout GGUFMetadata) {
        metadata[ControlVectorKey.toolVersion] = .text(toolVersion)
        metadata[ControlVectorKey.method] = .text(method)
        metadata[ControlVectorKey.readout] = .text(readout)
        metadata[ControlVectorKey.scaleConvention] = .text(scale.rawValue)
        metadata[ControlVectorKey.layerRange] = .text(layers.description)
        if !evidence.isEmpty { writeEvidence(into: &metadata) }
        metadata[ControlVectorKey.recipe] = recipe.map { .text($0) }
        judgement?.write(into: &metadata)
    }

    /// One array a measurement, so that other tools can plot them; NaN where a number is unknown.
    private func writeEvidence(into metadata: inout GGUFMetadata) {
        let rows = evidence.sorted { $0.key < $1.key }
        func numbers(_ field: KeyPath<LayerEvidence, Float?>) -> GGUFValue {
            .array(GGUFArray(rows.map { $0.value[keyPath: field] ?? .nan }))
        }
        metadata[ControlVectorKey.evidenceLayers] =
            .array(GGUFArray(rows.map { Int32(clamping: $0.key.rawValue) }))
        metadata[ControlVectorKey.evidenceEstimator] =
            .array(GGUFArray(rows.map { $0.value.estimator ?? "" }))
        metadata[ControlVectorKey.evidenceScale] = numbers(\.scale)
        metadata[ControlVectorKey.evidenceNorm] = numbers(\.norm)
        metadata[ControlVectorKey.evidenceVarianceRatio] = numbers(\.explainedVarianceRatio)
        metadata[ControlVectorKey.evidenceAccuracy] = numbers(\.pairAccuracy)
        metadata[ControlVectorKey.evidenceCosine] = numbers(\.cosineToMean)
        metadata[ControlVectorKey.evidenceDose] = numbers(\.dose)
        metadata[ControlVectorKey.evidenceGap] = numbers(\.componentGap)
        metadata[ControlVectorKey.evidenceAccuracyLow] = numbers(\.accuracyInterval?.lowerBound)
        metadata[ControlVectorKey.evidenceAccuracyHigh] = numbers(\.accuracyInterval?.upperBound)
        metadata[ControlVectorKey.evidenceAUC] = numbers(\.auc)
        metadata[ControlVectorKey.evidenceAUCLow] = numbers(\.aucInterval?.lowerBound)
        metadata[ControlVectorKey.evidenceAUCHigh] = numbers(\.aucInterval?.upperBound)
        metadata[ControlVectorKey.evidencePersonaAccuracy] = numbers(\.personaAccuracy)
        metadata[ControlVectorKey.evidenceCosineToPrevious] = numbers(\.cosineToPrevious)
        metadata[ControlVectorKey.evidenceHeldOut] = numbers(\.heldOutPairs)
        if rows.contains(where: { $0.value.sides != nil }) {
            metadata[ControlVectorKey.evidenceNegativeMean] = numbers(\.sides?.negativeMean)
            metadata[ControlVectorKey.evidencePositiveMean] = numbers(\.sides?.positiveMean)
            metadata[ControlVectorKey.evidenceSpread] = numbers(\.sides?.spread)
        }
        guard let assessment else { return }
        metadata[ControlVectorKey.evidenceVerdict] =
            .array(GGUFArray(rows.map { $0.value.assessment?.verdict.rawValue ?? "" }))
        metadata[ControlVectorKey.verdict] = .text(assessment.verdict.rawValue)
        metadata[ControlVectorKey.verdictReason] = .text(assessment.reason)
    }
}

extension Judgement {
    fileprivate func write(into metadata: inout GGUFMetadata) {
        metadata[ControlVectorKey.judgeModel] = .text(model)
        metadata[ControlVectorKey.judgeThreshold] = .float64(threshold)
        for (key, side) in [
            (ControlVectorKey.judgePositive, positive), (ControlVectorKey.judgeNegative, negative),
        ] {
            metadata[key] = .array(
                GGUFArray([side.judged, side.kept, side.refused].map { Int32(clamping: $0) }))
        }
    }
}

extension VectorDerivation {
    fileprivate func write(into metadata: inout GGUFMetadata) {
        metadata[ControlVectorKey.derivationOperation] = .text(operation)
        metadata[ControlVectorKey.derivationParents] = .array(GGUFArray(parents.map(\.name)))
        metadata[ControlVectorKey.derivationDigests] = .array(GGUFArray(parents.map(\.digest)))
        switch self {
        case .sum(let terms, let isOrthogonalized):
            metadata[ControlVectorKey.derivationWeights] = .array(GGUFArray(terms.map(\.weight)))
            metadata[ControlVectorKey.derivationOrthogonalized] = .bool(isOrthogonalized)
        case .shift(_, let layers):
            metadata[ControlVectorKey.derivationLayers] = .int32(Int32(clamping: layers))
        }
    }
}

extension CalibratedStrengths {
    fileprivate func write(into metadata: inout GGUFMetadata) {
        for (key, band) in [
            (ControlVectorKey.calibratedNegative, negative), (ControlVectorKey.calibratedPositive, positive),
        ] {
            metadata[key] = .float32(band.strong)
            metadata[ControlVectorKey.calibratedSafe(key)] = band.safe.map { .float32($0) }
            metadata[ControlVectorKey.calibratedBreaking(key)] = band.breaking.map { .float32($0) }
        }
        metadata[ControlVectorKey.calibratedModelDigest] = modelDigest.map { .text($0) }
        metadata[ControlVectorKey.calibratedComputationDigest] = computationDigest.map { .text($0) }
        metadata[ControlVectorKey.calibratedModelName] = modelName.map { .text($0) }
        metadata[ControlVectorKey.calibratedBudget] = budget.map { .text($0) }
        metadata[ControlVectorKey.calibratedPrompts] = promptCount.map { .uint32(UInt32(clamping: $0)) }
        switch promptForm {
        case .raw: metadata[ControlVectorKey.calibratedIsRaw] = .bool(true)
        case .chat(let system):
            metadata[ControlVectorKey.calibratedIsRaw] = .bool(false)
            metadata[ControlVectorKey.calibratedSystem] = system.map { .text($0) }
        case nil: break
        }
        metadata[ControlVectorKey.calibratedIsCarried] = isCarried.map { .bool($0) }
    }
}

extension ModelFingerprint {
    fileprivate func write(into metadata: inout GGUFMetadata) {
        metadata[ControlVectorKey.modelArchitecture] = .text(architecture)
        metadata[ControlVectorKey.modelName] = name.map { .text($0) }
        metadata[ControlVectorKey.modelHiddenSize] = .uint32(UInt32(clamping: hiddenSize))
        metadata[ControlVectorKey.modelLayerCount] = .uint32(UInt32(clamping: layerCount))
        metadata[ControlVectorKey.modelVocabularySize] = .uint32(UInt32(clamping: vocabularySize))
        metadata[ControlVectorKey.modelTokenizerHash] = tokenizerHash.map { .text($0) }
        metadata[ControlVectorKey.modelChatTemplateHash] = chatTemplateHash.map { .text($0) }
        metadata[ControlVectorKey.modelFileType] = fileType.map { .uint32(UInt32(clamping: $0)) }
        metadata[ControlVectorKey.modelNormHash] = normHash.map { .text($0) }
        metadata[ControlVectorKey.modelDigest] = .text(digest)
        metadata[ControlVectorKey.modelComputationDigest] = computationDigest.map { .text($0) }
    }
}
