import Dispatch
import Generation
import Terms
import Transformer

/// The fastest prefill and decodes that have been seen on a context.
struct BenchRun {
    private let context: InferenceContext
    /// The tokens of a text, which is read again from its start where it ends.
    private let text: [TokenID]
    let prefillTokens: Int
    let decodeTokens: Int
    /// Seconds of the fastest runs.
    private(set) var best = (prefill: Double.infinity, decode: Double.infinity, start: Double.infinity)

    /// How many tokens stand before a decode from the start.
    static let startTokens = 8

    init(_ context: InferenceContext, text: [TokenID], prefillTokens: Int, decodeTokens: Int) {
        self.context = context
        self.text = text
        self.prefillTokens = prefillTokens
        self.decodeTokens = decodeTokens
    }

    /// Runs prefill, decode after it, and decode from the start, once each.
    mutating func measurePlain() throws {
        let long = try measure(after: prefillTokens, [])
        let short = try measure(after: Self.startTokens, [])
        best = (
            min(best.prefill, long.prefill), min(best.decode, long.decode), min(best.start, short.decode)
        )
    }

    /// What interventions add to a token's time, as a share of it: the median over pairs of runs, with and
    /// without by turns, because a machine's speed drifts by more than what is looked for.
    func measureSteering(_ interventions: [Intervention], repetitions: Int) throws -> Double {
        let ratios = try (0..<max(5, repetitions)).map { round in
            // Which one goes first changes from round to round.
            let first = try measure(after: Self.startTokens, round % 2 == 0 ? [] : interventions).decode
            let second = try measure(after: Self.startTokens, round % 2 == 0 ? interventions : []).decode
            return round % 2 == 0 ? second / first : first / second
        }
        return ratios.sorted()[ratios.count / 2] - 1
    }

    /// Seconds of a prefill and of the tokens decoded after it.
    private func measure(
        after count: Int, _ interventions: [Intervention]
    ) throws -> (prefill: Double, decode: Double) {
        context.reset()
        let tokens = (0..<count + decodeTokens).map { text[$0 % text.count] }
        var start = DispatchTime.now()
        let prompt = Batch.chain(tokens.prefix(count), interventions: interventions)
        var tip = try context.forward(prompt).cells.last
        let prefill = start.seconds
        // As many as an answer's draws look at once the repetition penalty has all the
        // tokens that it looks back on.
        var sampler = try Sampler(.standard)
        sampler.read(prompt: tokens)
        let likeliestNeeded = sampler.likeliestNeeded
        start = DispatchTime.now()
        for token in tokens.suffix(decodeTokens) {
            var step = Batch.chain(
                [token], after: tip.map(Batch.Parent.cell) ?? .root, interventions: interventions)
            step.likeliestOnly = likeliestNeeded
            tip = try context.forward(step).cells.last
        }
        return (prefill, start.seconds)
    }
}

extension DispatchTime {
    /// Seconds since then.
    var seconds: Double {
        Double(DispatchTime.now().uptimeNanoseconds - uptimeNanoseconds) * 1e-9
    }
}
