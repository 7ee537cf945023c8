import ControlVectors
import Terms

/// The evidence of a vector as one SVG picture: self-contained, in the colours of the reader's light or dark scheme, and 360
/// units wide, so that its text is readable on a phone.
///
/// No PNG: nothing that this project depends on draws text into pixels. `rsvg-convert` or any browser makes one of the SVG.
struct EvidencePlot {
    let title: String
    let layers: [LayerIndex]
    let record: ExtractionRecord

    private static let width = 360.0
    private static let left = 34.0
    private static let right = 10.0
    private static let panelHeight = 92.0

    /// One line of a panel.
    private struct Series {
        let name: String
        let style: String
        let value: (LayerEvidence) -> Float?
    }

    /// The picture.
    var svg: String {
        var body = ""
        var top = 34.0
        func panel(_ name: String, _ range: ClosedRange<Double>, _ series: [Series], band: Bool = false) {
            body += text(Self.left, top + 4, name, "h")
            top += 12
            body += self.panel(top, range, series, band: band)
            top += Self.panelHeight + 10
            var x = Self.left
            for line in series {
                body += "<path class=\"\(line.style)\" d=\"M\(place(x)) \(place(top))h14\"/>"
                body += text(x + 18, top + 4, line.name, "s")
                x += 30 + 6.0 * Double(line.name.count)
            }
            top += 24
        }
        panel(
            "Unseen pairs (band: 95 % of the accuracy)", 0.4...1,
            [
                Series(name: "accuracy", style: "a") { $0.pairAccuracy },
                Series(name: "AUC", style: "b") { $0.auc },
                Series(name: "unseen personas", style: "c") { $0.personaAccuracy },
            ], band: true)
        panel(
            "Shares and cosines", 0...1,
            [
                Series(name: "variance", style: "a") { $0.explainedVarianceRatio },
                Series(name: "to mean", style: "b") { $0.cosineToMean },
                Series(name: "to layer before", style: "c") { $0.cosineToPrevious },
            ])
        let doses = layers.compactMap { record.evidence[$0]?.dose }.map(Double.init)
        panel(
            "Dose of strength 1", 0...max((doses.max() ?? 1) * 1.1, 1e-6),
            [Series(name: "length / median hidden state", style: "a") { $0.dose }])
        body += verdicts(at: &top)
        let height = place(top + 6)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 \(height)" width="100%" \
            style="max-width:720px" role="img" aria-label="\(Self.escaped(title))">
            <style>
            svg{--ink:#1c1c1e;--dim:#6b6b70;--rule:#d8d8dc;--page:#fff;--a:#0b62c4;--b:#b3400d;--c:#17803d;background:var(--page)}
            @media (prefers-color-scheme:dark){svg{--ink:#f2f2f5;--dim:#a5a5ad;--rule:#3a3a40;--page:#161618;--a:#6cb2ff;--b:#ff9d6b;--c:#6ddc92}}
            text{font:11px system-ui,sans-serif;fill:var(--ink)}.t{font-size:13px;font-weight:600}.h{font-weight:600}.s,.n{fill:var(--dim)}
            .n{font-size:10px}.e{text-anchor:end}.m{text-anchor:middle}path{fill:none;stroke-width:1.6}.r{stroke:var(--rule);stroke-width:1}
            .a{stroke:var(--a)}.b{stroke:var(--b);stroke-dasharray:6 3}.c{stroke:var(--c);stroke-dasharray:2 3}.d{fill:var(--a);fill-opacity:.16;stroke:none}
            .steerable{fill:var(--c);stroke:var(--c)}.marginal{fill:var(--b);stroke:var(--b)}.not{fill:none;stroke:var(--dim)}
            </style>
            <rect width="360" height="\(height)" style="fill:var(--page)"/>
            \(text(10, 18, title, "t"))\(body)
            </svg>

            """
    }

    private func panel(
        _ top: Double, _ range: ClosedRange<Double>, _ series: [Series], band: Bool
    ) -> String {
        func y(_ value: Float) -> Double {
            let value = min(max(Double(value), range.lowerBound), range.upperBound)
            return top + Self.panelHeight * (range.upperBound - value) / (range.upperBound - range.lowerBound)
        }
        var svg = ""
        for step in 0...2 {
            let value = range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / 2
            let line = y(Float(value))
            svg +=
                "<path class=\"r\" d=\"M\(place(Self.left)) \(place(line))H\(place(Self.width - Self.right))\"/>"
            svg += text(
                Self.left - 4, line + 4, Quantity.decimal(value, range.upperBound < 0.2 ? 3 : 2), "n e")
        }
        if band {
            let known = layers.compactMap { layer in
                record.evidence[layer]?.accuracyInterval.map { (x(layer), $0) }
            }
            if known.count > 1 {
                let upper = known.map { "\(place($0.0)) \(place(y($0.1.upperBound)))" }
                let lower = known.reversed().map { "\(place($0.0)) \(place(y($0.1.lowerBound)))" }
                svg += "<path class=\"d\" d=\"M\((upper + lower).joined(separator: "L"))Z\"/>"
            }
        }
        for line in series {
            var path = ""
            var isOpen = false
            for layer in layers {
                guard let value = record.evidence[layer].flatMap(line.value) else {
                    isOpen = false
                    continue
                }
                path += "\(isOpen ? "L" : "M")\(place(x(layer))) \(place(y(value)))"
                // A single point is a dot.
                if !isOpen { path += "h.01" }
                isOpen = true
            }
            if !path.isEmpty {
                svg += "<path class=\"\(line.style)\" stroke-linecap=\"round\" d=\"\(path)\"/>"
            }
        }
        for layer in labelled { svg += text(x(layer), top + Self.panelHeight + 10, "\(layer)", "n m") }
        return svg
    }

    /// One box a layer: whole for steerable, half for marginal, a line around nothing for not.
    private func verdicts(at top: inout Double) -> String {
        var svg = text(Self.left, top + 4, "Verdict", "h")
        top += 12
        let side = min((Self.width - Self.left - Self.right) / Double(max(layers.count, 1)) - 2, 14)
        for layer in layers {
            guard let verdict = record.evidence[layer]?.assessment?.verdict else { continue }
            let height = verdict == .marginal ? 8.0 : 16
            svg +=
                "<rect class=\"\(verdict.rawValue)\" x=\"\(place(x(layer) - side / 2))\" "
                + "y=\"\(place(top + 16 - height))\" width=\"\(place(max(side, 1)))\" height=\"\(place(height))\"/>"
        }
        for layer in labelled { svg += text(x(layer), top + 28, "\(layer)", "n m") }
        top += 46
        if let found = record.assessment {
            svg += text(
                10, top, "\(found.verdict.rawValue): full box steerable, half marginal, empty not", "s")
            top += 8
        }
        return svg
    }

    /// About eight layers, the first and the last among them where that fits.
    private var labelled: [LayerIndex] {
        let step = max((layers.count + 7) / 8, 1)
        return layers.enumerated().filter { $0.offset % step == 0 }.map(\.element)
    }

    private func x(_ layer: LayerIndex) -> Double {
        guard let first = layers.first, let last = layers.last, first != last else { return Self.width / 2 }
        let share = Double(layer.rawValue - first.rawValue) / Double(last.rawValue - first.rawValue)
        return Self.left + 8 + share * (Self.width - Self.left - Self.right - 16)
    }

    private func text(_ x: Double, _ y: Double, _ words: String, _ style: String) -> String {
        "<text class=\"\(style)\" x=\"\(place(x))\" y=\"\(place(y))\">\(Self.escaped(words))</text>"
    }

    private func place(_ value: Double) -> String { Quantity.decimal(value, 1) }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
