import Terms

/// How far answers lie along the vector in each layer, at each strength: layers up,
/// strengths across, 360 units wide.
struct LayerHeatMap {
    let title: String
    let layers: [LayerIndex]
    let strengths: [Double]
    /// Against the unsteered answers; nil where it is not known. [layers, strengths]
    let values: [[Double?]]

    /// The map with its title; empty where nothing is known.
    var html: String {
        let known = values.joined().compactMap { $0 }.filter(\.isFinite)
        guard let largest = known.map(\.magnitude).max(), !strengths.isEmpty else { return "" }
        let left = 34.0
        let columnWidth = (356 - left) / Double(strengths.count)
        let rowHeight = min(max(240 / Double(max(layers.count, 1)), 6), 18)
        var svg = ""
        let rowStep = max(Int((10 / rowHeight).rounded(.up)), 1)
        for (row, layer) in layers.enumerated() {
            // The last layer is at the top, as in every drawing of a network.
            let y = Double(layers.count - 1 - row) * rowHeight
            if (layers.count - 1 - row) % rowStep == 0 {
                svg += Drawing.text(left - 4, y + rowHeight / 2 + 3.5, "\(layer)", "e")
            }
            for (column, strength) in strengths.enumerated() {
                guard let value = values[row][column], value.isFinite else { continue }
                let share = largest > 0 ? value.magnitude / largest : 0
                let words =
                    "layer \(layer) at \(Quantity.strength(Float(strength))): \(Drawing.number(value))"
                svg += Drawing.rectangle(
                    left + Double(column) * columnWidth, y, columnWidth - 1, rowHeight - 1,
                    value < 0 ? "hn" : "hp", opacity: share, title: words)
            }
        }
        let bottom = Double(layers.count) * rowHeight
        let step = max((strengths.count + 6) / 7, 1)
        let zero = strengths.firstIndex(of: 0) ?? 0
        for (column, strength) in strengths.enumerated() where (column - zero) % step == 0 {
            svg += Drawing.text(
                left + (Double(column) + 0.5) * columnWidth, bottom + 12, Quantity.strength(Float(strength)),
                "m")
        }
        let height = Drawing.place(bottom + 30)
        svg += Drawing.text((left + 356) / 2, bottom + 26, "strength", "m")
        return """
            <figure><figcaption>\(title.inHTML)</figcaption>
            <svg viewBox="0 0 360 \(height)" role="img" aria-label="\(title.inHTML)">\(svg)</svg>
            <p class="keys"><span class="key hp">towards the trait</span> <span class="key hn">away from it</span> \
            <span>full colour: \(Drawing.number(largest))</span></p></figure>

            """
    }
}
