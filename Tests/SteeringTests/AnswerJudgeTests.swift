import ControlVectors
import Foundation
import Generation
import Synchronization
import Testing
import Tokenizers
import _TestSupport

@testable import Steering

/// Judges that are closures: nothing here leaves the process.
@Suite struct AnswerJudgeTests {
    private static let dataset = """
        {"name": "happy", "description": "Cheerful against sad.",
         "instructions": [{"positive": "You are very happy and cheerful.", "negative": "You are very sad and hopeless."},
                          {"positive": "Be full of joy.", "negative": "Be full of sorrow."}],
         "prompts": ["How was your day?", "Tell me about your room.", "What do you think of rain?"]}
        """

    private func recipe(_ json: String = dataset) throws -> ExtractionRecipe {
        var recipe = ExtractionRecipe(try Dataset(json: json.utf8, file: "persona.json"))
        recipe.layers = try LayerSelection("14")
        recipe.method = .always(.mean)
        recipe.readout = .mean
        recipe.answers.maximumTokens = 12
        recipe.answers.minimumTokens = 4
        recipe.judge = JudgeOptions(for: recipe.dataset)
        return recipe
    }

    @Test(arguments: [
        ("0", 0), ("100", 100), (" 73\n", 73), ("62.5", 62.5), ("07", 7),
    ])
    func aReplyThatIsOneNumberIsAScore(reply: String, score: Double) {
        #expect(JudgeScore(reply) == .number(score))
    }

    @Test(arguments: [
        "", " ", "101", "-1", "+5", "1e1", ".5", "5.", "1.2.3", "85/100", "Score: 85", "85 because", "nan",
        "inf",
        "0x10", "８５", "eighty", "I give REFUSAL",
    ])
    func anyOtherReplyIsNone(reply: String) {
        #expect(JudgeScore(reply) == nil)
    }

    @Test func theThresholdBelongsToThePositiveSideAndRefusalsToNeither() {
        #expect(JudgeScore("REFUSAL") == .refusal && JudgeScore(" refusal\n") == .refusal)
        #expect(JudgeScore.number(50).keeps(isPositive: true, threshold: 50))
        #expect(!JudgeScore.number(50).keeps(isPositive: false, threshold: 50))
        #expect(JudgeScore.number(49.9).keeps(isPositive: false, threshold: 50))
        #expect(!JudgeScore.number(49.9).keeps(isPositive: true, threshold: 50))
        for side in [true, false] { #expect(!JudgeScore.refusal.keeps(isPositive: side, threshold: 50)) }
    }

    @Test func placeholdersInAnAnswerAreText() throws {
        var options = try #require(try recipe().judge)
        #expect(options.prompt.contains("happy. Cheerful against sad."))
        options.prompt = "Q {question} A {answer} {other} {"
        #expect(
            options.prompt(question: "{answer}?", answer: "{question}")
                == "Q {answer}? A {question} {other} {")
    }

    @Test func equalAnswersAreAskedAboutOnceAndScoresKeepTheirOrder() throws {
        let asked = Mutex<[String: Int]>([:])
        var options = try #require(try recipe().judge)
        options.prompt = "{answer}"
        let judge = AnswerJudge(options: options) { prompt in
            asked.withLock { $0[prompt, default: 0] += 1 }
            return prompt
        }
        let answers = (0..<20).map { "\($0 % 13)" }
        let scores = try judge.scores(of: answers.map { .init(question: "", answer: $0) }) { _, _, _ in }
        #expect(scores == answers.map { .number(Double($0) ?? -1) })
        #expect(asked.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<13).map { ("\($0)", 1) }))
    }

    @Test func eightQuestionsAreUnderWayTogetherOnAnyNumberOfProcessors() throws {
        var options = try #require(try recipe().judge)
        options.prompt = "{answer}"
        let underWay = Mutex((now: 0, most: 0))
        let judge = AnswerJudge(options: options) { prompt in
            underWay.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            // Nobody is answered before all have asked, unless that never comes.
            for _ in 0..<200 where underWay.withLock({ $0.most }) < 8 { usleep(5000) }
            underWay.withLock { $0.now -= 1 }
            return prompt
        }
        _ = try judge.scores(of: (0..<8).map { .init(question: "", answer: "\($0)") }) { _, _, _ in }
        #expect(underWay.withLock { $0.most } == 8)
    }

    @Test func aRunThatGoesOnAsksOnlyWhatNobodyHasAnswered() throws {
        struct Killed: Error {}
        let folder = try TemporaryFolder()
        var options = try #require(try recipe().judge)
        options.prompt = "{answer}"
        let cases = (0..<20).map { AnswerJudge.Case(question: "", answer: "\($0)") }
        let asked = Mutex<[String]>([])
        func scores(dyingAt last: Int, work: UInt64 = 1) throws -> [JudgeScore] {
            let kept = JudgeReplies(folder: folder.path, key: work)
            return try AnswerJudge(options: options, kept: kept) { prompt in
                asked.withLock { $0.append(prompt) }
                if Int(prompt) == last { throw Killed() }
                return prompt
            }.scores(of: cases) { _, _, _ in }
        }
        #expect(throws: Killed.self) { try scores(dyingAt: 16) }
        // A line that was not finished, and one that is no reply.
        let name = try #require(folder.names.first)
        try folder.write(try #require(folder.read(name)) + Array("{\"question\":\"1".utf8), to: name)
        asked.withLock { $0 = [] }
        #expect(try scores(dyingAt: -1) == (0..<20).map { .number(Double($0)) })
        // What was replied beside the one that failed is not asked for again.
        #expect(asked.withLock { $0 } == ["16"])
        asked.withLock { $0 = [] }
        #expect(try scores(dyingAt: -1, work: 2).count == 20)
        #expect(asked.withLock { $0.count } == 20)
        JudgeReplies(folder: folder.path, key: 1).remove()
        asked.withLock { $0 = [] }
        #expect(try scores(dyingAt: -1, work: 2).count == 20)
        #expect(asked.withLock { $0.isEmpty })
        JudgeReplies(folder: folder.path, key: 2).remove()
        #expect(folder.names.isEmpty)
    }

    @Test func repliesAreThoseOfOneAddressAndNoVerdictOutlivesItsRun() throws {
        struct Killed: Error {}
        let model = try DefaultModel.open()
        let folder = try TemporaryFolder()
        let recipe = try recipe()
        let asked = Mutex(0)
        func extract(at address: String, dyingAfter last: Int = .max) throws {
            let work = ExtractionWork(folder: folder.file("work"), judgeAddress: address)
            asked.withLock { $0 = 0 }
            // Not below the threshold, so that no negative answer is kept.
            _ = try Extraction.run(recipe, on: model, threads: 2, toolVersion: "1", work: work) { _ in
                guard
                    asked.withLock({
                        $0 += 1; return $0
                    }) <= last
                else { throw Killed() }
                return "50"
            }
        }
        #expect(throws: Killed.self) { try extract(at: "http://a/v1", dyingAfter: 8) }
        #expect(folder.names == ["work"])
        let ofOneRun = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder.file("work")).first)
        #expect(throws: SteeringError.self) { try extract(at: "http://b/v1") }
        let whole = asked.withLock { $0 }
        // The other server's verdict is gone, and what the first one said is not.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("work")) == [ofOneRun])
        #expect(throws: SteeringError.self) { try extract(at: "http://a/v1") }
        #expect(asked.withLock { $0 } == whole - 8)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("work")).isEmpty)
    }

    @Test func whatTheJudgeSaysDecidesAndIsCountedInTheVector() throws {
        let model = try DefaultModel.open()
        var recipe = try recipe()
        let plain = try Extraction.run(
            changed(recipe) { $0.judge = nil }, on: model, threads: 2, toolVersion: "1")
        #expect(plain.vector.extraction?.judgement == nil)

        // Only answers to the prompt about rain, which come last, go against their side or are refusals.
        recipe.judge?.prompt = "{question}|{answer}"
        let sides = Mutex<[String]>([])
        let judge: JudgeQuestion = { prompt in
            sides.withLock { $0.append(prompt) }
            return prompt.hasPrefix("What do you think of rain?") ? "REFUSAL" : "50"
        }
        // Negative answers with 50 are not below the threshold, so that no pair is left.
        let error = #expect(throws: SteeringError.self) {
            try Extraction.run(recipe, on: model, threads: 2, toolVersion: "1", judge: judge)
        }
        #expect(error?.kind == .tooFewAnswers)
        #expect(error?.message.contains("gpt-4.1-mini kept 4 of") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("0 of") == true)

        // A judge that knows the answers: those of the negative side get low scores.
        let negatives = try negativeAnswers(of: plain.report.pairs, asked: sides.withLock { $0 })
        let knowing: JudgeQuestion = { prompt in
            if prompt.hasPrefix("What do you think of rain?") { return "REFUSAL" }
            return negatives.contains(prompt) ? "12" : "88.5"
        }
        let judged = try Extraction.run(recipe, on: model, threads: 2, toolVersion: "1", judge: knowing)
        let found = try #require(judged.vector.extraction?.judgement)
        #expect(found.model == "gpt-4.1-mini" && found.threshold == 50)
        #expect(found.positive.judged == plain.report.pairs && found.negative.judged == plain.report.pairs)
        #expect(found.positive.refused > 0)
        #expect(found.positive.kept == judged.report.pairs && judged.report.pairs < plain.report.pairs)
        #expect(judged.report.answers?.contains("gpt-4.1-mini kept") == true)

        let folder = try TemporaryFolder()
        try judged.vector.write(to: folder.file("v.gguf"))
        #expect(try ControlVector(path: folder.file("v.gguf")) == judged.vector)
        let again = try Extraction.run(recipe, on: model, threads: 1, toolVersion: "1", judge: knowing)
        #expect(again.vector.extraction?.judgement == found && again.report.pairs == judged.report.pairs)
    }

    /// Cases come as positive, negative, positive, … but are asked about on several threads: the answers of
    /// the negative side are those that an unhappy instruction gave.
    private func negativeAnswers(of pairs: Int, asked: [String]) throws -> Set<String> {
        let model = try DefaultModel.open()
        var recipe = try recipe()
        recipe.judge = nil
        guard case .instructions(let prompts) = recipe.dataset.content else { return [] }
        let answers = try OwnAnswers(
            to: prompts, dataset: recipe.dataset, options: recipe.answers, seed: 0, judge: nil, model: model,
            threads: 2
        ) { _, _, _ in }
        #expect(answers.pairs.count == pairs)
        return Set(
            answers.pairs.map { pair in
                let ids = Array(pair.negative.suffix(pair.answerLengths?.negative ?? 0))
                return "\(prompts.prompts[pair.source])|\(model.tokenizer.decode(ids, skippingSilent: true))"
            }
        ).intersection(asked)
    }

    private func changed(
        _ recipe: ExtractionRecipe, _ change: (inout ExtractionRecipe) -> Void
    )
        -> ExtractionRecipe
    {
        var recipe = recipe
        change(&recipe)
        return recipe
    }

    @Test func withoutAJudgeThereIsNoExtractionInsteadOfAnUnjudgedOne() throws {
        let recipe = try recipe()
        let model = try DefaultModel.open()
        let missing = #expect(throws: SteeringError.self) {
            try Extraction.run(recipe, on: model, threads: 2, toolVersion: "1")
        }
        #expect(missing?.kind == .noJudge && missing?.remedy?.contains("--judge URL") == true)

        struct Unplugged: Error {}
        #expect(throws: Unplugged.self) {
            try Extraction.run(
                recipe, on: model, threads: 2, toolVersion: "1", judge: { _ in throw Unplugged() })
        }
        let talkative = #expect(throws: SteeringError.self) {
            try Extraction.run(
                recipe, on: model, threads: 2, toolVersion: "1", judge: { _ in "I would say\n85, roughly." })
        }
        #expect(talkative?.kind == .noJudgeScore)
        #expect(talkative?.message.contains("\"I would say 85, roughly.\"") == true)
    }

    @Test func theRecipeKeepsWhatTheJudgeIsAskedAndNotWhereItIs() throws {
        var recipe = try recipe()
        recipe.judge?.threshold = 62.5
        recipe.judge?.model = "local"
        let json = try recipe.json()
        #expect(try ExtractionRecipe(json: json, name: "recipe") == recipe)
        #expect(!json.contains("http"))
        for (from, to, field) in [
            ("62.5", "0", "threshold"), ("62.5", "100.5", "threshold"), ("{answer}", "{reply}", "prompt"),
            ("\"local\"", "\" \"", "model"),
        ] {
            let error = #expect(throws: SteeringError.self) {
                try ExtractionRecipe(json: json.replacing(from, with: to), name: "recipe")
            }
            #expect(
                error?.kind == .invalidValue && error?.message.contains("judge.\(field)") == true, "\(to)")
        }
    }

    @Test func aDatasetMayBringTheJudgesPrompt() throws {
        let own = Self.dataset.replacing(
            "\"prompts\":", with: "\"judgePrompt\": \"Is {answer} happy?\", \"prompts\":")
        let recipe = try recipe(own)
        #expect(recipe.judge?.prompt == "Is {answer} happy?")
        let bytes = try JSONEncoder().encode(recipe.dataset)
        #expect(try Dataset(json: bytes, file: "again.json") == recipe.dataset)
        let blind = #expect(throws: SteeringError.self) {
            try self.recipe(own.replacing("{answer}", with: "it"))
        }
        #expect(blind?.kind == .invalidValue && blind?.message.contains("judgePrompt") == true)
    }

    @Test func readyMadeTextsHaveNoJudge() throws {
        let pairs = #"[{"positive": "a", "negative": "b"}, {"positive": "c", "negative": "d"}]"#
        let error = #expect(throws: SteeringError.self) { try recipe(pairs).check() }
        #expect(error?.kind == .invalidValue && error?.remedy?.contains("--judge") == true)
    }
}
