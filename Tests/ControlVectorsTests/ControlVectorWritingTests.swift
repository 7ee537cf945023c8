import GGUF
import Quantization
import Terms
import Testing
import _TestSupport

@testable import ControlVectors

@Suite struct ControlVectorWritingTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("v.gguf") }

    init() throws { folder = try TemporaryFolder() }

    @Test func everythingComesBackBitForBit() throws {
        var vector = try Planted.vector(
            [
                1: [1, -0.0, .leastNonzeroMagnitude, -.greatestFiniteMagnitude],
                1023: [0.1, 0.2, 0.3, 0x1p-140],
            ],
            model: Planted.fingerprint { $0.computationDigest = "xxh64:05" },
            recipe: #"{"dataset":{"name":"陽気なギャル 🎀"}}"#)
        vector.calibration = CalibratedStrengths(
            negative: StrengthBand(strong: -0.6, safe: -0.3, breaking: -0.65),
            positive: StrengthBand(strong: 0.7, safe: 0.1), modelDigest: "xxh64:1",
            computationDigest: "xxh64:2", modelName: "some model", budget: "perplexity 2", promptCount: 12,
            promptForm: .chat(system: "Be brief."), isCarried: true)
        try vector.write(to: path)
        let read = try ControlVector(path: path)
        #expect(read == vector)
        for (layer, direction) in vector.directions {
            #expect(read[layer]?.map(\.bitPattern) == direction.map(\.bitPattern))
        }
        #expect(read.extraction?.evidence == Planted.record().evidence)
        #expect(read.extraction?.layers == .standard)
        // Writing what was read gives the same file.
        try read.write(to: folder.file("again.gguf"))
        #expect(folder.read("again.gguf") == folder.read("v.gguf"))
    }

    @Test(arguments: [PromptForm.raw, .chat(system: nil), nil])
    func howPromptsWerePutComesBack(form: PromptForm?) throws {
        var vector = try Planted.vector()
        vector.calibration = CalibratedStrengths(
            negative: StrengthBand(strong: -1), positive: StrengthBand(strong: 1), promptForm: form)
        try vector.write(to: path)
        #expect(try ControlVector(path: path).calibration == vector.calibration)
    }

    @Test func aBareVectorComesBackBare() throws {
        let vector = try Planted.vector()
        try vector.write(to: path)
        #expect(try ControlVector(path: path) == vector)
    }

    @Test func aFingerprintWithoutOptionalPartsComesBack() throws {
        let model = Planted.fingerprint {
            $0.name = nil
            $0.tokenizerHash = nil
            $0.chatTemplateHash = nil
            $0.fileType = nil
            $0.normHash = nil
        }
        try Planted.vector(model: model).write(to: path)
        #expect(try ControlVector(path: path).fingerprint == model)
    }

    @Test func theFileHasTheKeysAndTensorsThatOtherToolsRead() throws {
        try Planted.vector([12: [1, 2, 3, 4], 3: [5, 6, 7, 8]], model: Planted.fingerprint()).write(to: path)
        let file = try GGUFFile(path: path)
        #expect(
            file.metadata.keys.prefix(3) == [
                "general.architecture", "controlvector.model_hint", "controlvector.layer_count",
            ])
        #expect(file.metadata["general.architecture"] == .text("controlvector"))
        #expect(file.metadata["controlvector.model_hint"] == .text("qwen2"))
        #expect(file.metadata["controlvector.layer_count"] == .uint32(2))
        #expect(file.tensors.map(\.name) == ["direction.3", "direction.12"])
        #expect(file.tensors.allSatisfy { $0.shape == [4] && $0.type.name == "F32" })
        // llama.cpp reads the padded size of the last tensor too.
        #expect(file.byteCount % 32 == 0)
    }

    @Test func unknownEvidenceIsNaNInTheFile() throws {
        try Planted.vector(recipe: "{}").write(to: path)
        let metadata = try GGUFFile(path: path).metadata
        #expect(try metadata.integerArray("tiller.evidence.layers") == [9, 10, 40])
        #expect(try metadata.stringArray("tiller.evidence.estimator") == ["pca", "mean", ""])
        let ratios = try metadata.floatArray("tiller.evidence.explained_variance_ratio")
        #expect(ratios[0] == Float(0.1 + 0.2) && ratios[1].isNaN && ratios[2].isNaN)
        guard case .array(let layers)? = metadata["tiller.evidence.layers"] else {
            Issue.record("no array")
            return
        }
        #expect(layers.elementType == .int32)
    }

    @Test func evidenceThatIsNotFiniteIsUnknown() {
        #expect(LayerEvidence(scale: .nan, norm: .infinity, dose: 1e300) == LayerEvidence())
    }

    /// Shares are printed as whole numbers of a hundred, which these have none of.
    @Test(arguments: [Float(1e19), -1e19, .greatestFiniteMagnitude, .nan, 1.5, -0.1])
    func aShareThatIsNoneIsUnknown(value: Float) throws {
        try Planted.vector(model: Planted.fingerprint(), recipe: "{}").write(to: path)
        var metadata = try GGUFFile(path: path).metadata
        let count = try metadata.integerArray("tiller.evidence.layers").count
        for key in ["pair_accuracy", "pair_accuracy_low", "pair_accuracy_high", "auc", "persona_accuracy"] {
            metadata["tiller.evidence." + key] = .array(GGUFArray([Float](repeating: value, count: count)))
        }
        let read = try ControlVector(Planted.file(metadata, [.init("direction.9", [1])]))
        let evidence = try #require(read.extraction?.evidence[9])
        #expect(evidence.pairAccuracy == nil && evidence.accuracyInterval == nil && evidence.auc == nil)
        #expect(evidence.personaAccuracy == nil && evidence.assessment == nil)
    }

    @Test(arguments: [0, 1024]) func aLayerThatFilesCannotHoldIsRefusedAndNothingIsWritten(layer: Int) throws
    {
        let vector = try ControlVector(directions: [1: [1], LayerIndex(layer): [1]])
        #expect(throws: ControlVectorError.layerNotWritable(path: path, layer: LayerIndex(layer))) {
            try vector.write(to: path)
        }
        #expect(folder.names.isEmpty)
        // Whoever is to write it after long work hears of it before.
        #expect(throws: ControlVectorError.layerNotWritable(path: path, layer: LayerIndex(layer))) {
            try vector.checkLayers(writtenTo: path)
        }
        #expect(throws: Never.self) { try vector.without([LayerIndex(layer)]).checkLayers(writtenTo: path) }
        #expect(ControlVectorError.layerNotWritable(path: path, layer: 0).message.contains("llama.cpp"))
        // The remedy is a shift by nothing.
        #expect(
            ControlVectorError.layerNotWritable(path: path, layer: 0).remedy?.contains("--layers=0") == true)
        #expect(vector.possibleShifts.contains(0) && vector.layersLost(by: 0) == [LayerIndex(layer)])
    }

    @Test func aFileThatIsBeingReadIsNotReplaced() throws {
        try Planted.vector().write(to: path)
        let before = folder.read("v.gguf")
        let other = try Planted.vector([1: [7, 7, 7, 7]])
        do throws(ControlVectorError) {
            try other.write(to: path, refusing: [path])
            Issue.record("no error")
        } catch {
            #expect(error.code == "wouldReplaceInput")
        }
        #expect(folder.read("v.gguf") == before)
    }

    @Test func aFolderThatIsNotThereIsSaid() throws {
        let vector = try Planted.vector()
        do throws(ControlVectorError) {
            try vector.write(to: folder.file("absent/v.gguf"))
            Issue.record("no error")
        } catch {
            #expect(error.code == "missingFolder")
        }
    }

    @Test func aFileOfALaterVersionIsRefused() throws {
        var metadata = GGUFMetadata()
        metadata["tiller.format_version"] = .uint32(2)
        let file = try Planted.file(metadata, [.init("direction.1", [1])])
        #expect(throws: ControlVectorError.newerFormat(path: file.path, found: 2, known: 1)) {
            try ControlVector(file)
        }
    }

    @Test func ourKeysWithoutAFormatVersionAreNotOurs() throws {
        var metadata = GGUFMetadata()
        metadata["tiller.method"] = .uint32(7)
        #expect(try ControlVector(Planted.file(metadata, [.init("direction.1", [1])])).extraction == nil)
    }

    @Test(arguments: [
        ("tiller.scale", GGUFValue.text("huge"), "badValue"),
        ("tiller.scale", .uint32(1), "wrongType"),
        ("tiller.layer_range", .text("24-9"), "badValue"),
        ("tiller.evidence.scale", .array(GGUFArray([Float(1)])), "badValue"),
        ("tiller.evidence.scale", .array(GGUFArray(["1"])), "badValue"),
        ("tiller.evidence.layers", .array(GGUFArray([Int32(9), 9, 10])), "badValue"),
        ("tiller.evidence.layers", .array(GGUFArray([Int32(-9), 9, 10])), "badValue"),
        ("tiller.model.layer_count", .int32(-1), "badValue"),
        ("tiller.model.digest", .uint8(1), "wrongType"),
        ("tiller.format_version", .text("1"), "wrongType"),
        ("tiller.calibrated.positive", .float32(.nan), "badValue"),
        ("tiller.calibrated.negative", .float64(-1e300), "badValue"),
        ("tiller.calibrated.positive_safe", .float32(.infinity), "badValue"),
        ("tiller.calibrated.negative_breaking", .text("-1"), "wrongType"),
        ("tiller.calibrated.negative", .float32(0.8), "badValue"),
        ("tiller.calibrated.positive", .float32(-0.8), "badValue"),
        ("tiller.calibrated.positive_breaking", .float32(-1), "badValue"),
        ("tiller.model.hidden_size", .float32(4), "wrongType"),
    ])
    func aKeyOfOursWithAnImpossibleValueIsRefusedByName(key: String, value: GGUFValue, code: String) throws {
        var vector = try Planted.vector(model: Planted.fingerprint(), recipe: "{}")
        vector.calibration = CalibratedStrengths(
            negative: StrengthBand(strong: -1), positive: StrengthBand(strong: 1))
        try vector.write(to: path)
        var metadata = try GGUFFile(path: path).metadata
        metadata[key] = value
        let file = try Planted.file(metadata, [.init("direction.1", [1])])
        do throws(ControlVectorError) {
            _ = try ControlVector(file)
            Issue.record("no error")
        } catch {
            #expect(error.code == code)
            #expect(error.message.contains(key))
        }
    }
}
