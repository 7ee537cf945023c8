import ControlVectors
import Generation
import Terms
import Transformer

/// Answers prompts at some strengths, drawn in one way or in several, and measures the answers.
struct StrengthProbe {
    /// A prompt, and how its answer is drawn.
    struct Draw {
        var prompt: Sweep.Prompt
        var sampling: SamplingOptions
    }

    /// Answers in work together; the weights are read once for all of them.
    static let answersInWork = 64

    private let calibrator: Calibrator
    private let vector: ControlVector
    private let model: LanguageModel
    private let context: InferenceContext
    private let generator: Generator
    private let measurer: AnswerMeasurer
    /// Draws of one prompt stand together, and share what is computed of it.
    private(set) var draws: [Draw]
    private var own: [Answer] = []
    /// What the model does without steering.
    private(set) var baseline = StrengthMeasures(strength: 0, answers: [], baseline: [])

    /// An answer's text and what was measured of it.
    private struct Answer {
        var text: String
        var measures: AnswerMeasures
    }

    init(
        _ calibrator: Calibrator, _ vector: ControlVector, _ prompts: [Sweep.Prompt],
        drawn ways: [SamplingOptions], model: LanguageModel, context: InferenceContext
    ) throws {
        self.calibrator = calibrator
        self.vector = vector
        draws = prompts.flatMap { prompt in ways.map { Draw(prompt: prompt, sampling: $0) } }
        self.model = model
        self.context = context
        generator = Generator(context, tokenizer: model.tokenizer)
        var measurer = AnswerMeasurer()
        measurer.projection = TraitProjection(vector)
        measurer.markers = calibrator.markers
        self.measurer = measurer
        // What cannot be steered is known before anything is computed.
        _ = try plan(1)
    }

    private func plan(_ strength: Double) throws -> SteeringPlan {
        try SteeringPlan(
            [.init(vector, strength: strength, layers: calibrator.layers)],
            for: model.transformer.configuration)
    }

    /// Answers all draws without steering, and leaves out those whose answer is broken: steering
    /// could not be blamed for it.
    ///
    /// - Returns: What was left out.
    mutating func measureBaseline(_ progress: ProgressReport) throws -> [Draw] {
        own = try answers(at: [0]) { try progress($0, $1, "without steering") }
        let broken = draws.indices.filter { own[$0].measures.isBroken }
        guard broken.count < draws.count else {
            let faults = Set(own.flatMap(\.measures.faults)).map(\.rawValue).sorted()
            throw SteeringError(
                .noSoundAnswer,
                "the model's own answers to all prompts are broken, \(draws.count) of them (\(faults.joined(separator: ", "))): "
                    + "what steering breaks cannot be told",
                remedy: "pass other prompts, or longer answers")
        }
        let leftOut = broken.map { draws[$0] }
        draws = draws.indices.filter { !broken.contains($0) }.map { draws[$0] }
        own.removeAll(where: \.measures.isBroken)
        let measures = own.map(\.measures)
        baseline = StrengthMeasures(strength: 0, answers: measures, baseline: measures)
        return leftOut
    }

    /// Measures strengths, in their order.
    ///
    /// - Parameter stopsAtBreak: Whether a strength that breaks an answer is not measured any further,
    ///   which is most of the work.
    func measure(
        _ strengths: [Double], stopsAtBreak: Bool = false, _ progress: (Int, Int) throws -> Void
    ) throws -> [StrengthMeasures] {
        let found = try answers(at: strengths, stopsAtBreak: stopsAtBreak, progress)
        return strengths.indices.map { index in
            StrengthMeasures(
                strength: strengths[index],
                answers: draws.indices.map { found[$0 * strengths.count + index].measures },
                baseline: own.map(\.measures))
        }
    }

    /// For each draw the answer at each strength. [draws × strengths]
    private func answers(
        at strengths: [Double], stopsAtBreak: Bool = false, _ progress: (Int, Int) throws -> Void
    ) throws -> [Answer] {
        let plans = try strengths.map { try plan($0).interventions }
        let requests = draws.flatMap { draw in
            plans.map {
                GenerationRequest(
                    prompt: draw.prompt.tokens, interventions: $0, sampling: draw.sampling,
                    maximumTokens: calibrator.maximumTokens)
            }
        }
        var generated: [Generation?] = []
        while generated.count < requests.count {
            try progress(generated.count, 2 * requests.count)
            generated += try generate(group(requests[generated.count...]))
        }
        let steered = generated.indices.map { index in
            generated[index].map { answer in
                let draw = index / strengths.count
                let prompt = draws[draw].prompt
                return SteeredAnswer(
                    answer, to: prompt.tokens, under: plans[index % strengths.count],
                    reference: SteeredAnswer.reference(
                        to: prompt.text, unsteered: own.isEmpty ? answer.text : own[draw].text))
            }
        }
        var found = steered.map { answer in
            answer.map {
                AnswerMeasures(
                    tokenCount: $0.ids.count, repetition: Repetition.share(of: $0.ids),
                    faults: measurer.faults(of: $0, model.tokenizer))
            } ?? .notFinite
        }
        let broken = Set(found.indices.filter { found[$0].isBroken }.map { $0 % strengths.count })
        let wanted = found.indices.filter { !(stopsAtBreak && broken.contains($0 % strengths.count)) }
        let readable = wanted.compactMap { index in steered[index].map { (index: index, answer: $0) } }
        let measured = try measurer.measure(
            readable.map(\.answer), in: context, tokenizer: model.tokenizer
        ) { done, _ in
            try progress(2 * requests.count - readable.count + done, 2 * requests.count)
        }
        for (place, measures) in zip(readable, measured) { found[place.index] = measures }
        try progress(2 * requests.count, 2 * requests.count)
        return generated.indices.map { Answer(text: generated[$0]?.text ?? "", measures: found[$0]) }
    }

    /// As many of the requests as fit into the cache together, one at the least.
    private func group(_ requests: ArraySlice<GenerationRequest>) -> [GenerationRequest] {
        var cells = 0
        let fitting = requests.prefix(Self.answersInWork).prefix { request in
            cells += request.prompt.count + request.maximumTokens
            return cells <= context.capacity
        }
        return Array(fitting.isEmpty ? requests.prefix(1) : fitting)
    }

    /// One answer each; nil where the model's output stopped being numbers, which is
    /// found by asking each alone.
    private func generate(_ requests: [GenerationRequest]) throws -> [Generation?] {
        do {
            return try generator.generate(requests)
        } catch let error as GenerationError {
            guard case .notFinite = error else { throw error }
            return requests.count == 1 ? [nil] : try requests.flatMap { try generate([$0]) }
        }
    }
}
