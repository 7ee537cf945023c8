public import ControlVectors
public import Generation
import Terms
public import Transformer

/// Finds the strongest strengths, each way, that keep damage within a budget: answers to some prompts at a
/// few strengths at a time, both ways in one batch. What the search has found then has to hold when the same
/// prompts are answered in other ways.
public struct Calibrator: Sendable {
    /// Tokens of an answer where nobody says, here and in a sweep, so that both measure
    /// answers of one length.
    public static let standardLength = 40

    /// The damage that is allowed.
    public var budget = DamageBudget.standard

    /// How the search draws its answers.
    public var sampling = SamplingOptions.standard

    /// The length of an answer in tokens at the most; at least 1.
    public var maximumTokens = Calibrator.standardLength

    /// The layers that are steered; nil for all that the vector has.
    public var layers: LayerSelection?

    /// Words to count.
    public var markers = Markers()

    /// The standard budget, answers of 40 tokens.
    public init() {}

    /// What a person should know of bands that rest on very few prompts or very short answers; nil where
    /// there are half of a dozen prompts and half of the standard length, or more.
    ///
    /// - Parameter promptCount: How many prompts were answered at each strength.
    public func remark(promptCount: Int) -> String? {
        guard promptCount < 6 || maximumTokens < Self.standardLength / 2 else { return nil }
        return
            "the bands rest on \(promptCount) prompt\(promptCount == 1 ? "" : "s") and answers of at most \(maximumTokens) "
            + "token\(maximumTokens == 1 ? "" : "s"), which show little of the damage: a dozen prompts of 40 tokens tell it to about a "
            + "tenth of the budget"
    }

    /// The ways in which the strong strengths are proved, each with every prompt: the search's with other
    /// seeds, without its penalty, and with the likeliest token.
    public var provingSamplings: [SamplingOptions] {
        var others = [11, 12, 13].map { (seed: UInt64) in
            var other = sampling
            other.seed = seed
            return other
        }
        var light = sampling
        light.repeatPenalty = 1
        light.seed = 14
        var greedy = sampling
        greedy.temperature = 0
        others += [light, greedy]
        return others
    }

    /// Cells that a context needs to work at full speed.
    public func cells(for prompts: [Sweep.Prompt]) -> Int {
        let longest = prompts.map(\.tokens.count).max() ?? 0
        let together = min(
            StrengthProbe.answersInWork, 2 * max(4, provingSamplings.count) * prompts.count)
        return max(
            together * (longest + maximumTokens + 1),
            longest + 8 * AnswerMeasurer().cells(prompt: longest, answer: maximumTokens))
    }

    /// Searches both ways, and proves what was found.
    ///
    /// - Parameters:
    ///   - prompts: What is answered; those that the model answers badly without steering are left out.
    ///   - context: Used alone while it runs; emptied.
    /// - Throws: `noSoundAnswer` where the model's own answers are all broken; the errors of `SteeringPlan`.
    public func run(
        _ vector: ControlVector, on prompts: [Sweep.Prompt], model: LanguageModel,
        in context: InferenceContext, progress: @escaping ProgressReport = { _, _, _ in }
    ) throws -> Calibration {
        var probe = try StrengthProbe(
            self, vector, prompts, drawn: [sampling], model: model, context: context)
        let leftOut = try probe.measureBaseline(progress).map(\.prompt.text)
        let unit = vector.naturalStrength
        var searches = [-1.0: StrengthSearch(unit: unit), 1.0: StrengthSearch(unit: unit)]
        var measured: [Double: StrengthMeasures] = [0: probe.baseline]
        for round in 1... {
            let wanted = searches.flatMap { sign, search in search.next.map { sign * $0 } }.sorted()
            if wanted.isEmpty { break }
            let found = try probe.measure(wanted) { try progress($0, $1, "round \(round)") }
            for measures in found { measured[measures.strength] = measures }
            for sign in searches.keys {
                let side = found.filter { ($0.strength < 0) == (sign < 0) }
                searches[sign]?.take(side.map { ($0.strength.magnitude, budget.share(of: $0)) })
            }
        }
        func search(_ sign: Double) -> StrengthSearch { searches[sign] ?? StrengthSearch(unit: unit) }
        func band(_ sign: Double) -> StrengthBand {
            StrengthBand(search(sign), sign: sign) { measured[sign * $0]?.meterShift }
        }
        var proof = StrengthProof(negative: band(-1), positive: band(1))
        let proofBaseline = try prove(
            &proof,
            with: StrengthProbe(
                self, vector, probe.draws.map(\.prompt), drawn: provingSamplings, model: model,
                context: context), progress)
        let unmoved = Calibration.Side.allCases.filter { side in
            (side == .negative ? proof.negative : proof.positive).isUnmoved(
                by: proof.tried + Array(measured.values))
        }
        func settled(_ band: StrengthBand, _ side: Calibration.Side) -> StrengthBand {
            unmoved.contains(side) ? StrengthBand(strong: 0, safe: 0, breaking: band.breaking) : band
        }
        return Calibration(
            negative: settled(proof.negative, .negative), positive: settled(proof.positive, .positive),
            probes: measured.values.sorted { $0.strength < $1.strength }, proofs: proof.tried,
            proofBaseline: proofBaseline, budget: budget, promptCount: prompts.count - leftOut.count,
            sampling: sampling,
            provingSamplings: provingSamplings, leftOut: leftOut, unmovedSides: unmoved)
    }

    /// Answers at the strong strengths until they hold.
    ///
    /// - Returns: What the model does without steering in these draws; nil where there is nothing to prove.
    private func prove(
        _ proof: inout StrengthProof, with probe: StrengthProbe, _ progress: ProgressReport
    ) throws -> StrengthMeasures? {
        guard !proof.next.isEmpty else { return nil }
        var probe = probe
        _ = try probe.measureBaseline(progress)
        for round in 1... {
            let wanted = proof.next
            if wanted.isEmpty { break }
            let found = try probe.measure(wanted, stopsAtBreak: true) {
                try progress($0, $1, "proof \(round)")
            }
            proof.take(found, within: budget)
        }
        return probe.baseline
    }
}

extension ControlVector {
    /// The strength that adds one whole difference of the sides, by the evidence: 1 at natural
    /// scale; 1 where it is not known.
    var naturalStrength: Double {
        let ratios = layers.compactMap { layer -> Double? in
            guard let evidence = extraction?.evidence[layer], let scale = evidence.scale,
                let norm = evidence.norm, scale > 0, norm > 0
            else { return nil }
            return Double(scale) / Double(norm)
        }.sorted()
        return ratios.isEmpty ? 1 : ratios[ratios.count / 2]
    }
}
