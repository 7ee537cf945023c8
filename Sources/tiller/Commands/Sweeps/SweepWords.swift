import Steering
import Terms

/// What a sweep comes to, for people: a table and a plot for each vector, and the answers.
struct SweepWords {
    let report: SweepReport
    /// The run's number; nil where it is not kept.
    var run: Int?
    /// Where the page was written.
    var reportPath: String?

    /// The whole text.
    func text(_ output: OutputOptions, showsAllTexts: Bool, reusedCount: Int = 0) -> String {
        let style = output.titleStyle
        let width = Terminal.current.width
        var parts = report.vectors.indices.map { index in
            heading(index, style) + "\n\n" + table(of: index).rendered(width: width, titleStyle: style) + "\n"
                + DosePlot(report, vector: index).text(width: width ?? 80) + summary(of: index)
        }
        let prompts = showsAllTexts ? Array(report.prompts.indices) : Array(report.prompts.indices.prefix(1))
        for vector in report.vectors.indices {
            for prompt in prompts {
                parts.append(
                    title(report.prompts[prompt], style) + "\n\n"
                        + texts(of: vector, prompt, showsAll: showsAllTexts).rendered(
                            width: width, titleStyle: style))
            }
        }
        return parts.joined(separator: "\n") + closing(reusedCount, showsAllTexts)
    }

    private func title(_ text: String, _ style: TextStyle?) -> String {
        let line = text.onOneLine
        return style?.applied(to: line, if: true) ?? line
    }

    private func heading(_ index: Int, _ style: TextStyle?) -> String {
        let vector = report.vectors[index]
        let prompts = Self.questions(of: report)
        return title("\(vector.name) on \(report.model.name)", style)
            + ([", layers \(vector.layers.runs)", prompts] + SweepConditions(report).remarks)
            .joined(separator: ", ")
    }

    /// How many prompts were answered, and how often.
    static func questions(of report: SweepReport) -> String {
        Quantity.counted(report.prompts.count, "prompt")
            + (report.drawCount > 1 ? ", \(Quantity.count(report.drawCount)) answers to each" : "")
    }

    // MARK: - Numbers

    private func table(of vector: Int) -> Table {
        let points = report.points(of: vector, .vector)
        let others = report.points(of: vector, .random) + report.points(of: vector, .instruction)
        let hasMarkers = points.contains { $0.measures.markerRate != nil }
        let hasChoice = points.contains { $0.measures.propensity != nil }
        var columns: [Table.Column] = [.text(""), .number("STRENGTH"), .number("METER"), .number("±")]
        if hasMarkers { columns.append(.number("WORDS")) }
        if hasChoice { columns.append(.number("CHOICE")) }
        columns += [
            .number("PERPLEXITY"), .number("×"), .number("KL"), .number("REPEATS"), .number("BROKEN"),
        ]
        var table = Table(columns)
        for point in points + others {
            let measures = point.measures
            var cells = [
                Self.name(of: point), point.side == nil ? Quantity.strength(Float(point.strength)) : "",
                Self.signed(measures.meterShift), Self.decimal(measures.meterShiftError, 2),
            ]
            if hasMarkers { cells.append(Self.signed(measures.markerRate)) }
            if hasChoice { cells.append(Self.signed(measures.propensity)) }
            cells += [
                Self.decimal(measures.perplexity, 1), Self.decimal(measures.perplexityRatio, 2),
                Self.decimal(measures.divergence, 2), measures.repetition.map(Quantity.percent) ?? "–",
                measures.brokenCount == 0 ? "" : "\(measures.brokenCount) of \(measures.answerCount)",
            ]
            table.append(cells)
        }
        return table
    }

    /// What a row is about, where it is not the vector.
    static func name(of point: SweepReport.Point) -> String { name(point.arm, point.side) }

    /// Which of several answers to a prompt one is; nothing for the first.
    static func drawName(of cell: SweepCell) -> String { cell.draw == 0 ? "" : "draw \(cell.draw + 1)" }

    private static func name(_ arm: SweepCell.Arm, _ side: SweepCell.Side?) -> String {
        switch (arm, side) {
        case (.vector, _): ""
        case (.random, _): "random"
        case (.instruction, .negative): "opposite in words"
        case (.instruction, _): "in words"
        }
    }

    private static func signed(_ value: Double?) -> String {
        guard let value else { return "–" }
        let text = Quantity.decimal(value, 2)
        return value > 0 ? "+" + text : text
    }

    private static func decimal(_ value: Double?, _ places: Int) -> String {
        value.map { Quantity.decimal($0, places) } ?? "–"
    }

    // MARK: - Sentences

    /// What a person takes away from the numbers.
    func summary(of vector: Int) -> String {
        sentences(of: vector).map { $0 + "\n" }.joined()
    }

    /// The same, a sentence each.
    func sentences(of vector: Int) -> [String] {
        var sentences: [String] = []
        if let swing = report.swing(of: vector) {
            sentences.append("\(Self.extent(of: swing)); \(Self.ends(of: swing)).")
        }
        let asked = report.points(of: vector, .instruction)
        if let toward = asked.first(where: { $0.side == .positive })?.measures.meterShift {
            let away = asked.first { $0.side == .negative }?.measures.meterShift
            sentences.append(
                "Asked for in words: \(Self.signed(toward)), and \(Self.signed(away)) for the opposite.")
        }
        let drawn = report.points(of: vector, .random).compactMap(\.measures.meterShift)
        if let largest = drawn.map(\.magnitude).max() {
            sentences.append(
                "A random vector of the same lengths: \(Quantity.decimal(largest, 2)) at the most.")
        }
        if let steerability = report.steerability(of: vector), let share = steerability.antiSteerableShare {
            let count = steerability.slopes.count { ($0 ?? 0) < 0 }
            let against =
                count == 0
                ? "no prompt moves against the vector"
                : "\(Quantity.counted(count, "prompt")), \(Quantity.percent(share)), "
                    + "\(count == 1 ? "moves" : "move") against the vector"
            sentences.append(
                "Forced choice: \(Self.signed(steerability.meanSlope)) nats a unit of strength; \(against).")
        }
        return sentences
    }

    private static func extent(of swing: SweepReport.Swing) -> String {
        let (from, to) = (swing.lower.strength, swing.upper.strength)
        if from == to { return "Whole at 0 alone" }
        let whole = "Whole from \(Quantity.strength(Float(from))) to \(Quantity.strength(Float(to)))"
        return swing.meter.map { "\(whole): the meter moves by \(Quantity.decimal($0, 2))" } ?? whole
    }

    /// What was found on either side, where something was tried.
    private static func ends(of swing: SweepReport.Swing) -> String {
        let damage =
            "answers break or perplexity \(growth(beyond: SweepReport.Point.greatestPerplexityRatio))"
        return switch (swing.isDamagedBelow, swing.isDamagedAbove) {
        case (true, true): "beyond, \(damage)"
        case (true, false): "below, \(damage); nothing above was tried"
        case (false, true): "above, \(damage); nothing below was tried"
        case (false, false): "nothing beyond was tried"
        }
    }

    /// What grows by more than a ratio does: it "more than doubles".
    static func growth(beyond ratio: Double) -> String {
        switch ratio {
        case 2: "more than doubles"
        case 3: "more than triples"
        default: "grows by more than \(Quantity.decimal(ratio, 2)) times"
        }
    }

    private func closing(_ reusedCount: Int, _ showsAllTexts: Bool) -> String {
        var lines: [String] = []
        if reusedCount > 0 {
            lines.append(
                "\(Quantity.counted(reusedCount, "answer")) of \(Quantity.count(report.answers.count)) "
                    + "\(reusedCount == 1 ? "was" : "were") kept from before"
            )
        }
        if let reportPath { lines.append("wrote \(reportPath.onOneLine)") }
        if let run {
            let more =
                showsAllTexts || report.prompts.count * report.drawCount == 1
                ? "" : "; --texts prints all answers"
            lines.append("run \(run): tiller runs show \(run)\(more)")
        }
        return lines.isEmpty ? "" : "\n" + lines.map { $0 + "\n" }.joined()
    }

    // MARK: - Answers

    private func texts(of vector: Int, _ prompt: Int, showsAll: Bool) -> Table {
        var table = Table(.text(""), .number("STRENGTH"), .number("PERPLEXITY"), .wrapped("TEXT"))
        for arm in SweepCell.Arm.allCases {
            for answer in report.answers(of: vector, arm, to: prompt) {
                guard let outcome = answer.outcome, showsAll || answer.cell.draw == 0 else { continue }
                table.append(
                    [Self.name(arm, answer.cell.side), Self.drawName(of: answer.cell)]
                        .filter { !$0.isEmpty }.joined(separator: ", "),
                    answer.cell.side == nil ? Quantity.strength(Float(answer.cell.strength)) : "",
                    Self.decimal(outcome.measures?.perplexity, 1),
                    outcome.failure.map { "(\($0))" } ?? outcome.text)
            }
        }
        return table
    }
}
