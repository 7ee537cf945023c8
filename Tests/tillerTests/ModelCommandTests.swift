import Foundation
import Testing
import _TestSupport

@testable import tiller

/// Commands that run the model which `tiller pull smollm2-135m-instruct` fetches.
@Suite struct ModelCommandTests {
    private let greedy = ["--temp", "0", "-n", "6", "-t", "2"]

    @Test func tokenizeGivesIDsAndPieces() throws {
        let run = try TillerProcess(["tokenize", "<|im_start|>user", "--json"])
        #expect(run.output == #"{"ids": [1, 4093], "pieces": ["<|im_start|>", "user"]}"# + "\n")
        #expect(run.errors.isEmpty)
    }

    @Test func specialTokensStayTextWhereThatIsAskedFor() throws {
        let ids =
            try TillerProcess(["tokenize", "<|im_start|>", "--no-special", "--json"]).json()["ids"] as? [Int]
        #expect((ids?.count ?? 0) > 1)
        #expect(ids?.contains(1) == false)
    }

    @Test func generateAnswersAsJSONWithWhatItTook() throws {
        let run = try TillerProcess(["generate", "-p", "Say hello.", "--json"] + greedy)
        #expect(run.status == 0)
        let json = try run.json()
        #expect((json["ids"] as? [Int])?.count == 6)
        #expect(json["finishReason"] as? String == "length")
        #expect((json["promptTokens"] as? Int ?? 0) > 5)
        #expect((json["tokensPerSecond"] as? Double ?? 0) > 0)
        #expect((json["steeredLayers"] as? [Int])?.isEmpty == true)
        #expect(json["seed"] as? Int == 0)
        #expect((json["text"] as? String)?.isEmpty == false)
    }

    @Test func theStreamIsTheTextOfTheAnswer() throws {
        let text =
            try TillerProcess(["generate", "-p", "Say hello.", "--json"] + greedy).json()["text"] as? String
        let stream = try TillerProcess(["generate", "-p", "-"] + greedy, input: "Say hello.\n")
        #expect(stream.output == (text ?? "") + "\n")
        #expect(stream.errors.isEmpty)
    }

    @Test func theSameSeedGivesTheSameText() throws {
        let arguments = ["generate", "-p", "Tell me a story.", "-n", "8", "--temp", "1.5", "--seed"]
        let texts = try ["1", "1", "2"].map { try TillerProcess(arguments + [$0]).output }
        #expect(texts[0] == texts[1])
        #expect(texts[0] != texts[2])
    }

    @Test func inspectSaysWhatTheModelIs() throws {
        let json = try TillerProcess(["inspect", "smollm2-135m-instruct", "--tensors", "--json"]).json()
        #expect(json["kind"] as? String == "model")
        #expect(json["layerCount"] as? Int == 30)
        #expect(json["hiddenSize"] as? Int == 576)
        #expect((json["tensors"] as? [Any])?.count == 272)
    }

    @Test func inspectShowsTheNumbersOfATensor() throws {
        let json = try TillerProcess([
            "inspect", "smollm2-135m-instruct", "--tensor", "token_embd.weight", "--rows", "0-1", "--json",
        ]).json()
        let rows = try #require(json["rows"] as? [[String: Any]])
        #expect(rows.map { $0["row"] as? Int } == [0, 1])
        #expect(rows.allSatisfy { ($0["values"] as? [Double])?.count == 576 })
        #expect((rows[0]["values"] as? [Double])?.contains { $0 != 0 } == true)
    }

    @Test(arguments: [
        (["generate", "-p", "x", "--temp", "nan"], "invalidSetting"),
        (["generate", "-p", "x", "--temp", "-1"], "invalidSetting"),
        (["generate", "-p", "x", "--top-p", "2"], "invalidSetting"),
        (["generate", "-p", "x", "-n", "-2"], "badUsage"),
        (["generate", "-p", "x", "-t", "0"], "invalidSetting"),
        (["generate", "-p", "x", "-c", "-5"], "badUsage"),
        (["generate"], "badUsage"), (["generate", "-p", "x", "--raw", "--system", "y"], "badUsage"),
        (["generate", "-p", "x", "--bos"], "badUsage"),
        (["inspect", "smollm2-135m-instruct", "--rows", "1"], "badUsage"),
        (
            ["inspect", "smollm2-135m-instruct", "--tensor", "output_norm.weight", "--rows", "3-1"],
            "badUsage"
        ),
        (["generate", "-p", "x", "-s", "-7"], "badUsage"), (["bench", "-p", "0"], "badUsage"),
    ])
    func aSettingThatIsImpossibleIsBadUsage(_ arguments: [String], _ code: String) throws {
        let run = try TillerProcess(arguments + ["--json"])
        #expect(run.status == 2)
        #expect(try run.jsonError()["code"] as? String == code)
    }

    @Test(arguments: [
        (["generate", "-p", ""], 2, "-p is empty"), (["generate", "-p", "  \t"], 2, "-p is empty"),
        (["generate", "-p", "-"], 1, "standard input: there is no prompt"),
        (["generate", "--raw", "-p", "-"], 1, "standard input: there is no prompt"),
        (["generate", "--raw", "-p", ""], 2, "the prompt is empty"),
        (["sweep", "-v", MeterCommandTests.vector, "--no-keep", "-p", ""], 2, "-p is empty"),
    ])
    func anEmptyPromptIsRefused(_ words: [String], _ status: Int, _ message: String) throws {
        let run = try TillerProcess(words + ["-n", "1", "--json"])
        #expect(Int(run.status) == status)
        let error = try run.jsonError()
        #expect((error["message"] as? String)?.hasPrefix(message) == true, "\(error)")
        #expect((error["fix"] as? String)?.contains("-p") == true)
    }

    /// White space is a text that goes on where nothing is made of it.
    @Test func aRawPromptOfWhiteSpaceIsTakenAsItIs() throws {
        #expect(try TillerProcess(["generate", "--raw", "-p", " ", "-n", "1", "--json"]).status == 0)
    }

    @Test func captureWritesEveryLayerAndTheLogits() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("c.safetensors")
        let run = try TillerProcess(["capture", "-p", "<|im_start|>user", "--raw", "-o", path, "--json"])
        #expect(try run.json()["ids"] as? [Int] == [1, 4093])
        let file = try TillerProcess(["inspect", path, "--json"]).json()
        #expect(file["kind"] as? String == "safetensors")
        let tensors = try #require(file["tensors"] as? [[String: Any]])
        #expect(tensors.map { $0["name"] as? String } == (0..<30).map { "residual_post.\($0)" } + ["logits"])
        #expect(tensors.first?["shape"] as? [Int] == [2, 576])
        #expect(tensors.last?["shape"] as? [Int] == [2, 49152])
    }

    @Test func captureCanBeNarrowedToWhatIsWanted() throws {
        let folder = try TemporaryFolder()
        let all = folder.file("all.safetensors")
        let some = folder.file("some.safetensors")
        let prompt = ["capture", "-p", "The weather is fine.", "-o"]
        #expect(try TillerProcess(prompt + [all]).status == 0)
        #expect(try TillerProcess(prompt + [some, "--layers", "14-15", "--last", "--no-logits"]).status == 0)
        let tokens = try #require(
            (try TillerProcess(["inspect", all, "--json"]).json()["tensors"] as? [[String: Any]])?
                .first?["shape"] as? [Int])[0]
        let tensors = try #require(
            try TillerProcess(["inspect", some, "--json"]).json()["tensors"] as? [[String: Any]])
        #expect(tensors.map { $0["name"] as? String } == ["residual_post.14", "residual_post.15"])
        #expect(tensors.allSatisfy { $0["shape"] as? [Int] == [1, 576] })

        func row(_ path: String, _ number: Int) throws -> [Double] {
            let json = try TillerProcess([
                "inspect", path, "--tensor", "residual_post.15", "--rows", "\(number)", "--json",
            ]).json()
            return try #require((json["rows"] as? [[String: Any]])?.first?["values"] as? [Double])
        }
        expectClose(
            try row(some, 0).map { Float($0) }, try row(all, tokens - 1).map { Float($0) },
            relativeError: 1e-5)
    }

    @Test func anAnswerThatTheFullContextEndsIsNoted() throws {
        let words = ["generate", "--raw", "-p", "Once upon a time", "-c", "12", "--temp", "0", "-n"]
        for length in ["40", "-1"] {
            let run = try TillerProcess(words + [length])
            #expect(run.status == 0)
            #expect(run.errors.contains("the context is full"), "\(length): \(run.errors)")
        }
        #expect(try TillerProcess(words + ["2"]).errors.contains("the context is full") == false)
    }

    @Test func aPromptLongerThanTheContextIsRefused() throws {
        let run = try TillerProcess(["generate", "-p", "a b c d e f g h", "-c", "8", "--json"])
        #expect(run.status == 1)
        #expect(try run.jsonError()["code"] as? String == "contextOverflow")
        #expect((try run.jsonError()["fix"] as? String)?.contains("-c") == true)
    }

    @Test(arguments: [
        ("empty.gguf", ""), ("page.gguf", "<!DOCTYPE html><html><body>404</body></html>"),
        ("short.gguf", "GGUF\u{3}\u{0}"),
        ("noise.gguf", "\u{7}~3kx9§%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"),
    ])
    func aFileThatIsNoModelIsATypedError(_ name: String, _ contents: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(name, contents)
        for command in [["generate", "-p", "x"], ["tokenize", "x"], ["bench"]] {
            let run = try TillerProcess(command + ["-m", path, "--json"])
            #expect(run.status == 1)
            let error = try run.jsonError()
            #expect((error["message"] as? String)?.contains(path) == true)
            #expect(error["fix"] is String)
        }
        #expect(try TillerProcess(["inspect", path]).status == 1)
    }
}
