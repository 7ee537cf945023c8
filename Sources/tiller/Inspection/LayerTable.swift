import Terms

/// The evidence for each layer's direction, as `extract` and `inspect` show it.
struct LayerTable {
    /// One layer; what is not known is nil.
    struct Row {
        var layer: LayerIndex
        var estimator: String?
        var norm: Double
        var explainedVarianceRatio: Double?
        var pairAccuracy: Double?
        var cosineToMean: Double?
        var dose: Double?
        /// What a person should know about it.
        var note: String?
    }

    private var rows: [Row] = []

    /// Adds a layer.
    mutating func append(_ row: Row) { rows.append(row) }

    /// The table for people.
    func rendered(titleStyle: TextStyle?) -> String {
        var table = Table(
            .number("LAYER"), .text("METHOD"), .number("LENGTH"), .number("DOSE"), .number("VARIANCE"),
            .number("ACCURACY"), .number("COSINE"), .wrapped(rows.contains { $0.note != nil } ? "NOTE" : ""))
        for row in rows {
            table.append(
                "\(row.layer)", row.estimator ?? "–", Quantity.decimal(row.norm, 2),
                row.dose.map { Quantity.decimal($0, 3) } ?? "–",
                row.explainedVarianceRatio.map(Quantity.percent) ?? "–",
                row.pairAccuracy.map(Quantity.percent) ?? "–",
                row.cosineToMean.map { Quantity.decimal($0, 2) } ?? "–", row.note ?? "")
        }
        return table.rendered(width: Terminal.current.width, titleStyle: titleStyle)
    }
}
