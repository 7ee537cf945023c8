import ControlVectors
import Terms

/// The evidence of a vector as one SVG picture: self-contained, and 360 units wide, so that its
/// text is readable on a phone.
struct EvidencePlot: Sendable {
    let title: String
    let layers: [LayerIndex]
    let record: ExtractionRecord

    private static let width = 360.0
    private static let left = 36.0
    private static let right = 10.0
    private static let panelHeight = 92.0
    /// From the last line of a panel down to the numbers of its layers, and to the names of its lines.
    private static let (layersBelow, namesBelow) = (14.0, 31.0)
    /// From the last line of one part to the next part's heading.
    private static let gap = 26.0
    /// What fits into the first line in a bold sans serif of 13 units.
    private static let longestTitle = 36

    /// One line of a panel.
    private struct Series {
        let name: String
        let style: String
        let value: (LayerEvidence) -> Float?
    }

    /// Numbers of one kind, layer by layer.
    private struct Panel {
        let name: String
        let range: ClosedRange<Double>
        let series: [Series]
        var hasBand = false
    }

    private var panels: [Panel] {
        let doses = layers.compactMap { record.evidence[$0]?.dose }.map(Double.init).filter(\.isFinite)
        let isOfFit = record.evidence.values.contains { $0.isHeldOut == false }
        let shares = [
            Series(name: "variance", style: "a") { $0.explainedVarianceRatio },
            Series(name: "to mean", style: "b") { $0.cosineToMean },
            Series(name: "to layer before", style: "c") { $0.cosineToPrevious },
        ]
        // Directions of neighbouring layers may point against each other.
        let isSigned = layers.compactMap { record.evidence[$0] }.contains { evidence in
            shares.contains { ($0.value(evidence) ?? 0) < 0 }
        }
        return [
            Panel(
                name: "\(isOfFit ? "Pairs of the fit" : "Unseen pairs") (band: 95% of the accuracy)",
                range: 0.4...1,
                series: [
                    Series(name: "accuracy", style: "a") { $0.pairAccuracy },
                    Series(name: "AUC", style: "b") { $0.auc },
                    Series(name: "unseen personas", style: "c") { $0.personaAccuracy },
                ], hasBand: true),
            Panel(
                name: "Shares and cosines", range: isSigned ? -1...1 : 0...1, series: shares),
            Panel(
                name: "Dose of strength 1", range: 0...Self.end(ofScaleTo: doses.max() ?? 1),
                series: [Series(name: "length / median hidden state", style: "a") { $0.dose }]),
        ]
    }

    /// The picture.
    ///
    /// - Parameter pixelWidth: For programs that make dots of it: how many from left to right. Without it the
    ///   picture is as wide as its place, up to twice its units.
    func svg(in colours: PlotColours, pixelWidth: Int? = nil) -> String {
        var body = ""
        var top = 42.0
        for panel in panels { body += draw(panel, at: &top) }
        body += verdicts(at: &top)
        let height = top.rounded(.up)
        let size =
            pixelWidth.map {
                "width=\"\($0)\" height=\"\(Int((height * Double($0) / Self.width).rounded()))\""
            } ?? "width=\"100%\" style=\"max-width:720px\""
        let heading = Drawing.text(10, 18, DisplayWidth.truncated(title, to: Self.longestTitle), "t")
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 \(Int(height))" \(size) role="img" \
            aria-label="\(title.inHTML)">
            <style>
            \(Self.style(colours))
            </style>
            <rect class="page" width="360" height="\(Int(height))"/>
            \(heading)\(body)
            </svg>

            """
    }

    private static func style(_ colours: PlotColours) -> String {
        """
        \(colours.definitions)svg{background:\(colours(.page))}.page{fill:\(colours(.page))}
        text{font:11px system-ui,sans-serif;fill:\(colours(.ink))}.t{font-size:13px;font-weight:600}.h{font-weight:600}
        .s,.n{fill:\(colours(.dim))}.n{font-size:10px}.e{text-anchor:end}.m{text-anchor:middle}
        path{fill:none;stroke-width:1.6;stroke-linecap:round}.r{stroke:\(colours(.rule));stroke-width:1}
        .a{stroke:\(colours(.first))}.b{stroke:\(colours(.second));stroke-dasharray:6 4}.c{stroke:\(colours(.third));stroke-dasharray:1 4}
        .d{fill:\(colours(.first));fill-opacity:.16;stroke:none}.steerable{fill:\(colours(.third));stroke:\(colours(.third))}
        .marginal{fill:\(colours(.second));stroke:\(colours(.second))}.not{fill:none;stroke:\(colours(.dim))}
        """
    }

    // MARK: - Panels

    private func draw(_ panel: Panel, at top: inout Double) -> String {
        var svg = Drawing.text(Self.left, top, panel.name, "h")
        top += 12
        let range = panel.range
        func y(_ value: Float) -> Double {
            let value = min(max(Double(value), range.lowerBound), range.upperBound)
            return top + Self.panelHeight * (range.upperBound - value) / (range.upperBound - range.lowerBound)
        }
        for step in 0...2 {
            let value = range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / 2
            let line = y(Float(value))
            svg +=
                "<path class=\"r\" d=\"M\(place(Self.left)) \(place(line))H\(place(Self.width - Self.right))\"/>"
            svg += Drawing.text(Self.left - 5, line + 3.5, Drawing.number(value), "n e")
        }
        if panel.hasBand { svg += band(y) }
        for line in panel.series { svg += path(of: line, y) }
        top += Self.panelHeight
        svg += layerNumbers(at: top + Self.layersBelow)
        top += Self.namesBelow
        svg += names(panel.series.map(\.name), at: top) { index, x, y in
            "<path class=\"\(panel.series[index].style)\" d=\"M\(place(x)) \(place(y))h14\"/>"
        }
        top += Self.gap
        return svg
    }

    private func band(_ y: (Float) -> Double) -> String {
        let known = layers.compactMap { layer in
            record.evidence[layer]?.accuracyInterval.map { (x(layer), $0) }
        }
        guard known.count > 1 else { return "" }
        let upper = known.map { "\(place($0.0)) \(place(y($0.1.upperBound)))" }
        let lower = known.reversed().map { "\(place($0.0)) \(place(y($0.1.lowerBound)))" }
        return "<path class=\"d\" d=\"M\((upper + lower).joined(separator: "L"))Z\"/>"
    }

    private func path(of line: Series, _ y: (Float) -> Double) -> String {
        var path = ""
        var isOpen = false
        for layer in layers {
            guard let value = record.evidence[layer].flatMap(line.value), value.isFinite else {
                isOpen = false
                continue
            }
            path += "\(isOpen ? "L" : "M")\(place(x(layer))) \(place(y(value)))"
            // A single point is a dot.
            if !isOpen { path += "h.01" }
            isOpen = true
        }
        return path.isEmpty ? "" : "<path class=\"\(line.style)\" d=\"\(path)\"/>"
    }

    /// A row of names, each behind its sign. `sign`: which, where it begins, and the height of its middle
    private func names(
        _ names: [String], at y: Double, sign: (_ index: Int, _ x: Double, _ y: Double) -> String
    ) -> String {
        var svg = ""
        var x = Self.left
        for (index, name) in names.enumerated() {
            svg += sign(index, x, y - 4) + Drawing.text(x + 20, y, name, "s")
            // Wide letters have 6.6 units on the average.
            x += 36 + 6.6 * Double(name.count)
        }
        return svg
    }

    // MARK: - Verdicts

    /// One box a layer: whole for steerable, half for marginal, a line around nothing for not.
    private func verdicts(at top: inout Double) -> String {
        let found = record.assessment.map { ": \($0.verdict.rawValue)" } ?? ""
        var svg = Drawing.text(Self.left, top, "Verdict" + found, "h")
        top += 26
        let side = min((Self.width - Self.left - Self.right) / Double(max(layers.count, 1)) - 2, 14)
        for layer in layers {
            guard let verdict = record.evidence[layer]?.assessment?.verdict else { continue }
            let height = verdict == .marginal ? 8.0 : 16
            svg += Drawing.rectangle(
                x(layer) - side / 2, top - height, max(side, 1), height, verdict.rawValue)
        }
        svg += layerNumbers(at: top + Self.layersBelow)
        top += Self.namesBelow
        svg += names(Verdict.allCases.map(\.rawValue), at: top) { index, x, y in
            let height = Verdict.allCases[index] == .marginal ? 4.0 : 8
            return Drawing.rectangle(x + 4, y + 4 - height, 8, height, Verdict.allCases[index].rawValue)
        }
        top += 12
        return svg
    }

    // MARK: - Places

    private func layerNumbers(at y: Double) -> String {
        Drawing.text(Self.left - 5, y, "layer", "n e")
            + labelled.map { Drawing.text(x($0), y, "\($0)", "n m") }.joined()
    }

    /// About eight layers, the first among them.
    private var labelled: [LayerIndex] {
        let step = max((layers.count + 7) / 8, 1)
        return layers.enumerated().filter { $0.offset % step == 0 }.map(\.element)
    }

    private func x(_ layer: LayerIndex) -> Double {
        guard let first = layers.first, let last = layers.last, first != last else { return Self.width / 2 }
        let share = Double(layer.rawValue - first.rawValue) / Double(last.rawValue - first.rawValue)
        return Self.left + 8 + share * (Self.width - Self.left - Self.right - 16)
    }

    private func place(_ value: Double) -> String { Drawing.place(value) }

    /// The end of a scale that begins at 0 and holds a value: a number that is easily
    /// read, and so is half of it.
    private static func end(ofScaleTo greatest: Double) -> Double {
        guard greatest > 1e-6 else { return 1 }
        var unit = 1e-6
        while unit * 10 < greatest, unit < 1e12 { unit *= 10 }
        // What the multiplications have lost must not make 1 the reason for 1.5.
        let least = greatest * (1 - 1e-9)
        return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map { $0 * unit }.first { $0 >= least } ?? greatest
    }
}
