import Runs
import Steering

/// Two runs beside each other: what each strength does in the one and in the other.
struct RunComparison {
    private let left: KeptRun
    private let right: KeptRun
    private let rows: [Row]
    /// Answers to equal prompts in equal places, and how many of them have equal words.
    private let sharedCount: Int
    private let equalCount: Int

    private struct Row {
        var vector: Int
        var left: SweepReport.Point
        var right: SweepReport.Point
    }

    /// Pairs vectors by their order, and strengths by their value.
    ///
    /// - Throws: `badUsage` where no strength is in both.
    init(_ left: KeptRun, _ right: KeptRun) throws(TillerError) {
        self.left = left
        self.right = right
        let vectors = 0..<min(left.report.vectors.count, right.report.vectors.count)
        rows = vectors.flatMap { vector in
            SweepCell.Arm.allCases.flatMap { arm in
                let others = right.report.points(of: vector, arm)
                return left.report.points(of: vector, arm).compactMap { point in
                    others.first { $0.strength == point.strength && $0.side == point.side }
                        .map { Row(vector: vector, left: point, right: $0) }
                }
            }
        }
        guard !rows.isEmpty else {
            throw .badUsage(
                message: "runs \(left.number) and \(right.number) have no strength in common",
                remedy: "sweep the same strengths in both")
        }
        let texts = Self.texts(right.report)
        let shared = Self.texts(left.report).filter { texts[$0.key] != nil }
        sharedCount = shared.count
        equalCount = shared.count { texts[$0.key] == $0.value }
    }

    private struct Place: Hashable {
        var cell: SweepCell
        var prompt: String
    }

    private static func texts(_ report: SweepReport) -> [Place: String] {
        report.answers.reduce(into: [:]) { texts, answer in
            var cell = answer.cell
            cell.prompt = 0
            texts[Place(cell: cell, prompt: report.prompts[answer.cell.prompt])] = answer.outcome?.text
        }
    }

    /// For people.
    func text(width: Int?, titleStyle: TextStyle?) -> String {
        var table = Table(
            .text(""), .number("STRENGTH"), .number("METER \(left.number)"), .number("\(right.number)"),
            .number("PERPLEXITY × \(left.number)"), .number("\(right.number)"),
            .number("BROKEN \(left.number)"),
            .number("\(right.number)"))
        for row in rows {
            let points = [row.left, row.right]
            let names = [
                left.report.vectors.count > 1 ? left.report.vectors[row.vector].name : "",
                SweepWords.name(of: row.left),
            ]
            table.append(
                [
                    names.filter { !$0.isEmpty }.joined(separator: " "),
                    row.left.side == nil ? Quantity.strength(Float(row.left.strength)) : "",
                ]
                    + points.map { Self.decimal($0.measures.meterShift) }
                    + points.map { Self.decimal($0.measures.perplexityRatio) }
                    + points.map { "\($0.measures.brokenCount)" })
        }
        return [left, right].map(Self.heading).joined() + "\n"
            + table.rendered(width: width, titleStyle: titleStyle)
            + "\n\(Quantity.count(equalCount)) of \(Quantity.counted(sharedCount, "answer")) to equal prompts have equal words\n"
    }

    private static func heading(_ run: KeptRun) -> String {
        let names = run.report.vectors.map(\.name).joined(separator: ", ")
        return "run \(run.number): \(names.onOneLine) on \(run.report.model.name.onOneLine), "
            + "\(RunWords.date(run.started))\n"
    }

    private static func decimal(_ value: Double?) -> String { value.map { Quantity.decimal($0, 2) } ?? "–" }

    /// For scripts.
    var json: JSONValue {
        [
            "runs": [RunWords.json(left), RunWords.json(right)],
            "strengths": .array(
                rows.map { row in
                    [
                        "vector": .string(left.report.vectors[row.vector].name),
                        "arm": .string(row.left.arm.rawValue), "strength": .number(row.left.strength),
                        "side": .string(row.left.side?.rawValue), "left": SweepWords.point(row.left),
                        "right": SweepWords.point(row.right),
                    ]
                }),
            "sharedAnswers": .integer(sharedCount), "equalAnswers": .integer(equalCount),
        ]
    }
}
