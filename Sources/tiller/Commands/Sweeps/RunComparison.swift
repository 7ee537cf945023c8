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
        /// The vector's place in the left run, and that of its partner in the right one.
        var vectors: (left: Int, right: Int)
        var left: SweepReport.Point
        var right: SweepReport.Point
    }

    /// Pairs vectors by what they do, and strengths by their value.
    ///
    /// - Throws: `badUsage` where no strength is in both.
    init(_ left: KeptRun, _ right: KeptRun) throws(TillerError) {
        self.left = left
        self.right = right
        let pairs = Self.pairs(left.report.vectors, right.report.vectors)
        var rows: [Row] = []
        for pair in pairs {
            for arm in SweepCell.Arm.allCases {
                let others = right.report.points(of: pair.right, arm)
                for point in left.report.points(of: pair.left, arm) {
                    guard
                        let other = others.first(where: {
                            $0.strength == point.strength && $0.side == point.side
                        })
                    else { continue }
                    rows.append(Row(vectors: pair, left: point, right: other))
                }
            }
        }
        self.rows = rows
        guard !rows.isEmpty else {
            throw .badUsage(
                message: "runs \(left.number) and \(right.number) have no strength in common",
                remedy: "sweep the same strengths in both")
        }
        let texts = Self.texts(right.report) { vector in pairs.first { $0.right == vector }?.left }
        let shared = Self.texts(left.report) { $0 }.filter { texts[$0.key] != nil }
        sharedCount = shared.count
        equalCount = shared.count { texts[$0.key] == $0.value }
    }

    /// Each vector of the left run with the one of the right run that is the same in the same layers; what is
    /// left then with the one of its name, and the rest by their order.
    private static func pairs(
        _ left: [SweepReport.Vector], _ right: [SweepReport.Vector]
    ) -> [(left: Int, right: Int)] {
        let tests: [(SweepReport.Vector, SweepReport.Vector) -> Bool] = [
            { $0.digest == $1.digest && $0.layers == $1.layers }, { $0.name == $1.name }, { _, _ in true },
        ]
        var partners: [Int: Int] = [:]
        var rest = Array(right.indices)
        for areOne in tests {
            for index in left.indices where partners[index] == nil {
                guard let found = rest.firstIndex(where: { areOne(left[index], right[$0]) }) else { continue }
                partners[index] = rest.remove(at: found)
            }
        }
        return left.indices.compactMap { index in partners[index].map { (left: index, right: $0) } }
    }

    private struct Place: Hashable {
        var cell: SweepCell
        var prompt: String
    }

    /// The words of a run's answers.
    ///
    /// - Parameter vector: The number under which a vector of the run is compared; nil for none.
    private static func texts(_ report: SweepReport, vector: (Int) -> Int?) -> [Place: String] {
        report.answers.reduce(into: [:]) { texts, answer in
            var cell = answer.cell
            guard let number = vector(cell.vector) else { return }
            (cell.vector, cell.prompt) = (number, 0)
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
            let names = [vectorName(row), SweepWords.name(of: row.left)]
            table.append(
                [
                    names.filter { !$0.isEmpty }.joined(separator: " "),
                    row.left.side == nil ? Quantity.strength(Float(row.left.strength)) : "",
                ]
                    + points.map { Self.decimal($0.measures.meterShift) }
                    + points.map { Self.decimal($0.measures.perplexityRatio) }
                    + points.map { "\($0.measures.brokenCount)" })
        }
        return [left, right].map(Self.heading).joined() + differences.map { $0 + "\n" }.joined() + "\n"
            + table.rendered(width: width, titleStyle: titleStyle)
            + "\n\(Quantity.count(equalCount)) of \(Quantity.counted(sharedCount, "answer")) to equal prompts have equal words\n"
    }

    /// What else is not the same in both.
    private var differences: [String] {
        SweepConditions(left.report).differences(from: SweepConditions(right.report))
    }

    /// Which vector a row is of, where that is a question; both where two of other names are compared.
    private func vectorName(_ row: Row) -> String {
        let name = left.report.vectors[row.vectors.left].name
        let other = right.report.vectors[row.vectors.right].name
        guard name == other else { return "\(name) | \(other)" }
        return max(left.report.vectors.count, right.report.vectors.count) > 1 ? name : ""
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
                        "vector": .string(left.report.vectors[row.vectors.left].name),
                        "rightVector": .string(right.report.vectors[row.vectors.right].name),
                        "arm": .string(row.left.arm.rawValue), "strength": .number(row.left.strength),
                        "side": .string(row.left.side?.rawValue), "left": SweepWords.point(row.left),
                        "right": SweepWords.point(row.right),
                    ]
                }),
            "conditions": [SweepConditions(left.report).json, SweepConditions(right.report).json],
            "sharedAnswers": .integer(sharedCount), "equalAnswers": .integer(equalCount),
        ]
    }
}
