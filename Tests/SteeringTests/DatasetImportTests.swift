import Foundation
import Testing
import _TestSupport

@testable import Steering

/// Files of other tools, small and made up here.
@Suite struct DatasetImportTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(_ name: String, _ text: String) throws -> String {
        try folder.write(Array(text.utf8), to: name)
    }

    /// Imports, and checks that the dataset survives being written and read.
    private func imported(
        _ paths: [String], _ change: (inout DatasetImport) -> Void = { _ in }
    ) throws
        -> DatasetImport.Outcome
    {
        var reading = DatasetImport()
        change(&reading)
        let outcome = try reading.run(paths)
        let bytes = try JSONEncoder().encode(outcome.dataset)
        #expect(try Dataset(json: bytes, file: "again.json") == outcome.dataset)
        return outcome
    }

    private func error(
        _ paths: [String], _ change: (inout DatasetImport) -> Void = { _ in }
    ) -> SteeringError? {
        var reading = DatasetImport()
        change(&reading)
        return #expect(throws: SteeringError.self) { try reading.run(paths) }
    }

    @Test func whatAFormHasNoUseForIsRefused() throws {
        let pairs = try file("pairs.json", #"[["a x", "b x"], ["c x", "d x"]]"#)
        for change in [
            { $0.template = "{persona}" }, { $0.positive = ["happy"] }, { $0.negative = ["sad"] },
        ] as [(inout DatasetImport) -> Void] {
            #expect(error([pairs], change)?.kind == .unusedInput)
        }
        let lines = try file("a.txt", "one\ntwo\n")
        #expect(error([lines, lines, lines])?.remedy == "name the 2 files that belong together")
        #expect(error([pairs, pairs])?.remedy == "import the files one by one")
    }

    // MARK: - repeng

    @Test(arguments: [
        #"[{"positive": "[INST] a", "negative": "b"}, {"positive": "c", "negative": "d", "id": 7}]"#,
        #"[["[INST] a", "b"], ["c", "d"]]"#,
    ])
    func repengsPairsAreRawPrompts(text: String) throws {
        let outcome = try imported([try file("mood.json", text)])
        #expect(outcome.kind == .repeng && outcome.dataset.name == "mood" && outcome.dataset.isRaw)
        #expect(
            outcome.dataset.content
                == .pairs([.init(positive: "[INST] a", negative: "b"), .init(positive: "c", negative: "d")]))
    }

    @Test func repengsSuffixesBecomePromptsOfPersonas() throws {
        let path = try file("all_truncated_outputs.json", #"["", "That game", "I can see"]"#)
        let outcome = try imported([path]) {
            $0.name = "happy"
            $0.positive = ["happy", "glad"]
            $0.negative = ["sad", "glum"]
        }
        #expect(outcome.kind == .repengSuffixes && outcome.dataset.name == "happy" && !outcome.dataset.isRaw)
        #expect(
            outcome.dataset.content
                == .personas(
                    PersonaPrompts(
                        template: "Act as if you're extremely {persona}.", positive: ["happy", "glad"],
                        negative: ["sad", "glum"], suffixes: ["", "That game", "I can see"], truncates: true))
        )
        let missing = error([path])
        #expect(missing?.kind == .missingInput && missing?.remedy?.contains("--positive") == true)
        let unequal = error([path]) { ($0.positive, $0.negative) = (["a", "b"], ["c"]) }
        #expect(unequal?.kind == .unequalSides && unequal?.message.hasPrefix("--negative: ") == true)
    }

    // MARK: - llama.cpp

    @Test func llamaCppsFilesAreLinesWithEscapes() throws {
        let positive = try file("positive.txt", "<|im_start|>a\\nb\\x41\n\nsecond \\q \\\\ \\x4\r\nlast\\")
        let negative = try file("negative.txt", "x\ny\n\n\nz\n")
        let outcome = try imported([positive, negative])
        #expect(outcome.kind == .llamaCpp && outcome.dataset.isRaw)
        #expect(
            outcome.dataset.content
                == .pairs([
                    .init(positive: "<|im_start|>a\nbA", negative: "x"),
                    .init(positive: "second \\q \\ \\x4", negative: "y"),
                    .init(positive: "last\\", negative: "z"),
                ]))
        #expect(outcome.notes.contains { $0.contains("carriage returns") })
    }

    /// As `string_process_escapes` of llama.cpp's common.cpp.
    @Test(arguments: [
        (#"\n\r\t\'\"\\"#, "\n\r\t'\"\\"), (#"\x41\x4a\x4A"#, "AJJ"), (#"\x4"#, #"\x4"#),
        (#"\xg1"#, #"\xg1"#),
        (#"\q\0"#, #"\q\0"#), (#"\"#, #"\"#), (#"\\n"#, #"\n"#), ("é\\né", "é\né"), (#"\xC3\xA9"#, "é"),
    ])
    func escapesAreThoseOfLlamaCpp(line: String, text: String) {
        #expect(String(decoding: DatasetImport.unescaped(line.utf8), as: UTF8.self) == text)
    }

    @Test func llamaCppsFilesMustMatch() throws {
        let one = try file("p.txt", "a\nb\n")
        #expect(error([one])?.kind == .missingInput)
        #expect(error([one, try file("n.txt", "x\n")])?.kind == .unequalSides)
        let same = error([one, try file("s.txt", "x\n\nb\n")])
        #expect(same?.kind == .identicalSides)
        #expect(
            same?.message.contains("p.txt: line 2") == true && same?.message.contains("s.txt: line 3") == true
        )
        #expect(
            error([one, try file("e.txt", "\\xff\ny\n")])?.message.contains("line 1: its \\x escapes") == true
        )
    }

    // MARK: - persona_vectors

    private let trait = """
        {"instruction": [{"pos": "Be kind.", "neg": "Be rude."}, {"pos": "Care.", "neg": "Sneer."}],
         "questions": ["A?", "B?", "C?", "D?", "E?"], "eval_prompt": "Rate it."}
        """

    @Test func theModelAnswersTheQuestionsUnderTheInstructions() throws {
        let outcome = try imported([try file("kind.json", trait)])
        #expect(
            outcome.kind == .personaVectors && !outcome.dataset.isRaw && outcome.dataset.questions == ["D?"])
        let instructions = [
            TextPair(positive: "Be kind.", negative: "Be rude."),
            TextPair(positive: "Care.", negative: "Sneer."),
        ]
        let prompts = ["A?", "B?", "C?", "E?"]
        #expect(
            outcome.dataset.content
                == .instructions(InstructionPrompts(instructions: instructions, prompts: prompts)))
        #expect(outcome.notes.contains { $0.contains("eval_prompt is left out") })

        let asking = trait.replacing("Rate it.", with: "Is {answer} to {question} kind?")
        let judged = try imported([try file("judged.json", asking)])
        #expect(
            judged.dataset.content
                == .instructions(
                    InstructionPrompts(
                        instructions: instructions, prompts: prompts,
                        judgePrompt: "Is {answer} to {question} kind?")))
        #expect(
            JudgeOptions(for: judged.dataset).prompt(question: "A?", answer: "Yes") == "Is Yes to A? kind?")
    }

    @Test func aSecondTraitFileBringsTheQuestionsForEvaluation() throws {
        let outcome = try imported([
            try file("kind.json", trait), try file("eval.json", #"{"questions": ["A?", "X?"]}"#),
        ])
        #expect(outcome.dataset.questions == ["X?"])
        #expect(outcome.notes.first?.hasPrefix("1 question is kept for evaluation") == true)
    }

    @Test func aSecondTraitFileWithoutQuestionsIsRefused() throws {
        let trait = try file("kind.json", trait)
        for text in [#"{"instruction": []}"#, #"{"questions": []}"#] {
            let error = error([trait, try file("eval.json", text)])
            #expect(error?.kind == .missingField)
            #expect(
                error?.message.hasSuffix("eval.json: line 1, column 1: the field \"questions\" is missing")
                    == true)
        }
    }

    // MARK: - CAST

    @Test func refusalsArePositiveAndAnswerAQuestionEach() throws {
        let behaviour = try file(
            "refusal.json",
            #"{"compliant_responses": ["Sure", "Yes", "Ok"], "non_compliant_responses": ["No", "Sorry"]}"#)
        let questions = try file(
            "alpaca.json", #"{"train": [{"question": "Q1"}, {"question": "Q2"}, {"question": "Q3"}]}"#)
        let outcome = try imported([behaviour, questions])
        #expect(
            outcome.kind == .activationSteering && !outcome.dataset.isRaw
                && outcome.dataset.questions == ["Q3"])
        #expect(
            outcome.dataset.content
                == .pairs([
                    .init(prompt: "Q1", positive: "No", negative: "Sure"),
                    .init(prompt: "Q2", positive: "Sorry", negative: "Yes"),
                ]))
        #expect(outcome.notes.contains { $0.contains("3") && $0.contains("left out") })
        #expect(error([behaviour])?.kind == .missingInput)
        for change in [{ $0.positive = ["a"] }, { $0.negative = ["a"] }] as [(inout DatasetImport) -> Void] {
            let error = error([behaviour, questions], change)
            #expect(error?.kind == .unusedInput && error?.message.contains(behaviour) == true)
        }
    }

    @Test func conditionsAreTwoKindsOfUserTurns() throws {
        let path = try file(
            "condition.json",
            #"{"train": [{"harmful": "h1", "harmless": "c1"}, {"harmful": "h2", "harmless": "c2"}], "test": [{"harmful": "h3"}]}"#
        )
        let outcome = try imported([path])
        #expect(outcome.dataset.questions == ["h3"] && !outcome.dataset.isRaw)
        #expect(
            outcome.dataset.content
                == .pairs([.init(positive: "h1", negative: "c1"), .init(positive: "h2", negative: "c2")]))
        #expect(error([path, path])?.message == "\(path): a condition file of cast stands alone")
        let many = try file(
            "many.json", #"{"train": [{"a": "1", "b": "2", "c": "3"}, {"a": "4", "b": "5", "c": "6"}]}"#)
        #expect(error([many])?.message.contains("a, b, c") == true)
        let chosen = try imported([many]) { ($0.positive, $0.negative) = (["c"], ["a"]) }
        #expect(
            chosen.dataset.content
                == .pairs([.init(positive: "3", negative: "1"), .init(positive: "6", negative: "4")]))
        let turned = try imported([path]) { $0.negative = ["harmful"] }
        #expect(turned.notes == ["harmless is the positive side, harmful the negative"])
        #expect(
            error([path]) { ($0.positive, $0.negative) = (["harmful"], ["harmful"]) }?.kind == .missingInput)
        #expect(error([many]) { ($0.positive, $0.negative) = (["c", "b"], ["a"]) }?.kind == .unusedInput)
    }

    // MARK: - steerkit

    @Test(arguments: ["pairs.jsonl", "pairs.json"]) func responsesAnswerTheirPrompt(name: String) throws {
        let path = try file(
            name,
            #"{"prompt": "Q", "positive_response": "y", "negative_response": "n", "id": 1}"# + "\n\n"
                + #"{"prompt": "R", "positive_response": "yes", "negative_response": "no"}"# + "\n")
        let outcome = try imported([path])
        #expect(outcome.kind == .steerkit && !outcome.dataset.isRaw)
        #expect(
            outcome.dataset.content
                == .pairs([
                    .init(prompt: "Q", positive: "y", negative: "n"),
                    .init(prompt: "R", positive: "yes", negative: "no"),
                ]))
    }

    // MARK: - Faults

    @Test(arguments: [
        (
            "a.jsonl",
            "{\"prompt\": \"Q\", \"positive_response\": \"y\", \"negative_response\": \"n\"}\n{\"prompt\": 7}",
            SteeringError.Kind.wrongType, "a.jsonl: line 2, column 12: prompt: expected a text"
        ),
        ("b.jsonl", "{\"prompt\": \"Q\"}\n", .missingField, "the field \"positive_response\" is missing"),
        (
            "c.json", #"[{"positive": "a", "negative": "b"}, {"positive": "c"}]"#, .missingField,
            "[1]: the field \"negative\""
        ),
        ("d.json", #"[["a", "b"], ["c"]]"#, .wrongType, "[1]: expected a list of two texts"),
        ("e.json", #"[["a", "b"], ["c", "c"]]"#, .identicalSides, "e.json: line 1, column 14: [1]"),
        (
            "f.json", #"{"instruction": [{"pos": "a"}], "questions": ["q"]}"#, .missingField,
            "instruction[0]: the field \"neg\""
        ),
        ("g.json", #"{"instruction": [], "questions": ["q"]}"#, .tooFewPairs, "g.json"),
        ("h.json", #"{"template": "{persona}"}"#, .unknownForm, "a dataset of Tiller already"),
        (
            "n.json", #"{"instructions": [{"positive": "a", "negative": "b"}], "prompts": ["q"]}"#,
            .unknownForm,
            "a dataset of Tiller already"
        ),
        (
            "o.json", #"[{"prompt": "q", "positive": "a", "negative": "b"}]"#, .unknownForm,
            "a dataset of Tiller already"
        ),
        ("i.json", "{}", .unknownForm, "no form of prompts"),
        ("j.json", "[]", .unknownForm, "no form of prompts"),
        ("k.json", "[7]", .unknownForm, "no form of prompts"),
        ("l.json", "{", .invalidJSON, "l.json: line 1"),
        ("m.json", "", .missingInput, "m.json"),
        ("p.json", "\u{FEFF}[[\"a\", \"b\"]]", .byteOrderMark, "mark of UTF-8"),
        ("q", "[INST] Be kind. [/INST]\n", .missingInput, "llama.cpp"),
    ])
    func aWrongFileIsNamedWithItsPlace(
        name: String, text: String, kind: SteeringError.Kind, words: String
    ) throws {
        let error = error([try file(name, text)])
        #expect(error?.kind == kind)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.remedy != nil)
    }

    @Test(arguments: [
        // The fourth question is kept for evaluation, so that the fifth is the fourth that is asked.
        (
            [
                #"{"instruction": [{"pos": "a", "neg": "b"}], "questions": ["A?", "B?", "C?", "D?", " "]}"#
            ], "0.json: line 1, column 83: questions[4]: "
        ),
        (
            [
                #"{"instruction": [{"pos": "a", "neg": "b"}], "questions": ["A?", "B?", "C?", " "]}"#
            ], "0.json: line 1, column 77: questions[3]: "
        ),
        // Of a second file those that the first has are left out.
        (
            [
                #"{"instruction": [{"pos": "a", "neg": "b"}], "questions": ["A?", "B?"]}"#,
                #"{"questions": ["A?", "X?", " "]}"#,
            ], "1.json: line 1, column 28: questions[2]: "
        ),
        (
            [
                #"{"train": [{"bad": "a", "good": "b"}, {"bad": "c", "good": "d"}], "test": [{"bad": "a"}, {"bad": " "}]}"#
            ], "0.json: line 1, column 98: test[1].bad: "
        ),
        (
            [
                #"{"non_compliant_responses": ["No", "Never"], "compliant_responses": ["Yes", "Sure"]}"#,
                #"["Q", " "]"#,
            ], "1.json: line 1, column 7: [1]: the prompt text is empty"
        ),
        (
            [
                #"{"non_compliant_responses": ["No", "Never"], "compliant_responses": ["Yes", " "]}"#,
                #"{"train": [{"question": "Q"}]}"#,
            ], "0.json: line 1, column 77: compliant_responses[1]: the negative text is empty"
        ),
        (
            [
                #"{"non_compliant_responses": ["No"], "compliant_responses": ["Yes"]}"#,
                #"{"train": [{"question": "Q"}, {"question": "R"}, {"question": ""}]}"#,
            ], "0.json: line 1, column 29: non_compliant_responses: the dataset has 1 pair"
        ),
        (
            [
                #"{"non_compliant_responses": ["No", "Never"], "compliant_responses": ["Yes", "Sure"]}"#,
                #"{"train": [{"question": "Q"}, {"question": "R"}, {"question": ""}]}"#,
            ], "1.json: line 1, column 63: train[2].question: "
        ),
        (
            [#"[{"prompt": "Q", "positive_response": "y", "negative_response": " "}]"#],
            "0.json: line 1, column 65: [0].negative_response: the negative text is empty"
        ),
    ])
    func aTextThatADatasetRefusesIsNamedWhereItsOwnFileHasIt(texts: [String], words: String) throws {
        let paths = try texts.enumerated().map { try file("\($0.offset).json", $0.element) }
        let error = error(paths)
        #expect(error?.message.hasPrefix(folder.file(words)) == true, "\(error?.message ?? "")")
    }

    @Test func anEmptyNameIsTheOptionsFault() throws {
        let pairs = try file("pairs.json", #"[["a x", "b x"], ["c x", "d x"]]"#)
        #expect(error([pairs]) { $0.name = "" }?.message == "--name: the name is empty")
    }

    @Test func theAdviceForFilesOfOtherToolsIsNotAboutOurs() throws {
        let wrong = try file("wrong.json", #"{"instruction": [7], "questions": ["q"]}"#)
        #expect(
            error([wrong])?.remedy == "tiller import --help says what the files of each form hold")
    }

    @Test func formsCanBeChosen() throws {
        let path = try file(
            "x.dat", #"[{"positive": "a", "negative": "b"}, {"positive": "c", "negative": "d"}]"#)
        #expect(error([path]) { $0.kind = .steerkit }?.kind == .missingField)
        #expect(try imported([path]) { $0.kind = .repeng }.kind == .repeng)
        #expect(error([path, path])?.message.contains("is 1 file") == true)
        #expect(error([])?.kind == .missingInput)
        #expect(error([folder.file("absent.json")])?.kind == .unreadableFile)
    }
}
