import GGUF
import Terms

/// Reads the `tiller.*` keys of one file: the counterpart of `ControlVector+Writing`, key for key.
struct MetadataReader {
    private let metadata: GGUFMetadata
    private let path: String

    init(_ metadata: GGUFMetadata, path: String) {
        self.metadata = metadata
        self.path = path
    }

    /// Whether the file is one of ours, in a form that is known here.
    func readFormatVersion() throws(ControlVectorError) -> Bool {
        guard let version = try integerIfPresent(ControlVectorKey.formatVersion) else { return false }
        guard version <= ControlVectorFormat.version else {
            throw .newerFormat(path: path, found: version, known: ControlVectorFormat.version)
        }
        return true
    }

    /// What is missing has no fingerprint; an incomplete one is an error.
    func fingerprint() throws(ControlVectorError) -> ModelFingerprint? {
        guard let architecture = try textIfPresent(ControlVectorKey.modelArchitecture) else { return nil }
        return ModelFingerprint(
            architecture: architecture,
            name: try textIfPresent(ControlVectorKey.modelName),
            hiddenSize: try size(ControlVectorKey.modelHiddenSize),
            layerCount: try size(ControlVectorKey.modelLayerCount),
            vocabularySize: try size(ControlVectorKey.modelVocabularySize),
            tokenizerHash: try textIfPresent(ControlVectorKey.modelTokenizerHash),
            chatTemplateHash: try textIfPresent(ControlVectorKey.modelChatTemplateHash),
            fileType: try integerIfPresent(ControlVectorKey.modelFileType),
            normHash: try textIfPresent(ControlVectorKey.modelNormHash),
            digest: try text(ControlVectorKey.modelDigest),
            computationDigest: try textIfPresent(ControlVectorKey.modelComputationDigest))
    }

    /// Without a method there is no extraction record; with one all of it must be there but the recipe.
    func extraction() throws(ControlVectorError) -> ExtractionRecord? {
        guard let method = try textIfPresent(ControlVectorKey.method) else { return nil }
        let scale = try text(ControlVectorKey.scaleConvention)
        guard let convention = ScaleConvention(rawValue: scale) else {
            let names = ScaleConvention.allCases.map(\.rawValue).joined(separator: " or ")
            throw badValue(ControlVectorKey.scaleConvention, found: scale, allowed: names)
        }
        let range = try text(ControlVectorKey.layerRange)
        guard let layers = try? LayerSelection(range) else {
            throw badValue(ControlVectorKey.layerRange, found: range, allowed: "layers such as 9-24")
        }
        return ExtractionRecord(
            toolVersion: try text(ControlVectorKey.toolVersion), method: method,
            readout: try text(ControlVectorKey.readout), scale: convention, layers: layers,
            evidence: try evidence(), recipe: try textIfPresent(ControlVectorKey.recipe),
            judgement: try judgement())
    }

    /// Without a judge's name there was none; with one both sides have been counted.
    private func judgement() throws(ControlVectorError) -> Judgement? {
        guard let model = try textIfPresent(ControlVectorKey.judgeModel) else { return nil }
        let threshold = try numberIfPresent(ControlVectorKey.judgeThreshold) ?? .nan
        guard (0...100).contains(threshold) else {
            throw badValue(ControlVectorKey.judgeThreshold, found: "\(threshold)", allowed: "0 to 100")
        }
        var judgement = Judgement(model: model, threshold: threshold)
        judgement.positive = try judgedSide(ControlVectorKey.judgePositive)
        judgement.negative = try judgedSide(ControlVectorKey.judgeNegative)
        return judgement
    }

    private func judgedSide(_ key: String) throws(ControlVectorError) -> Judgement.Side {
        let counts = try arrayIfPresent(key) { $0.integers() } ?? []
        guard counts.count == 3, counts.allSatisfy({ $0 >= 0 && $0 <= counts[0] }) else {
            throw badValue(key, found: "\(counts.prefix(8))", allowed: "answers judged, kept and refused")
        }
        return Judgement.Side(judged: counts[0], kept: counts[1], refused: counts[2])
    }

    /// Which other tool found the directions; a name that is not known here is an unknown tool.
    func origin() throws(ControlVectorError) -> VectorOrigin? {
        guard let name = try textIfPresent(ControlVectorKey.originProducer) else { return nil }
        return VectorOrigin(
            VectorOrigin.Producer(rawValue: name) ?? .unknown,
            method: try textIfPresent(ControlVectorKey.originMethod),
            shift: try layerCount(ControlVectorKey.originShift))
    }

    /// Which vectors it was made of; nil where nobody says, and for a step that is not known here.
    func derivation() throws(ControlVectorError) -> VectorDerivation? {
        guard let operation = try textIfPresent(ControlVectorKey.derivationOperation) else { return nil }
        let names = try arrayIfPresent(ControlVectorKey.derivationParents) { $0.strings() } ?? []
        let digests = try column(ControlVectorKey.derivationDigests, names.count, of: "a parent") {
            $0.strings()
        }
        let parents = zip(names, digests ?? []).map { VectorDerivation.Parent(name: $0, digest: $1) }
        guard let first = parents.first else {
            throw badValue(
                ControlVectorKey.derivationParents, found: "\(names.prefix(8))",
                allowed: "the vectors that it was made of, and as many digests")
        }
        switch operation {
        case "combine":
            let key = ControlVectorKey.derivationWeights
            let weights = try column(key, names.count, of: "a parent") { $0.floats() } ?? []
            guard weights.count == names.count, weights.allSatisfy(\.isFinite) else {
                throw badValue(
                    key, found: "\(weights.prefix(8))", allowed: "\(names.count) finite numbers")
            }
            return .sum(
                zip(parents, weights).map { VectorDerivation.Term($0, weight: $1) },
                isOrthogonalized: try booleanIfPresent(ControlVectorKey.derivationOrthogonalized) ?? false)
        case "shift": return .shift(first, layers: try layerCount(ControlVectorKey.derivationLayers))
        default: return nil
        }
    }

    /// Both strengths or none: what is not a finite strength must not reach the residual stream, and
    /// none may act the other way.
    func calibration() throws(ControlVectorError) -> CalibratedStrengths? {
        guard let negative = try band(ControlVectorKey.calibratedNegative, sign: -1),
            let positive = try band(ControlVectorKey.calibratedPositive, sign: 1)
        else { return nil }
        return CalibratedStrengths(
            negative: negative, positive: positive,
            modelDigest: try textIfPresent(ControlVectorKey.calibratedModelDigest),
            computationDigest: try textIfPresent(ControlVectorKey.calibratedComputationDigest),
            modelName: try textIfPresent(ControlVectorKey.calibratedModelName),
            budget: try textIfPresent(ControlVectorKey.calibratedBudget),
            promptCount: try integerIfPresent(ControlVectorKey.calibratedPrompts),
            promptForm: try calibratedForm(),
            isCarried: try booleanIfPresent(ControlVectorKey.calibratedIsCarried))
    }

    private func calibratedForm() throws(ControlVectorError) -> PromptForm? {
        guard let isRaw = try booleanIfPresent(ControlVectorKey.calibratedIsRaw) else { return nil }
        return isRaw ? .raw : .chat(system: try textIfPresent(ControlVectorKey.calibratedSystem))
    }

    private func band(_ key: String, sign: Float) throws(ControlVectorError) -> StrengthBand? {
        guard let strong = try strength(key, sign: sign) else { return nil }
        return StrengthBand(
            strong: strong, safe: try strength(ControlVectorKey.calibratedSafe(key), sign: sign),
            breaking: try strength(ControlVectorKey.calibratedBreaking(key), sign: sign))
    }

    /// A strength of one side; 0 belongs to both.
    private func strength(_ key: String, sign: Float) throws(ControlVectorError) -> Float? {
        guard let number = try numberIfPresent(key) else { return nil }
        let strength = Float(number)
        guard strength.isFinite, strength * sign >= 0 else {
            throw badValue(
                key, found: "\(number)",
                allowed: "a finite number of \(sign < 0 ? "0 or less" : "at least 0")")
        }
        return strength
    }

    private func evidence() throws(ControlVectorError) -> [LayerIndex: LayerEvidence] {
        let key = ControlVectorKey.evidenceLayers
        guard let layers = try arrayIfPresent(key, { $0.integers() }) else { return [:] }
        let estimators = try column(ControlVectorKey.evidenceEstimator, layers.count) { $0.strings() }
        let scales = try numbers(ControlVectorKey.evidenceScale, layers.count)
        let norms = try numbers(ControlVectorKey.evidenceNorm, layers.count)
        let ratios = try numbers(ControlVectorKey.evidenceVarianceRatio, layers.count)
        let accuracies = try shares(ControlVectorKey.evidenceAccuracy, layers.count)
        let cosines = try numbers(ControlVectorKey.evidenceCosine, layers.count)
        let doses = try numbers(ControlVectorKey.evidenceDose, layers.count)
        let gaps = try numbers(ControlVectorKey.evidenceGap, layers.count)
        let accuracyRanges = try ranges(
            ControlVectorKey.evidenceAccuracyLow, ControlVectorKey.evidenceAccuracyHigh, layers.count)
        let areas = try shares(ControlVectorKey.evidenceAUC, layers.count)
        let areaRanges = try ranges(
            ControlVectorKey.evidenceAUCLow, ControlVectorKey.evidenceAUCHigh, layers.count)
        let personas = try shares(ControlVectorKey.evidencePersonaAccuracy, layers.count)
        let neighbours = try numbers(ControlVectorKey.evidenceCosineToPrevious, layers.count)
        let heldOut = try numbers(ControlVectorKey.evidenceHeldOut, layers.count)
        let sides = try sides(layers.count)
        var evidence: [LayerIndex: LayerEvidence] = [:]
        for (index, layer) in layers.enumerated() {
            guard layer >= 0, evidence[LayerIndex(layer)] == nil else {
                throw badValue(key, found: "layer \(layer) at \(index)", allowed: "each layer once")
            }
            evidence[LayerIndex(layer)] = LayerEvidence(
                estimator: estimators?[index], scale: scales?[index], norm: norms?[index],
                explainedVarianceRatio: ratios?[index], pairAccuracy: accuracies?[index] ?? nil,
                cosineToMean: cosines?[index], dose: doses?[index], componentGap: gaps?[index],
                accuracyInterval: accuracyRanges?[index], auc: areas?[index] ?? nil,
                aucInterval: areaRanges?[index], personaAccuracy: personas?[index] ?? nil,
                cosineToPrevious: neighbours?[index], heldOutPairs: heldOut?[index], sides: sides?[index])
        }
        return evidence
    }

    private func numbers(_ key: String, _ count: Int) throws(ControlVectorError) -> [Double]? {
        try column(key, count) { $0.floats()?.map(Double.init) }
    }

    /// Shares of a whole; nil for a layer whose number is none.
    private func shares(_ key: String, _ count: Int) throws(ControlVectorError) -> [Double?]? {
        try numbers(key, count)?.map { (0...1).contains($0) ? $0 : nil }
    }

    /// Intervals of shares; nil for a layer whose ends are unknown, no shares or the wrong way round.
    private func ranges(
        _ low: String, _ high: String, _ count: Int
    ) throws(ControlVectorError) -> [ClosedRange<Double>?]? {
        guard let lows = try shares(low, count), let highs = try shares(high, count) else { return nil }
        return zip(lows, highs).map { low, high in
            guard let low, let high, low <= high else { return nil }
            return low...high
        }
    }

    /// Where the sides lie; nil for a layer of which a number is unknown or cannot be.
    private func sides(_ count: Int) throws(ControlVectorError) -> [SideProjections?]? {
        guard let negative = try numbers(ControlVectorKey.evidenceNegativeMean, count),
            let positive = try numbers(ControlVectorKey.evidencePositiveMean, count),
            let spreads = try numbers(ControlVectorKey.evidenceSpread, count)
        else { return nil }
        return (0..<count).map {
            SideProjections(negativeMean: negative[$0], positiveMean: positive[$0], spread: spreads[$0])
        }
    }

    /// The further components of some layers: every number from 2 on until one is missing.
    func components(
        of layers: [LayerIndex], hiddenSize: Int
    ) throws(ControlVectorError) -> [LayerIndex: [[Float]]] {
        var components: [LayerIndex: [[Float]]] = [:]
        for layer in layers {
            for number in 2... {
                let key = ControlVectorKey.component(number, layer: layer.rawValue)
                guard let values = try arrayIfPresent(key, { $0.floats() }) else { break }
                guard values.count == hiddenSize, values.allSatisfy(\.isFinite) else {
                    throw badValue(
                        key, found: "\(values.count) elements", allowed: "\(hiddenSize) finite numbers")
                }
                components[layer, default: []].append(values)
            }
        }
        return components
    }

    /// An array with one element for each layer of the evidence, or of something else;
    /// nil where the file has none.
    private func column<Element>(
        _ key: String, _ count: Int, of thing: String = "a layer", _ read: (GGUFArray) -> [Element]?
    ) throws(ControlVectorError) -> [Element]? {
        guard let values = try arrayIfPresent(key, read) else { return nil }
        guard values.count == count else {
            throw badValue(key, found: "\(values.count) elements", allowed: "\(count), one \(thing)")
        }
        return values
    }

    private func badValue(_ key: String, found: String, allowed: String) -> ControlVectorError {
        .badValue(path: path, key: key, found: found, allowed: allowed)
    }
}

/// The typed accessors of the metadata, with this module's error.
extension MetadataReader {
    private func text(_ key: String) throws(ControlVectorError) -> String {
        try containing { () throws(GGUFError) in try metadata.string(key) }
    }

    private func textIfPresent(_ key: String) throws(ControlVectorError) -> String? {
        try containing { () throws(GGUFError) in try metadata.stringIfPresent(key) }
    }

    private func integerIfPresent(_ key: String) throws(ControlVectorError) -> Int? {
        try containing { () throws(GGUFError) in try metadata.integerIfPresent(key) }
    }

    /// By how many layers something was moved, up or down; 0 where nobody says.
    private func layerCount(_ key: String) throws(ControlVectorError) -> Int {
        let count = try integerIfPresent(key) ?? 0
        let most = ControlVectorFormat.layers.upperBound
        guard (-most...most).contains(count) else {
            throw badValue(key, found: "\(count)", allowed: "a number of layers")
        }
        return count
    }

    private func numberIfPresent(_ key: String) throws(ControlVectorError) -> Double? {
        try containing { () throws(GGUFError) in try metadata.numberIfPresent(key) }
    }

    private func booleanIfPresent(_ key: String) throws(ControlVectorError) -> Bool? {
        try containing { () throws(GGUFError) in try metadata.booleanIfPresent(key) }
    }

    private func size(_ key: String) throws(ControlVectorError) -> Int {
        let size = try containing { () throws(GGUFError) in try metadata.integer(key) }
        guard size >= 0, UInt32(exactly: size) != nil else {
            throw badValue(key, found: "\(size)", allowed: "0 to \(UInt32.max)")
        }
        return size
    }

    private func arrayIfPresent<Element>(
        _ key: String, _ read: (GGUFArray) -> [Element]?
    ) throws(ControlVectorError) -> [Element]? {
        let array = try containing { () throws(GGUFError) in try metadata.arrayIfPresent(key) }
        guard let array else { return nil }
        guard let values = read(array) else {
            throw badValue(key, found: "an array of \(array.elementType)", allowed: "another element type")
        }
        return values
    }
}
