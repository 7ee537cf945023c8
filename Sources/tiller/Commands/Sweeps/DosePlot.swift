import Steering

/// The dose-response of a vector in characters: `●` how far the meter moves (left scale), `×` how many times
/// the perplexity grows (right scale), `◉` where both marks fall together. Strengths at which answers are
/// damaged have `░` behind them.
struct DosePlot {
    private let points: [SweepReport.Point]

    private static let height = 9
    private static let margin = 9
    private static let mostColumns = 60

    init(_ report: SweepReport, vector: Int) {
        points = report.points(of: vector, .vector)
    }

    /// The plot, a line break after every line; empty where there are no two strengths to plot.
    func text(width: Int) -> String {
        let shifts = points.map(\.measures.meterShift)
        let ratios = points.map(\.measures.perplexityRatio)
        guard points.count > 1, let left = Self.range(shifts), let right = Self.range(ratios) else {
            return ""
        }
        // A column of its own for each strength; of more than there are columns, neighbours share one.
        let columnCount = min(max(width - 2 * Self.margin - 2, points.count), Self.mostColumns)
        let columns = points.indices.map { $0 * (columnCount - 1) / (points.count - 1) }
        var grid = [[Character]](
            repeating: [Character](repeating: " ", count: columnCount), count: Self.height)
        for (index, point) in points.enumerated() where point.isDamaged {
            for row in grid.indices { grid[row][columns[index]] = "░" }
        }
        func mark(_ values: [Double?], _ range: ClosedRange<Double>, _ sign: Character) {
            for (index, value) in values.enumerated() {
                guard let value, value.isFinite else { continue }
                let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
                let row = Self.height - 1 - Int((share * Double(Self.height - 1)).rounded())
                let taken = grid[row][columns[index]]
                grid[row][columns[index]] = [" ", "░", sign].contains(taken) ? sign : "◉"
            }
        }
        mark(ratios, right, "×")
        mark(shifts, left, "●")
        var text =
            DisplayWidth.padded("● meter", to: Self.margin)
            + String(repeating: " ", count: max(columnCount - 12, 2))
            + "× perplexity\n"
        for (row, line) in grid.enumerated() {
            let share = 1 - Double(row) / Double(Self.height - 1)
            let isLabelled = row % 4 == 0
            func label(_ range: ClosedRange<Double>) -> String {
                isLabelled
                    ? Quantity.decimal(range.lowerBound + share * (range.upperBound - range.lowerBound), 2)
                    : ""
            }
            text += DisplayWidth.padded(label(left), to: Self.margin - 2, alignment: .right) + " ┤"
            text += String(line)
            text += isLabelled ? "├ \(label(right))\n" : "│\n"
        }
        return text + axis(columns, columnCount) + "\n"
    }

    private static func range(_ values: [Double?]) -> ClosedRange<Double>? {
        let known = values.compactMap { $0 }.filter(\.isFinite)
        guard let low = known.min(), let high = known.max() else { return nil }
        return high > low ? low...high : low - 0.5...high + 0.5
    }

    /// Strengths below their columns, those that find room.
    private func axis(_ columns: [Int], _ width: Int) -> String {
        var line = [Character](repeating: " ", count: Self.margin + width + 8)
        let zero = points.firstIndex { $0.strength == 0 } ?? 0
        let order = [zero, 0, points.count - 1] + Array(points.indices)
        for index in order {
            let label = Quantity.strength(Float(points[index].strength))
            let start = max(0, Self.margin + columns[index] - label.count / 2)
            let range = max(0, start - 1)..<min(line.count, start + label.count + 1)
            guard start + label.count <= line.count, line[range].allSatisfy({ $0 == " " }) else { continue }
            line.replaceSubrange(start..<start + label.count, with: label)
        }
        return String(String(line).reversed().drop { $0 == " " }.reversed()) + "\n"
    }
}
