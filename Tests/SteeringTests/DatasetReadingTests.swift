import Foundation
import Testing

@testable import Steering

@Suite struct DatasetReadingTests {
    private let whole = """
        {
          "$schema": "schema.json",
          "name": "happy", "description": "joy", "language": "en",
          "template": "Act {persona}.", "system": "You are {persona}.",
          "positive": ["happy", "joyous"],
          "negative": ["sad", "depressed"],
          "suffixes": ["That game", "I can see", ""],
          "truncate": true,
          "markers": { "positive": ["delight*"], "negative": ["gloom"] },
          "questions": ["How are you?"]
        }
        """

    private func read(_ text: String) throws -> Dataset {
        try Dataset(json: text.utf8, file: "data/mood.json")
    }

    private func error(_ text: String) -> SteeringError? {
        #expect(throws: SteeringError.self) { try read(text) }
    }

    @Test func personasAreRead() throws {
        let dataset = try read(whole)
        #expect(dataset.name == "happy")
        #expect(dataset.language == "en")
        #expect(dataset.markers == Markers(positive: ["delight*"], negative: ["gloom"]))
        #expect(dataset.questions == ["How are you?"])
        guard case .personas(let prompts) = dataset.content else {
            Issue.record("expected personas")
            return
        }
        #expect(prompts.system == "You are {persona}.")
        #expect(prompts.negative == ["sad", "depressed"])
        #expect(prompts.suffixes == ["That game", "I can see", ""])
        #expect(prompts.truncates)
    }

    @Test func readyMadePairsAndBareListsAreRead() throws {
        let list = #"[{"positive":"a","negative":"b"},{"positive":"c","negative":"d"}]"#
        let bare = try read(list)
        let named = try read("{\"pairs\": \(list), \"raw\": false}")
        #expect(bare.name == "mood")
        #expect(bare.isRaw && !named.isRaw)
        #expect(bare.content == named.content)
        #expect(
            bare.content
                == .pairs([.init(positive: "a", negative: "b"), .init(positive: "c", negative: "d")]))
    }

    @Test func aDatasetSurvivesItsOwnEncoding() throws {
        for text in [
            whole,
            #"{"name":"x","raw":false,"pairs":[{"positive":"a","negative":"b"},{"positive":"c","negative":"d"}]}"#,
        ] {
            let dataset = try read(text)
            #expect(try Dataset(json: JSONEncoder().encode(dataset), file: "other.json") == dataset)
        }
    }

    @Test(arguments: [
        (
            #""happy", "joyous"]"#, #""happy"]"#, SteeringError.Kind.unequalSides,
            "line 6, column 15: negative: "
        ),
        (#""sad", "depressed""#, #""sad", "joyous""#, .identicalSides, "line 5, column 25: positive[1]: "),
        (#""sad", "depressed""#, #""sad", "  ""#, .emptyField, "line 6, column 23: negative[1]: "),
        (#""sad", "depressed""#, #""sad", 7"#, .wrongType, "line 6, column 23: negative[1]: expected a text"),
        ("Act {persona}.", "Act.", .missingPersona, "template: no {persona}"),
        ("truncate", "truncates", .unknownField, "line 8, column 3: unknown field \"truncates\""),
        ("\"gloom\"]", "\"gloom\"], \"neutral\": []", .unknownField, "\"markers.neutral\""),
        ("true", "1", .wrongType, "line 8, column 15: truncate: expected true or false, found a number"),
        ("How are you?", " ", .emptyField, "questions[0]"),
        ("delight*", "", .emptyField, "line 9, column 29: markers.positive[0]: "),
        ("\"template\"", "\"comment\"", .missingField, "the field \"template\" is missing"),
        ("\"happy\", \"description\"", "\"\", \"description\"", .emptyField, "line 3, column 11: name: "),
        ("\"questions\"", "\"pairs\": [], \"questions\"", .mixedForms, "\"pairs\" or personas"),
    ])
    func aWrongFieldIsNamedWithItsPlace(old: String, new: String, kind: SteeringError.Kind, words: String) {
        var text = whole.replacingOccurrences(of: old, with: new)
        if kind == .missingPersona {
            text = text.replacingOccurrences(of: "You are {persona}.", with: "You.")
        }
        let error = error(text)
        #expect(error?.kind == kind)
        #expect(error?.message.hasPrefix("data/mood.json: line ") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.remedy != nil)
    }

    @Test func aMisspeltFieldGetsAGuess() {
        #expect(
            error(whole.replacingOccurrences(of: "truncate", with: "truncates"))?.remedy
                == "did you mean \"truncate\"?")
    }

    @Test(arguments: [
        ("[]", SteeringError.Kind.tooFewPairs, "the list: the dataset has 0 pairs"),
        (#"[{"positive":"a","negative":"b"}]"#, .tooFewPairs, "the dataset has 1 pair;"),
        (#"{"pairs":[]}"#, .tooFewPairs, "pairs: the dataset has 0 pairs"),
        (
            "[{\"positive\":\"a\",\"negative\":\"b\"},\n{\"positive\":\"c\",\"negative\":\"c\"}]",
            .identicalSides, "line 2, column 1: [1]"
        ),
        (#"{"pairs":[{"positive":"a"}]}"#, .missingField, "pairs[0]: the field \"negative\" is missing"),
        (#"{"pairs":[{"positive":"a","negativ":"b"}]}"#, .unknownField, "\"pairs[0].negativ\""),
        (
            #"{"instructions":[{"prompt":"x","positive":"a","negative":"b"}],"prompts":["y"]}"#,
            .unknownField,
            "\"instructions[0].prompt\""
        ),
        (#"{"pairs":["a"]}"#, .wrongType, "pairs[0]: expected an object, found a text"),
        ("7", .wrongType, "the file: expected an object, found a number"),
        (
            #"{"template":"{persona}","positive":["a"],"negative":["b"],"suffixes":["x"]}"#, .tooFewPairs,
            "give 1 pair;"
        ),
        (#"{"template":"{persona}","positive":[],"negative":[]}"#, .tooFewPairs, "give 0 pairs;"),
    ])
    func pairsThatCannotGiveADirectionAreRefused(text: String, kind: SteeringError.Kind, words: String) {
        let error = error(text)
        #expect(error?.kind == kind)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: ["/nowhere/happy.json", "/"]) func aPathThatCannotBeReadIsNamed(path: String) {
        let error = #expect(throws: SteeringError.self) { try Dataset(path: path) }
        #expect(error?.kind == .unreadableFile)
        #expect(error?.message.hasPrefix("\(path): ") == true)
    }

    @Test func aDatasetPutTogetherInCodeKeepsTheSameRules() {
        let error = #expect(throws: SteeringError.self) {
            try Dataset(
                name: "mood",
                content: .personas(.init(template: "{persona}", positive: ["a", "b"], negative: ["c"])))
        }
        #expect(error?.kind == .unequalSides)
        #expect(error?.message.hasPrefix("dataset mood: negative: ") == true)
    }
}
