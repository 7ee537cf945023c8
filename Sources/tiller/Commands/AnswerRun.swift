import Generation
import Terms
import Transformer

/// Answers to one prompt under one or more plans of steering, with the progress that a person sees meanwhile.
struct AnswerRun {
    let model: LanguageModel
    let compute: ComputeOptions
    let isExact: Bool
    let length: LengthOptions
    let sampling: SamplingOptions

    /// Tokens of an answer where nobody says.
    static let standardLength = 128

    /// What the last run took.
    private(set) var timing: GenerationTiming?

    init(
        model: LanguageModel, compute: ComputeOptions, isExact: Bool, length: LengthOptions,
        sampling: SamplingOptions
    ) {
        self.model = model
        self.compute = compute
        self.isExact = isExact
        self.length = length
        self.sampling = sampling
    }

    /// One answer for each plan, all in one batch.
    mutating func run(_ prompt: [TokenID], _ plans: [[Intervention]]) throws -> [Generation] {
        var requests = [try request(prompt, [])]
        let request = requests.removeLast()
        requests = plans.map { plan in
            var request = request
            request.program = SteeringProgram(always: plan)
            return request
        }
        let generator = try generator(for: requests)
        let total = requests.reduce(0) { $0 + $1.maximumTokens }
        let progress = Progress("answering", unit: .things("tokens"), total: total)
        defer { progress.finish() }
        var pieces = 0
        let answers = try generator.generate(requests) { _, _ in
            pieces += 1
            progress.update(pieces)
            return true
        }
        timing = generator.timing
        return answers
    }

    /// One answer, written to standard output as it comes.
    mutating func stream(_ prompt: [TokenID], _ plan: [Intervention]) throws {
        let request = try request(prompt, plan)
        let generator = try generator(for: [request])
        let progress = Progress("reading the prompt")
        defer { progress.finish() }
        let isTerminal = Terminal.current.outputIsTerminal
        // Where standard output no longer takes text, the answer ends, and the reason is thrown after it.
        var problem: TillerError?
        let answer = try generator.generate(request) { text in
            progress.finish()
            do throws(TillerError) {
                try StandardStream.output.write(isTerminal ? text.withoutTerminalControls : text)
                return true
            } catch {
                problem = error
                return false
            }
        }
        if let problem { throw problem }
        if !answer.text.hasSuffix("\n") { try StandardStream.output.write("\n") }
        timing = generator.timing
    }

    /// Tells a person at a terminal what it took.
    func sayRate() {
        guard Terminal.current.errorIsTerminal, let timing, timing.decodeTokens > 0 else { return }
        let text =
            "\(Quantity.count(timing.prefillTokens)) prompt tokens in \(Quantity.seconds(timing.prefillSeconds)), "
            + "\(Quantity.count(timing.decodeTokens)) tokens at \(Quantity.rate(timing.tokensPerSecond))/s"
        note(TextStyle.dim.applied(to: text, if: Terminal.current.allowsColour))
    }

    private func request(_ prompt: [TokenID], _ plan: [Intervention]) throws -> GenerationRequest {
        let longest = try compute.longestText(for: model.transformer)
        guard prompt.count < longest else {
            throw GenerationError.promptTooLong(tokens: prompt.count, contextSize: longest)
        }
        return GenerationRequest(
            prompt: prompt, interventions: plan, sampling: sampling,
            maximumTokens: try length.maximum(default: Self.standardLength, room: longest - prompt.count))
    }

    private func generator(for requests: [GenerationRequest]) throws -> Generator {
        let needed = requests.reduce(0) { $0 + $1.prompt.count + $1.maximumTokens + 1 }
        let context = try compute.context(
            for: model.transformer, needed: needed, precision: isExact ? .exact : .fast)
        return Generator(context, tokenizer: model.tokenizer)
    }
}
