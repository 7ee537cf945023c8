import ControlVectors
import Generation
import Testing
import Terms
import Transformer
import _TestSupport

@testable import Steering

@Suite struct PromptAgreementTests {
    private let model: LanguageModel
    private let vector: ControlVector
    private let dataset: Dataset

    init() throws {
        model = try DefaultModel.open()
        vector = try ControlVector(path: fixturePath("../../vectors/smollm2-135m-instruct/happy.gguf"))
        let whole = try Dataset(path: fixturePath("../../datasets/happy.json"))
        dataset = try Self.happy(whole, questions: Array(whole.questions.prefix(2)))
    }

    private static func happy(_ whole: Dataset, questions: [String]) throws -> Dataset {
        try Dataset(name: "happy", content: whole.content, markers: whole.markers, questions: questions)
    }

    @Test func aVectorAgreesWithAskingAndOneDrawnByChanceDoesNot() throws {
        let random = try vector.randomTwin(seed: 3)
        let negated = try vector * -1
        let long = try vector * 20
        let found = try #require(
            try PromptAgreement.measure(
                [vector, random, negated, long], with: dataset, on: model, threads: 2))
        #expect(found[0].cosine > 0.6)
        #expect(abs(found[1].cosine) < 0.2)
        // The same direction, whichever way and however long.
        #expect(abs(found[2].cosine + found[0].cosine) < 1e-3)
        #expect(abs(found[3].cosine - found[0].cosine) < 1e-3)
        #expect(found[0].questionCount == 2)
        #expect(found[0].tokenCount == 48)
        #expect(try #require(found[0].error) < 0.1)
    }

    @Test func itDoesNotDependOnTheThreads() throws {
        let found = try [1, 2].map {
            try PromptAgreement.measure([vector], with: dataset, on: model, threads: $0)
        }
        #expect(found[0] == found[1])
    }

    @Test func withoutQuestionsOrWordsToAskWithThereIsNone() throws {
        let silent = try Self.happy(dataset, questions: [])
        #expect(try PromptAgreement.measure([vector], with: silent, on: model, threads: 2) == nil)
        let pairs = try Dataset(
            name: "pairs",
            content: .pairs([
                .init(prompt: nil, positive: "I am glad", negative: "I am sad"),
                .init(prompt: nil, positive: "Good", negative: "Bad"),
            ]), questions: ["How are you?"])
        #expect(try PromptAgreement.measure([vector], with: pairs, on: model, threads: 2) == nil)
    }

    @Test func aQuestionThatIsLongerThanTheContextIsRefused() throws {
        let question = String(repeating: "again and ", count: model.transformer.configuration.contextLength)
        let long = try Self.happy(dataset, questions: [question])
        #expect {
            try PromptAgreement.measure([vector], with: long, on: model, threads: 2)
        } throws: { ($0 as? SteeringError)?.kind == .promptTooLong }
    }

    @Test func productsAreCovariancesUnderTheNextTokensProbabilities() {
        let weights: [Float] = [0.5, 0.25, 0.25]
        let change: [Float] = [1, -1, 3]
        let products = ChangeProducts(of: change, change.map { 7 - 2 * $0 }, under: weights)
        // Mean 1, variance 0.25·4 + 0.25·4.
        #expect(products == ChangeProducts(ofAsking: 2, ofVector: 8, mixed: -4))
        #expect(products.cosine == -1)
        // A word that nobody says does not count.
        let unsaid = ChangeProducts(of: [1, -1, 100], [1, -1, -100], under: [0.5, 0.5, 0])
        #expect(unsaid.cosine == 1)
        #expect(ChangeProducts(of: change, [2, 2, 2], under: weights).cosine == 0)
    }
}
