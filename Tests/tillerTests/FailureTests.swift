import ControlVectors
import Generation
import Terms
import Testing
import Transformer

@testable import tiller

@Suite struct FailureTests {
    private struct Example: ExplainedError {
        var code: String
        var message: String
        var remedy: String?
        var category = ErrorCategory.failure
        var description: String { message }
    }

    @Test func theFixStandsUnderTheError() {
        let failure = Failure(Example(code: "x", message: "it broke", remedy: "mend it"))
        #expect(failure.text(inColour: false) == "error: it broke\n  fix  mend it\n")
        #expect(failure.status == 1)
    }

    @Test func theFixJoinsTheListOfAMessage() {
        let message = """
            this vector does not fit this model
              vector  happy.gguf    qwen2, 64 layers × 5120
              model   qwen14b.gguf  qwen2, 48 layers × 5120
              why     layers differ (64 vs 48)
            """
        let failure = Failure(
            Example(
                code: "incompatibleVector", message: message, remedy: "tiller reextract happy.gguf",
                category: .misfit))
        #expect(failure.text(inColour: false).hasSuffix("\n  fix     tiller reextract happy.gguf\n"))
        #expect(failure.status == 3)
    }

    @Test func scriptsGetCodeMessageAndFix() {
        let failure = Failure(Example(code: "x", message: "a \"b\"", remedy: nil))
        #expect(failure.json.text == #"{"error": {"code": "x", "message": "a \"b\"", "fix": null}}"#)
    }

    @Test func aMessageCannotSteerTheTerminal() {
        let failure = Failure(Example(code: "x", message: "bad\u{1B}]0;owned\u{7}name", remedy: "\u{9B}2J"))
        #expect(!failure.text(inColour: false).unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" })
    }

    @Test func commandsThatRepairCanBePastedWhateverThePath() throws {
        let unknown = TillerError.unknownTensor(name: "x", path: "my v.gguf", suggestion: nil)
        #expect(unknown.remedy == "tiller inspect 'my v.gguf' --tensors lists them")
        let plot = #expect(throws: TillerError.self) { try PlotFile("a b.pdf") }
        #expect(plot?.remedy == "--plot 'a b.svg'")
        let swept = try TillerProcess(["sweep", "-v", "sp ace/my v.gguf:0.5", "--json"])
        #expect(
            try swept.jsonError()["fix"] as? String
                == "-v 'sp ace/my v.gguf', and the strengths behind --strengths=")
    }

    @Test(arguments: [
        (TillerError.badUsage(message: "", remedy: nil) as any ExplainedError, "badUsage", Int32(2)),
        (TillerError.badReference(text: "hf:..", reason: ""), "badReference", 2),
        (GenerationError.invalidSetting(name: "top-p", found: "2", expected: "1"), "invalidSetting", 2),
        (TransformerError.invalidSetting(name: "threads", found: "0", expected: "1"), "invalidSetting", 2),
        (TillerError.cannotPull(name: "x", reason: "", remedy: ""), "unknownModel", 2),
        (TillerError.unknownModel(name: "x", suggestion: nil, known: []), "unknownModel", 1),
        (TillerError.unusableInput(path: "x", reason: "", remedy: ""), "cannotReadInput", 1),
        (ControlVectorError.badLayerSelection("x"), "badLayerSelection", 2),
        (ControlVectorError.reversedLayers(selection: "9-1"), "reversedLayers", 2),
        (ControlVectorError.layersOutsideModel(selection: "9", layerCount: 2), "layersOutsideModel", 2),
        (ControlVectorError.noLayersSelected(selection: "1%", layerCount: 2), "noLayersSelected", 2),
        (ControlVectorError.differentModels(reasons: []), "differentModels", 3),
        (ControlVectorError.differentHiddenSizes(4, 8), "differentHiddenSizes", 3),
        (ControlVectorError.noCommonLayer([1], [2]), "noCommonLayer", 3),
        (ControlVectorError.empty(path: nil), "emptyVector", 1), (TillerError.noHome, "noHome", 1),
        (GenerationError.emptyPrompt, "emptyPrompt", 2),
        (TransformerError.outOfMemory(bytes: 1), "outOfMemory", 1),
    ])
    func eachErrorHasItsStatus(_ error: any ExplainedError, _ code: String, _ status: Int32) {
        #expect(Failure(error).code == code && Failure(error).status == status)
    }
}
