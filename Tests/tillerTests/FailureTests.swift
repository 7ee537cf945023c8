import Terms
import Testing

@testable import tiller

@Suite struct FailureTests {
    private struct Example: ExplainedError {
        var code: String
        var message: String
        var remedy: String?
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
            Example(code: "incompatibleVector", message: message, remedy: "tiller reextract happy.gguf"))
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
        ("badUsage", Int32(2)), ("invalidSetting", 2), ("incompatibleVector", 3), ("truncatedFile", 1),
    ])
    func eachCodeHasItsStatus(_ code: String, _ status: Int32) {
        #expect(ExitStatus.status(forCode: code) == status)
    }
}
