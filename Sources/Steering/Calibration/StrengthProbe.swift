import ControlVectors
import Generation
import Terms
import Transformer

/// Answers prompts at some strengths and measures the answers.
struct StrengthProbe {
    /// Answers in work together; the weights are read once for all of them.
    static let answersInWork = 32

    private let calibrator: Calibrator
    private let vector: ControlVector
    private let model: LanguageModel
    private let context: InferenceContext
    private let generator: Generator
    private let measurer: AnswerMeasurer
    private var prompts: [Sweep.Prompt]
    private var own: [Answer] = []
    /// What the model does without steering.
    private(set) var baseline = StrengthMeasures(strength: 0, answers: [], baseline: [])

    /// An answer's text and what was measured of it.
    private struct Answer {
        var text: String
        var measures: AnswerMeasures
    }

    init(
        _ calibrator: Calibrator, _ vector: ControlVector, _ prompts: [Sweep.Prompt], model: LanguageModel,
        context: InferenceContext
    ) throws {
        self.calibrator = calibrator
        self.vector = vector
        self.prompts = prompts
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

    /// Answers all prompts without steering, and leaves out those whose answer is broken: steering could not be blamed for it.
    mutating func measureBaseline(_ progress: ProgressReport) throws -> [String] {
        own = try answers(at: [0]) { try progress($0, $1, "without steering") }
        let broken = prompts.indices.filter { own[$0].measures.isBroken }
        guard broken.count < prompts.count else {
            let faults = Set(own.flatMap(\.measures.faults)).map(\.rawValue).sorted()
            throw SteeringError(
                .noSoundAnswer,
                "the model's own answers to all \(prompts.count) prompts are broken (\(faults.joined(separator: ", "))): "
                    + "what steering breaks cannot be told",
                remedy: "pass other prompts, or longer answers")
        }
        let leftOut = broken.map { prompts[$0].text }
        prompts = prompts.indices.filter { !broken.contains($0) }.map { prompts[$0] }
        own.removeAll(where: \.measures.isBroken)
        let measures = own.map(\.measures)
        baseline = StrengthMeasures(strength: 0, answers: measures, baseline: measures)
        return leftOut
    }

    /// Measures strengths, in their order.
    func measure(_ strengths: [Double], _ progress: (Int, Int) throws -> Void) throws -> [StrengthMeasures] {
        let found = try answers(at: strengths, progress)
        return strengths.indices.map { index in
            StrengthMeasures(
                strength: strengths[index],
                answers: prompts.indices.map { found[$0 * strengths.count + index].measures },
                baseline: own.map(\.measures))
        }
    }

    /// For each prompt the answer at each strength. [prompts × strengths]
    private func answers(at strengths: [Double], _ progress: (Int, Int) throws -> Void) throws -> [Answer] {
        let plans = try strengths.map { try plan($0).interventions }
        let requests = prompts.flatMap { prompt in
            plans.map {
                GenerationRequest(
                    prompt: prompt.tokens, interventions: $0, sampling: calibrator.sampling,
                    maximumTokens: calibrator.maximumTokens)
            }
        }
        var generated: [Generation?] = []
        while generated.count < requests.count {
            try progress(generated.count, 2 * requests.count)
            generated += try generate(group(requests[generated.count...]))
        }
        let present = generated.indices.filter { generated[$0] != nil }
        let steered = present.compactMap { index -> SteeredAnswer? in
            guard let answer = generated[index] else { return nil }
            let prompt = index / strengths.count
            let reference = prompts[prompt].text + (own.isEmpty ? answer.text : own[prompt].text)
            return SteeredAnswer(
                answer, to: prompts[prompt].tokens, under: plans[index % strengths.count],
                reference: reference)
        }
        let measured = try measurer.measure(steered, in: context, tokenizer: model.tokenizer) { done, _ in
            try progress(requests.count + done, 2 * requests.count)
        }
        try progress(2 * requests.count, 2 * requests.count)
        let byIndex = Dictionary(uniqueKeysWithValues: zip(present, measured))
        return generated.indices.map {
            Answer(text: generated[$0]?.text ?? "", measures: byIndex[$0] ?? .notFinite)
        }
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

    /// One answer each; nil where the model's output stopped being numbers, which is found by asking each alone.
    private func generate(_ requests: [GenerationRequest]) throws -> [Generation?] {
        do {
            return try generator.generate(requests)
        } catch let error as GenerationError {
            guard case .notFinite = error else { throw error }
            return requests.count == 1 ? [nil] : try requests.flatMap { try generate([$0]) }
        }
    }
}
