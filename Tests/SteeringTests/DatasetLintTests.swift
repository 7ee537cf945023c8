import Foundation
import Terms
import Testing

@testable import Steering

@Suite struct DatasetLintTests {
    /// One token a word; those that begin with `<` are special, and so is 1, the beginning of a sequence.
    private struct Encoder: PromptEncoder {
        var hasTemplate = true

        private func words(_ text: String) -> [TokenID] {
            text.split(separator: " ").map { word in
                let hash = word.utf8.reduce(UInt32(7)) { ($0 &* 31 &+ UInt32($1)) % 1_000_000 }
                return TokenID(Int32(hash) * 2 + (word.hasPrefix("<") ? 1_000_001 : 2))
            }
        }
        func chatPrompt(user: String, system: String?) throws -> [TokenID] {
            guard hasTemplate else { throw SteeringError(.noChatTemplate, "no template") }
            return [TokenID(1)] + words("<|im_start|> user \(system ?? "") \(user) <|im_end|>")
        }
        func rawPrompt(_ text: String) throws -> [TokenID] { words(text) }
        func answerTokens(_ text: String, behind prompt: [TokenID]) throws -> [TokenID] { words(text) }
        func isSpecial(_ token: TokenID) -> Bool { token.index == 1 || token.index % 2 == 1 }
    }

    private func findings(_ json: String, hasTemplate: Bool = true) throws -> [LintFinding] {
        let dataset = try Dataset(json: json.utf8, file: "mood.json")
        return try DatasetLint.findings(in: dataset, for: Encoder(hasTemplate: hasTemplate))
    }

    private func rules(_ json: String, hasTemplate: Bool = true) throws -> [LintFinding.Rule] {
        try findings(json, hasTemplate: hasTemplate).map(\.rule)
    }

    /// Ten suffixes, with changes.
    private func personas(
        _ positive: String = "happy", _ negative: String = "sad", suffixes: [String] = [],
        markers: String = "", questions: String = #""How are you?""#
    ) -> String {
        let own = (0..<10).map { "The \($0) thing is" } + suffixes
        return """
            {"template": "Be {persona} now.", "positive": ["\(positive)"], "negative": ["\(negative)"],
             "suffixes": [\(own.map { "\"\($0)\"" }.joined(separator: ","))],
             "markers": {"positive": [\(markers)]}, "questions": [\(questions)]}
            """
    }

    private func pairs(
        _ count: Int = 10, raw: Bool = true,
        _ pair: (Int) -> (String, String) = { ("good \($0) x", "bad \($0) x") }
    ) -> String {
        let list = (0..<count).map { pair($0) }
            .map { #"{"positive": "\#($0.0)", "negative": "\#($0.1)"}"# }
        return #"{"raw": \#(raw), "questions": ["How?"], "pairs": [\#(list.joined(separator: ","))]}"#
    }

    @Test func aSoundDatasetHasNoFindings() throws {
        #expect(try rules(personas()) == [])
        #expect(try rules(pairs(raw: false)) == [])
    }

    @Test func sidesThatBecomeTheSameTokensAreAnError() throws {
        // The encoder splits at spaces, as tokenizers may fold them.
        let finding = try #require(try findings(personas("very happy", "very  happy")).first)
        #expect(finding.rule == .identicalSides && finding.severity == .error)
    }

    @Test func fewPairsAreToldWithTheirNumber() throws {
        let finding = try #require(try findings(pairs(9, raw: false)).first)
        #expect(finding.rule == .tooFewPairs && finding.severity == .warning)
        #expect(finding.numbers.first == .init(name: "sources", value: 9))
        #expect(finding.message.hasPrefix("9 pairs, expected at least 10"))
    }

    @Test func fewSourcesAreSeenWithoutAModelToo() throws {
        func found(_ json: String) throws -> [LintFinding] {
            DatasetLint.findings(in: try Dataset(json: json.utf8, file: "mood.json"))
        }
        let pairs = try #require(try found(pairs(9, raw: false)).first)
        #expect(pairs == (try findings(self.pairs(9, raw: false)).first))
        #expect(pairs.rule == .tooFewPairs)
        #expect(try found(self.pairs(10)) == [] && found(personas()) == [])
        // How many pairs suffixes give is for tokens to say.
        let few = personas().replacingOccurrences(of: #""The 9 thing is""#, with: "").replacingOccurrences(
            of: ",]", with: "]")
        let suffixes = try #require(try found(few).first)
        #expect(suffixes.message.hasPrefix("9 suffixes, expected at least 10"))
        #expect(suffixes.numbers == [.init(name: "sources", value: 9)])
        let lone =
            #"{"template": "{persona}", "positive": ["a", "b"], "negative": ["c", "d"], "suffixes": ["I"], "questions": ["How?"]}"#
        #expect(try found(lone).first?.message.hasPrefix("2 persona pairs, ") == true)
    }

    @Test func repetitionsAreCounted() throws {
        let finding = try #require(
            try findings(personas(suffixes: ["the 3  thing IS", "The 4 thing is"])).first)
        #expect(finding.rule == .duplicates)
        #expect(finding.message.hasPrefix("2 of 12 suffixes stand there before: "))
        #expect(
            try rules(pairs(12, raw: false) { ("good \($0 % 11) x", "bad \($0 % 11) x") }) == [.duplicates])
    }

    @Test func aTextOnBothSidesCancelsItself() throws {
        let json = pairs(raw: false) { index in
            index % 2 == 0 ? ("yes \(index) x", "no \(index) x") : ("no \(index - 1) x", "yes \(index - 1) x")
        }
        #expect(try rules(json) == [.contradiction])
        #expect(try findings(json).first?.numbers.first?.value == 10)
    }

    @Test func sidesOfDifferentLengthsAreToldInTokens() throws {
        let finding = try #require(
            try findings(personas("happy and glad and full of joy and delight", "sad")).first)
        #expect(finding.rule == .lengthSkew)
        #expect(finding.numbers.map(\.value) == [9, 1, 1])
        #expect(finding.message.contains("the positive side is longer: 9.0 tokens"))
        // A longer text alone is no skew.
        #expect(try rules(personas("happy and glad", "sad or glum")) == [])
        #expect(try rules(personas("happy and glad", "sad")) == [])
    }

    @Test func rawPromptsWithoutTheTemplateAreToldWhereTheModelHasOne() throws {
        #expect(try rules(pairs()) == [.templateNotApplied])
        #expect(try rules(pairs(), hasTemplate: false) == [])
        let templated = pairs {
            ("<|im_start|> good \($0) <|im_end|> x", "<|im_start|> bad \($0) <|im_end|> x")
        }
        #expect(try rules(templated) == [])
    }

    @Test func aTemplateInTextsThatGetOneIsTold() throws {
        let json = pairs(raw: false) {
            ("<|im_start|> good \($0) <|im_end|> x", "<|im_start|> bad \($0) <|im_end|> x")
        }
        let finding = try #require(try findings(json).first)
        #expect(finding.rule == .foreignTemplate)
        #expect(finding.message.contains("<|im_start|>, <|im_end|>"))
    }

    @Test func lastTokensAreLookedAtOnlyWhereTheyAreRead() throws {
        let json = pairs(raw: true) { ("<a> x \($0) yes", "<a> x \($0) no") }
        let dataset = try Dataset(json: json.utf8, file: "mood.json")
        func isFound(_ readout: Readout) throws -> Bool {
            try DatasetLint.findings(in: dataset, for: Encoder(), readout: readout).contains {
                $0.rule == .lastTokenDiffers
            }
        }
        #expect(try isFound(.last) && isFound(.lastTokens(1)) && !isFound(.lastTokens(3)))
        // Of pairs that do not say where an answer begins the last token is read all the same.
        #expect(try isFound(.mean))
    }

    @Test func lastTokensThatDifferGiveTheAnswerAway() throws {
        let finding = try #require(
            try findings(pairs(raw: true) { ("<a> x \($0) yes", "<a> x \($0) no") }).first {
                $0.rule == .lastTokenDiffers
            })
        #expect(finding.numbers.map(\.value) == [10, 10, 1, 1])
        #expect(finding.message.contains("10 of 10 pairs (1 token against 1)"))
        #expect(finding.remedy.contains("--readout last:K"))
    }

    @Test func aSuffixMustNotTakeSides() throws {
        let json = personas(suffixes: ["I am so happy that"], markers: #""delight*""#)
        let finding = try #require(try findings(json).first)
        #expect(finding.rule == .suffixTakesSides)
        #expect(
            try rules(personas(suffixes: ["The delightful end is"], markers: #""delight*""#)) == [
                .suffixTakesSides
            ])
        #expect(try rules(personas(suffixes: ["Whether happy or sad, I"])) == [])
    }

    @Test func questionsMustNotHaveBeenSeen() throws {
        #expect(try rules(personas(questions: #""The 3 thing is""#)) == [.questionSeen])
        #expect(try findings(personas(questions: "")).map(\.severity) == [.note])
    }

    @Test func instructionsWhoseAnswersAreYetToBeGivenAreNoError() throws {
        func json(_ prompts: String) -> String {
            #"{"instructions": [{"positive": "Be glad.", "negative": "Be sad."}], "prompts": [\#(prompts)], "questions": ["How?"]}"#
        }
        #expect(try findings(json(#""What is new?", "Who are you?""#)) == [])
        #expect(try rules(json(#""What is new?", "what is  new?""#)) == [.duplicates])
    }

    @Test func worseFindingsComeFirst() throws {
        let severities = try findings(personas("x", "x ", suffixes: ["The 1 thing is"], questions: "")).map(
            \.severity)
        // "x" and "x " are one text to a reader, so it stands on both sides too.
        #expect(severities == [.error, .warning, .warning, .note])
    }

    @Test(arguments: ShippedDatasetsTests.traits) func shippedDatasetsHaveNothingToObjectTo(
        name: String
    ) throws {
        let dataset = try Dataset(path: ShippedDatasetsTests.path(name))
        #expect(DatasetLint.findings(in: dataset) == [])
        let findings = try DatasetLint.findings(in: dataset, for: DefaultModel.open())
        #expect(findings == [], "\(findings.map(\.message))")
    }
}
