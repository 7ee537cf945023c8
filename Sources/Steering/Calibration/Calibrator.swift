public import ControlVectors
public import Generation
import Terms
public import Transformer

/// Finds the strongest strengths, each way, that keep damage within a budget: answers to some prompts at a few strengths at a time,
/// both ways in one batch.
public struct Calibrator: Sendable {
    /// The damage that is allowed.
    public var budget = DamageBudget.standard

    /// How tokens are chosen: drawn at `generate`'s temperature, with a light penalty on repetition that it has not. Where the likeliest token is always taken, small models
    /// go round in circles by themselves, at one strength and not at the next, and a broken answer says nothing of steering.
    public var sampling: SamplingOptions

    /// The length of an answer in tokens at the most; at least 1.
    public var maximumTokens = 40

    /// The layers that are steered; nil for all that the vector has.
    public var layers: LayerSelection?

    /// Words to count.
    public var markers = Markers()

    /// The standard budget, answers of 40 tokens.
    public init() {
        sampling = SamplingOptions()
        sampling.repeatPenalty = 1.1
    }

    /// Cells that a context needs to work at full speed.
    public func cells(for prompts: [Sweep.Prompt]) -> Int {
        let longest = prompts.map(\.tokens.count).max() ?? 0
        let together = min(StrengthProbe.answersInWork, 8 * prompts.count)
        return max(
            together * (longest + maximumTokens + 1),
            longest + 8 * AnswerMeasurer().cells(prompt: longest, answer: maximumTokens))
    }

    /// Searches both ways.
    ///
    /// - Parameters:
    ///   - prompts: What is answered; those that the model answers badly without steering are left out.
    ///   - context: Used alone while it runs; emptied.
    /// - Throws: `noSoundAnswer` where the model's own answers are all broken; the errors of `SteeringPlan`.
    public func run(
        _ vector: ControlVector, on prompts: [Sweep.Prompt], model: LanguageModel,
        in context: InferenceContext, progress: @escaping ProgressReport = { _, _, _ in }
    ) throws -> Calibration {
        var probe = try StrengthProbe(self, vector, prompts, model: model, context: context)
        let leftOut = try probe.measureBaseline(progress)
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
            StrengthBand(
                search(sign), sign: sign, share: { measured[sign * $0].map(budget.share) ?? .infinity },
                shift: { measured[sign * $0]?.meterShift })
        }
        let bands = (negative: band(-1), positive: band(1))
        let unmoved = Calibration.Side.allCases.filter { side in
            let (band, sign) = side == .negative ? (bands.negative, -1.0) : (bands.positive, 1)
            return band.strong == 0 && !search(sign).kept.isEmpty
        }
        return Calibration(
            negative: bands.negative, positive: bands.positive,
            probes: measured.values.sorted { $0.strength < $1.strength }, budget: budget,
            promptCount: prompts.count - leftOut.count, leftOut: leftOut, unmovedSides: unmoved)
    }
}

extension ControlVector {
    /// The strength that adds one whole difference of the sides, by the evidence: 1 at natural scale; 1 where it is not known.
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
