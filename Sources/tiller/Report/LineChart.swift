import Foundation

/// Numbers over strength, as one SVG panel 360 units wide: on a phone its text has the
/// size that it was drawn in.
struct LineChart {
    /// One line.
    struct Series {
        var name: String
        /// The class that says how it is drawn: `a` whole, `b` dashed, `c` dotted.
        var style: String
        /// By x ascending; a y that is nil interrupts the line.
        var points: [(x: Double, y: Double?)]
    }

    /// One number that has no strength.
    struct Level {
        var name: String
        var value: Double
    }

    var title: String
    var series: [Series]
    var levels: [Level] = []
    /// Stretches of x that are shaded: there the model is damaged.
    var damaged: [ClosedRange<Double>] = []
    /// Values above this are damage.
    var budget: Double?
    /// Whether y grows by factors instead of steps.
    var isLogarithmic = false
    /// A value that the scale holds whatever the lines say.
    var includes: [Double] = []

    private static let width = 360.0
    private static let height = 190.0
    private static let plot = (left: 40.0, right: 350.0, top: 10.0, bottom: 160.0)

    /// The panel with its title and the names of its lines; empty where there is nothing to draw.
    var html: String {
        guard let scale = Scale(self) else { return "" }
        let names =
            series.map { "<span class=\"key \($0.style)\">\($0.name.inHTML)</span>" }
            + levels.map { "<span class=\"key l\">\($0.name.inHTML) \(Drawing.number($0.value))</span>" }
            + (damaged.isEmpty && budget == nil ? [] : ["<span class=\"key d\">damage</span>"])
        return """
            <figure><figcaption>\(title.inHTML)</figcaption>
            <svg viewBox="0 0 360 190" role="img" aria-label="\(title.inHTML)">\(body(scale))</svg>
            <p class="keys">\(names.joined(separator: " "))</p></figure>

            """
    }

    private func body(_ scale: Scale) -> String {
        let plot = Self.plot
        var svg = ""
        for range in damaged {
            let (left, right) = (scale.x(range.lowerBound), scale.x(range.upperBound))
            svg += Drawing.rectangle(left, plot.top, right - left, plot.bottom - plot.top, "d")
        }
        if let budget, damaged.isEmpty {
            let y = scale.y(budget)
            if y > plot.top {
                svg += Drawing.rectangle(plot.left, plot.top, plot.right - plot.left, y - plot.top, "d")
            }
        }
        for tick in scale.ticks {
            let y = scale.y(tick)
            svg += "<path class=\"r\" d=\"M\(plot.left) \(Drawing.place(y))H\(plot.right)\"/>"
            svg += Drawing.text(plot.left - 4, y + 3.5, Drawing.number(tick), "e")
        }
        for tick in scale.columns {
            svg += Drawing.text(scale.x(tick), plot.bottom + 14, Quantity.strength(Float(tick)), "m")
        }
        svg += Drawing.text((plot.left + plot.right) / 2, plot.bottom + 27, "strength", "m")
        for level in levels {
            let y = Drawing.place(scale.y(level.value))
            svg += "<path class=\"l\" d=\"M\(plot.left) \(y)H\(plot.right)\"/>"
        }
        for line in series { svg += path(of: line, scale) }
        return svg
    }

    private func path(of line: Series, _ scale: Scale) -> String {
        var path = ""
        var dots = ""
        var isOpen = false
        for point in line.points {
            guard let value = point.y, value.isFinite, !isLogarithmic || value > 0 else {
                isOpen = false
                continue
            }
            let (x, y) = (Drawing.place(scale.x(point.x)), Drawing.place(scale.y(value)))
            path += "\(isOpen ? "L" : "M")\(x) \(y)"
            dots +=
                "<circle class=\"\(line.style)\" cx=\"\(x)\" cy=\"\(y)\" r=\"2.4\"><title>"
                + "\(line.name.inHTML) at \(Quantity.strength(Float(point.x))): \(Drawing.number(value))</title></circle>"
            isOpen = true
        }
        return path.isEmpty ? "" : "<path class=\"\(line.style)\" d=\"\(path)\"/>" + dots
    }

    // MARK: - Scale

    /// Where numbers lie in the panel.
    private struct Scale {
        let xs: ClosedRange<Double>
        let ys: ClosedRange<Double>
        let columns: [Double]
        let ticks: [Double]
        let isLogarithmic: Bool

        init?(_ chart: LineChart) {
            isLogarithmic = chart.isLogarithmic
            let positions = chart.series.flatMap { $0.points.map(\.x) }
            var values =
                chart.series.flatMap { $0.points.compactMap(\.y) } + chart.levels.map(\.value)
                + chart.includes + (chart.budget.map { [$0] } ?? [])
            values = values.filter { $0.isFinite && (!chart.isLogarithmic || $0 > 0) }
            let drawn = chart.series.contains { $0.points.contains { $0.y?.isFinite == true } }
            guard drawn, let left = positions.min(), let right = positions.max(), let low = values.min(),
                let high = values.max()
            else { return nil }
            xs = left < right ? left...right : left - 1...right + 1
            if chart.isLogarithmic {
                ys = low / 1.15...high * 1.15
                ticks = Self.factors(in: ys)
            } else {
                let margin = high > low ? (high - low) * 0.06 : max(abs(high) * 0.1, 0.5)
                ys = low - margin...high + margin
                ticks = Self.steps(in: ys)
            }
            let distinct = Set(positions).sorted()
            let step = max((distinct.count + 6) / 7, 1)
            // Where 0 is, labels count from it.
            let zero = distinct.firstIndex(of: 0) ?? 0
            columns = distinct.enumerated().filter { ($0.offset - zero) % step == 0 }.map(\.element)
        }

        func x(_ value: Double) -> Double {
            let share = (value - xs.lowerBound) / (xs.upperBound - xs.lowerBound)
            return LineChart.plot.left + 8 + min(max(share, 0), 1)
                * (LineChart.plot.right - LineChart.plot.left - 16)
        }

        func y(_ value: Double) -> Double {
            let place: (Double) -> Double = { isLogarithmic ? log(max($0, .leastNormalMagnitude)) : $0 }
            let share = (place(value) - place(ys.lowerBound)) / (place(ys.upperBound) - place(ys.lowerBound))
            return LineChart.plot.bottom - min(max(share, 0), 1)
                * (LineChart.plot.bottom - LineChart.plot.top)
        }

        /// About five round numbers.
        private static func steps(in range: ClosedRange<Double>) -> [Double] {
            let rough = (range.upperBound - range.lowerBound) / 4
            let unit = pow(10, floor(log10(rough)))
            let step = [1, 2, 5, 10].map { $0 * unit }.first { $0 >= rough * 0.8 } ?? 10 * unit
            let first = Int((range.lowerBound / step).rounded(.up))
            let last = Int((range.upperBound / step).rounded(.down))
            return first <= last ? (first...last).map { Double($0) * step } : []
        }

        /// 1, 2, 5, 10, …, thinned out to seven.
        private static func factors(in range: ClosedRange<Double>) -> [Double] {
            let first = Int(floor(log10(range.lowerBound)))
            let last = max(first, Int(ceil(log10(range.upperBound))))
            let all = (first...min(last, first + 40)).flatMap { power in
                [1.0, 2, 5].map { $0 * pow(10, Double(power)) }
            }.filter(range.contains)
            return all.count <= 7 ? all : all.filter { log10($0) == log10($0).rounded() }
        }
    }
}
