import Terms
import Testing
import _TestSupport

@testable import Generation
@testable import Transformer

/// An answer is handed out only when its first steered token has proved that every layer moved.
@Suite struct SteeringProofTests {
    private let model: LanguageModel
    private let prompt: [TokenID] = [1, 4093, 198]

    init() throws {
        model = try LanguageModel(path: try smolLM2Path())
    }

    private func plan(_ layers: ClosedRange<Int> = 9...24, size: Float = 0.05) -> [Intervention] {
        let vector = (0..<576).map { (Float($0 % 7) - 3) * size }
        return layers.map { Intervention(at: .residualPost(LayerIndex($0)), .add(vector)) }
    }

    private func answers(
        _ plans: [[Intervention]], isBroken: Bool = false, onText: (Int, String) -> Bool = { _, _ in true }
    ) throws -> [Generation] {
        let context = try InferenceContext(
            model.transformer, capacity: 64, threads: 2, precision: .fast, repacks: false)
        context.ignoresInterventions = isBroken
        return try Generator(context, tokenizer: model.tokenizer).generate(
            plans.map { GenerationRequest(prompt: prompt, interventions: $0, maximumTokens: 3) },
            onText: onText)
    }

    @Test func anAnswerNamesTheLayersThatWereProved() throws {
        let answers = try answers([plan(), [], plan(12...13), plan()])
        #expect(answers[0].steeredLayers == (9...24).map { LayerIndex($0) })
        #expect(answers[1].steeredLayers.isEmpty)
        #expect(answers[2].steeredLayers == [12, 13])
        #expect(answers[3].steeredLayers == answers[0].steeredLayers)
    }

    @Test func anEngineThatDoesNotSteerHandsOutNoText() throws {
        var handedOut = 0
        do {
            _ = try answers([[], plan()], isBroken: true) { _, _ in
                handedOut += 1
                return true
            }
            Issue.record("unsteered text was handed out")
        } catch let error as GenerationError {
            #expect(error.code == "notSteered")
            #expect(error.message.hasPrefix("0 of 16 layers were steered"))
            #expect(error.message.hasSuffix("layers 9-24"))
            #expect(error.remedy?.contains("--proof") == true)
        }
        #expect(handedOut == 0)
    }

    @Test func aVectorThatIsAbsorbedAtSomeLayersIsCounted() throws {
        do {
            _ = try answers([plan(9...10) + plan(11...11, size: 1e-12)])
            Issue.record("no error")
        } catch let error as GenerationError {
            #expect(error == .notSteered(unmoved: [11], steeredCount: 2))
            #expect(error.message.hasPrefix("2 of 3 layers were steered"))
        }
    }

    @Test func withoutInterventionsThereIsNothingToProve() throws {
        let (plain, broken) = (try answers([[]]), try answers([[]], isBroken: true))
        #expect(plain == broken && plain[0].steeredLayers.isEmpty)
    }
}
