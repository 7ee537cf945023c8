import ChatTemplates
import ControlVectors
import Foundation
import Generation
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

@Suite struct ChatSessionTests {
    private let model: LanguageModel
    private let session: ChatSession

    init() throws {
        model = try DefaultModel.open()
        let context = try InferenceContext(
            model.transformer, capacity: 320, threads: 2, precision: .exact)
        session = try ChatSession(
            model, in: context, contextSize: 200, system: "Be brief.", sampling: .greedy, maximumTokens: 6)
    }

    private func vector(_ strength: Double) throws -> ChatSession.Vector {
        let direction = (0..<576).map { Float($0 % 7) - 3 }
        return ChatSession.Vector(
            name: "v",
            term: SteeringPlan.Term(try ControlVector(directions: [12: direction]), strength: strength))
    }

    @Test func aNextQuestionComputesItsOwnTokensAndNothingBeforeThem() throws {
        let first = try session.ask("What is a tiller?")
        let second = try session.ask("And a rudder?")
        // All of the first prompt, and all of its answer but the last token, which nothing had asked for.
        #expect(second.reusedPromptTokens >= first.promptTokenCount + first.ids.count - 1)
        #expect(session.timing.prefillTokens == second.promptTokenCount - second.reusedPromptTokens)
        #expect(session.conversation.turns.map(\.question) == ["What is a tiller?", "And a rudder?"])
        #expect(session.conversation.turns.map(\.ids) == [first.ids, second.ids])
    }

    @Test func anotherStrengthComputesAgainAndTheOldOneIsFoundAgain() throws {
        _ = try session.ask("What is a tiller?")
        session.vectors = [try vector(3)]
        let steered = try #require(try session.askAgain())
        #expect(steered.reusedPromptTokens == 0)
        #expect(steered.steeredLayers == [12])
        #expect(session.conversation.turns.count == 1)
        session.vectors[0].term.strength = 0
        let plain = try #require(try session.askAgain())
        // The last token of a prompt is computed again for its logits, and the one before
        // for the order of its sums.
        #expect(plain.reusedPromptTokens == plain.promptTokenCount - 2)
    }

    @Test func theAnswerWithoutSteeringIsNotKept() throws {
        session.vectors = [try vector(3)]
        #expect(try session.withoutSteering() == nil)
        let steered = try session.ask("What is a tiller?")
        let plain = try #require(try session.withoutSteering())
        #expect(plain.steeredLayers.isEmpty && steered.steeredLayers == [12])
        #expect(session.conversation.turns.map(\.ids) == [steered.ids])
        session.vectors = []
        #expect(try session.askAgain()?.ids == plain.ids)
    }

    @Test func theAnswerWithoutSteeringStandsUnderTheSystemTurnOfTheAnswer() throws {
        let first = try session.ask("Who are you?")
        session.conversation.system = "You are a pirate. Talk like a pirate, arr."
        #expect(try session.withoutSteering()?.ids == first.ids)
        #expect(try session.withoutSteering()?.promptTokenCount == first.promptTokenCount)
        let second = try session.ask("And who am I?")
        #expect(try session.withoutSteering()?.promptTokenCount == second.promptTokenCount)
        #expect(session.conversation.undo()?.answer == second.text)
        #expect(try session.withoutSteering()?.promptTokenCount == first.promptTokenCount)
        let again = try #require(try session.askAgain())
        #expect(again.promptTokenCount > first.promptTokenCount)
        #expect(try session.withoutSteering()?.promptTokenCount == again.promptTokenCount)
    }

    @Test func whatFailsLeavesTheConversationAsItWas() throws {
        _ = try session.ask("What is a tiller?")
        let before = session.conversation
        let long = String(repeating: "word ", count: 300)
        let error = #expect(throws: SteeringError.self) { try session.ask(long) }
        #expect(error?.kind == .promptTooLong)
        session.vectors = [
            ChatSession.Vector(
                name: "other",
                term: SteeringPlan.Term(try ControlVector(directions: [12: [1, 2]]), strength: 1))
        ]
        #expect(throws: SteeringError.self) { try session.askAgain() }
        #expect(session.conversation == before)
    }

    @Test func anAnswerMayBeTakenBackAndEnded() throws {
        var pieces = 0
        let answer = try session.ask(
            "What is a tiller?",
            onText: { _ in
                pieces += 1
                return pieces < 3
            })
        #expect(answer.finishReason == .cancelled)
        #expect(session.conversation.turns.map(\.answer) == [answer.text])
        #expect(session.conversation.undo()?.question == "What is a tiller?")
        #expect(session.conversation.undo() == nil)
        #expect(session.conversation.messages(asking: "x").map(\.content) == ["Be brief.", "x"])
    }

    @Test func aWatchReadsEveryTokenOfAnAnswerAndAHeadEndsIt() throws {
        let heads = try HeadDefinition.read(
            json: Array(
                #"{"heads": [{"name": "a", "vector": "v", "threshold": -1e9, "window": 3, "action": "stop"}]}"#
                    .utf8), file: "heads.json")
        let configuration = model.transformer.configuration
        let vector = try vector(1).term.vector
        let meter = try Meter(vector, name: "v", for: configuration)
        let open = AnswerWatch(meters: [meter])
        let whole = try session.ask("What is a tiller?", watch: open)
        #expect(open.metered.tokens == whole.ids)
        #expect(open.metered.readings[0].allSatisfy { $0.value.isFinite })

        let head = try AnswerWatch.Head(heads[0], vector: vector, for: configuration)
        let strict = AnswerWatch(meters: [meter], heads: [head])
        let cut = try #require(try session.askAgain(watch: strict))
        #expect(cut.ids == Array(whole.ids.prefix(3)))
        #expect(strict.ending?.name == "a")
        #expect(strict.firings.map(\.token) == [2])
        let mean = strict.metered.readings[0].reduce(0) { $0 + $1.value } / 3
        #expect(abs(strict.firings[0].reading - mean) < 1e-9)
    }

    /// Its last token is read when it is over.
    @Test func aHeadThatFiresWithTheLastTokenOfAnAnswerThatSomebodyHasEndedDidNotEndIt() throws {
        let heads = try HeadDefinition.read(
            json: Array(
                #"{"heads": [{"name": "a", "vector": "v", "threshold": -1e9, "window": 1, "action": "stop"}]}"#
                    .utf8), file: "heads.json")
        let head = try AnswerWatch.Head(
            heads[0], vector: try vector(1).term.vector, for: model.transformer.configuration)
        for isWanted in [true, false] {
            let watch = AnswerWatch(meters: [], heads: [head])
            let answer = try session.ask("What is a tiller?", watch: watch, onText: { _ in isWanted })
            #expect(answer.ids.count == 1 && answer.finishReason == .cancelled)
            #expect(watch.firings.map(\.isLate) == [!isWanted])
        }
    }

    /// The log goes on with the conversation: of every answer it says how it ended.
    @Test func anAnswerThatFailsHasAnEndInTheLog() throws {
        let folder = try TemporaryFolder()
        let log = try AuditLog(path: folder.file("audit.jsonl"))
        func ask(_ answer: String) throws {
            _ = try session.ask(
                "What is a tiller?",
                watch: AnswerWatch(meters: [], journal: AnswerWatch.Journal(log, answer: answer)))
        }
        session.rules = SteeringProgram(always: [Intervention(at: .residualPost(12), .add([1, 2]))])
        #expect(throws: TransformerError.self) { try ask("first") }
        session.rules = SteeringProgram()
        try ask("second")
        let lines = try String(decoding: #require(folder.read("audit.jsonl")), as: UTF8.self)
            .split(separator: "\n").map {
                try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        #expect(lines.map { $0["event"] as? String } == ["begin", "end", "begin", "end"])
        #expect(lines.map { $0["answer"] as? String } == ["first", "first", "second", "second"])
        #expect(lines.compactMap { $0["text"] as? String } == ["failed", "length"])
    }
}
