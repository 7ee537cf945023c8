import ControlVectors
import Generation
import Steering

/// What `calibrate` says of a vector.
struct CalibrationWords {
    let calibration: Calibration
    let vectorPath: String
    /// The model as it was asked for; nil for the default.
    let modelName: String?
    /// How the prompts were put.
    let form: PromptForm
    let isWritten: Bool
    let seconds: Double

    /// For scripts.
    var json: JSONValue {
        [
            "vector": .string(vectorPath), "written": .bool(isWritten),
            "negative": CalibrationFacts.json(calibration.negative),
            "positive": CalibrationFacts.json(calibration.positive),
            "swing": .optional(calibration.swing, JSONValue.number),
            "budget": [
                "perplexityRatio": .number(calibration.budget.perplexityRatio),
                "divergence": .number(calibration.budget.divergence),
            ],
            "prompts": .integer(calibration.promptCount),
            "raw": .bool(form == .raw), "system": .string(form.system),
            "draws": [
                "search": calibration.sampling.json,
                "proof": .array(calibration.provingSamplings.map(\.json)),
            ],
            "leftOut": .array(calibration.leftOut.map { .string($0) }),
            "unmoved": .array(calibration.unmovedSides.map { .string($0.rawValue) }),
            "probes": .array(calibration.probes.map(json)),
            "proofs": .array(calibration.proofs.map(json)),
            "proofBaseline": .optional(calibration.proofBaseline, json), "seconds": .number(seconds),
        ]
    }

    private func json(_ probe: StrengthMeasures) -> JSONValue {
        func number(_ value: Double?) -> JSONValue { .optional(value, JSONValue.number) }
        return [
            "strength": .number(probe.strength), "damage": .number(calibration.budget.share(of: probe)),
            "perplexity": number(probe.perplexity), "perplexityRatio": number(probe.perplexityRatio),
            "divergence": number(probe.divergence), "repetition": number(probe.repetition),
            "answers": .integer(probe.answerCount), "broken": .integer(probe.brokenCount),
            "faults": .object(
                probe.faults.sorted { $0.key.rawValue < $1.key.rawValue }
                    .map { .init(key: $0.key.rawValue, value: .integer($0.value)) }),
            "markerRate": number(probe.markerRate), "meterShift": number(probe.meterShift),
        ]
    }

    /// For people: what was tried, then the bands.
    func text(titleStyle: TextStyle?) -> String {
        var table = Table(
            .number("STRENGTH"), .number("PERPLEXITY"), .number("RATIO"), .number("KL"), .number("BROKEN"),
            .number("METER"), .text("DRAWS"), .text("BAND"))
        // A strength of the search stands before its proof, which rests on more answers. A proof is compared
        // with the unsteered answers of its own draws, which stand there too.
        let proofs = (calibration.proofBaseline.map { [$0] } ?? []) + calibration.proofs
        let tried = (calibration.probes.map { ($0, "search") } + proofs.map { ($0, "proof") }).enumerated()
            .sorted { ($0.element.0.strength, $0.offset) < ($1.element.0.strength, $1.offset) }
        for (probe, draws) in tried.map(\.element) {
            table.append(
                CalibrationFacts.rounded(Float(probe.strength)), Self.decimal(probe.perplexity, 1),
                Self.decimal(probe.perplexityRatio, 2), Self.decimal(probe.divergence, 2),
                "\(probe.brokenCount) of \(probe.answerCount)",
                Self.decimal(probe.meterShift, 2), draws, band(of: probe))
        }
        var lines = [table.rendered(width: Terminal.current.width, titleStyle: titleStyle)]
        lines.append("with the trait  \(words(.positive))")
        lines.append("against it      \(words(.negative))")
        let path = vectorPath.withoutTerminalControls
        let prompts = Quantity.counted(calibration.promptCount, form == .raw ? "raw prompt" : "prompt")
        lines.append("\(prompts), \(Quantity.seconds(seconds)); \(calibration.budget.words)")
        if let answers = calibration.proofs.map(\.answerCount).max() {
            let draws = Quantity.counted(calibration.provingSamplings.count, "further draw")
            lines.append(
                "proved with \(draws) of each prompt, \(Quantity.counted(answers, "answer")) at each strength"
            )
        }
        lines.append(
            isWritten
                ? "wrote the bands into \(path)"
                    + (Self.auto(negative: calibration.negative, positive: calibration.positive)
                        .map { ": \(Self.use(of: path, on: modelName, $0, form))" }
                        ?? "; none of them can be steered by")
                : "nothing was written; --write stores the bands in the vector")
        return lines.joined(separator: "\n")
    }

    /// The command that steers by what was found.
    static func use(
        of path: String, on modelName: String?, _ auto: String = "auto",
        _ form: PromptForm = .chat(system: nil)
    ) -> String {
        "tiller generate" + (modelName.map { " -m \(ShellCommand.quoted($0))" } ?? "")
            + " --vector \(ShellCommand.quoted(path + ":" + auto))" + (form == .raw ? " --raw" : "")
            + (form.system.map { " --system \(ShellCommand.quoted($0))" } ?? "")
    }

    /// The strength that a calibration has found: with the trait, or else against it; nil
    /// where it has found neither.
    static func auto(negative: StrengthBand, positive: StrengthBand) -> String? {
        if positive.strong != 0 { return "auto" }
        return negative.strong != 0 ? "-auto" : nil
    }

    private func band(_ side: Calibration.Side) -> StrengthBand {
        side == .negative ? calibration.negative : calibration.positive
    }

    private func band(of probe: StrengthMeasures) -> String {
        let bounds = band(probe.strength < 0 ? .negative : .positive)
        let size = Float(probe.strength).magnitude
        if size <= (bounds.safe ?? 0).magnitude { return "safe" }
        if size <= bounds.strong.magnitude { return "strong" }
        return size >= bounds.breaking?.magnitude ?? .infinity ? "breaking" : "no gain"
    }

    /// The bands of a side, or that its strengths do something else.
    private func words(_ side: Calibration.Side) -> String {
        guard calibration.unmovedSides.contains(side) else { return CalibrationFacts.words(band(side)) ?? "" }
        let words = "no strength moves the answers that way"
        guard let breaking = band(side).breaking else { return words }
        return words + ", breaking from \(CalibrationFacts.rounded(breaking))"
    }

    private static func decimal(_ value: Double?, _ places: Int) -> String {
        value.map { Quantity.decimal($0, places) } ?? "–"
    }
}
