import ControlVectors
import Foundation
import Generation
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

/// A condition fitted to texts fires on others of the same kind at the stated rate.
@Suite struct ConditionalSteeringTests {
    private static let beginnings = [
        "Today", "This morning", "Last night", "Just now", "An hour ago", "After lunch", "On my way home",
        "At the weekend",
    ]
    private static let good = [
        "my daughter won the first prize and we danced for joy", "I got the job that I had dreamt of",
        "our whole family laughed until we cried", "she said yes and I could hug the world",
        "the sun came out and everything was wonderful", "my best friend surprised me with a party",
        "we celebrated our victory with cake and music", "the puppy fell asleep in my arms, so happy",
    ]
    private static let bad = [
        "my dog died and I cannot stop crying", "I lost my job and everything feels hopeless",
        "we buried my father in the rain", "she left me and the house is empty and silent",
        "the doctor told us that there is no hope", "I sat alone in the dark and wept",
        "our home burnt down and we lost everything", "nobody came, and I felt utterly miserable",
    ]

    private static func texts(_ events: [String]) -> [String] {
        // By the beginning first, so that both halves have every event and every beginning.
        beginnings.enumerated().flatMap { place, beginning in
            events.indices.map { "\(beginning) \(events[($0 + place) % events.count])." }
        }
    }

    @Test func itFiresOnHeldOutPositivePromptsAndStaysOffOnNegativeOnes() throws {
        let model = try DefaultModel.open()
        let root = URL(fileURLWithPath: fixturePath("")).deletingLastPathComponent()
            .deletingLastPathComponent()
        let vector = try ControlVector(path: root.path + "/vectors/smollm2-135m-instruct/happy.gguf")
        let meter = try Meter(vector, name: "happy", for: model.transformer.configuration)
        let context = try InferenceContext(model.transformer, capacity: 2048, threads: 2, precision: .fast)
        let rate = 0.1
        let readings = try [Self.texts(Self.good), Self.texts(Self.bad)].map { texts in
            let prompts = try texts.map { try model.chatTokens(user: $0) }
            return try MeteredText.read(prompts, with: [meter], in: context).map { text in
                text.readings[0][text.counted].suffix(Self.window).reduce(0) { $0 + $1.value }
                    / Double(Self.window)
            }
        }
        let fit = try ConditionFit(positive: readings[0], negative: readings[1], rate: rate)
        #expect(fit.firesAbove && fit.hitRate >= 0.9, "\(fit)")
        // 32 held-out texts: the rate and two standard deviations.
        #expect(fit.falsePositiveRate <= rate + 2 * (rate * (1 - rate) / 32).squareRoot(), "\(fit)")

        // The generator reads the same as the fit has.
        let rule = SteeringRule(
            try SteeringPlan([.init(vector, strength: -0.3)], for: model.transformer.configuration)
                .interventions,
            condition: SteeringCondition(meter.stateReading(window: Self.window), .above, fit.threshold))
        let requests = try (Self.texts(Self.good) + Self.texts(Self.bad)).enumerated()
            .filter { $0.offset % 16 == 1 }.map { _, text in
                GenerationRequest(
                    prompt: try model.chatTokens(user: text), program: SteeringProgram([rule]),
                    sampling: .greedy, maximumTokens: 1)
            }
        let answers = try Generator(context, tokenizer: model.tokenizer).generate(requests)
        let expected = (readings[0] + readings[1]).enumerated().filter { $0.offset % 16 == 1 }
            .map { $0.element > fit.threshold }
        #expect(answers.map { !$0.steeredLayers.isEmpty } == expected)
    }

    private static let window = 12
}
