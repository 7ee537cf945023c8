import ControlVectors
import Terms

/// The evidence for each layer's direction, as `extract` and `inspect` show it.
struct LayerTable {
    /// Whether every measurement has its column; without, those that decide.
    var isFull = false

    private var rows: [(layer: LayerIndex, norm: Double, evidence: LayerEvidence?)] = []

    init(isFull: Bool = false) { self.isFull = isFull }

    /// Adds a layer; what is not known of it is shown as a dash.
    mutating func append(_ layer: LayerIndex, norm: Double, _ evidence: LayerEvidence?) {
        rows.append((layer, norm, evidence))
    }

    /// The table for people.
    func rendered(titleStyle: TextStyle?) -> String {
        var table =
            isFull
            ? Table(
                .number("LAYER"), .text("METHOD"), .number("LENGTH"), .number("DOSE"), .number("VARIANCE"),
                .number("GAP"), .number("ACCURACY"), .text("95%"), .number("AUC"), .text("95%"),
                .number("PERSONAS"), .number("COSINE"), .number("BEFORE"), .text("VERDICT"))
            : Table(
                .number("LAYER"), .text("METHOD"), .number("LENGTH"), .number("DOSE"), .number("VARIANCE"),
                .number("ACCURACY"), .number("AUC"), .number("COSINE"), .text("VERDICT"))
        for row in rows {
            let evidence = row.evidence
            func number(_ value: Float?, _ places: Int) -> String {
                value.map { Quantity.decimal(Double($0), places) } ?? "–"
            }
            func percent(_ value: Float?) -> String { value.map { Quantity.percent(Double($0)) } ?? "–" }
            let start = [
                "\(row.layer)", evidence?.estimator ?? "–", Quantity.decimal(row.norm, 2),
                number(evidence?.dose, 3), percent(evidence?.explainedVarianceRatio),
            ]
            let accuracy = percent(evidence?.pairAccuracy)
            let verdict = evidence?.assessment?.verdict.rawValue ?? "–"
            guard isFull else {
                table.append(
                    start + [accuracy, number(evidence?.auc, 2), number(evidence?.cosineToMean, 2), verdict])
                continue
            }
            table.append(
                start + [
                    number(evidence?.componentGap, 1), accuracy,
                    evidence?.accuracyInterval.map {
                        "\(Int(($0.lowerBound * 100).rounded()))-\(Int(($0.upperBound * 100).rounded()))"
                    } ?? "–",
                    number(evidence?.auc, 2),
                    evidence?.aucInterval.map {
                        Quantity.decimal(Double($0.lowerBound), 2) + "-"
                            + Quantity.decimal(Double($0.upperBound), 2)
                    } ?? "–",
                    percent(evidence?.personaAccuracy), number(evidence?.cosineToMean, 2),
                    number(evidence?.cosineToPrevious, 2), verdict,
                ])
        }
        return table.rendered(width: Terminal.current.width, titleStyle: titleStyle)
    }
}

extension LayerEvidence {
    /// The measurements that only the full table shows, and the verdict, for scripts.
    var furtherJSON: [(String, JSONValue)] {
        func number(_ value: Float?) -> JSONValue { .optional(value, JSONValue.single) }
        func interval(_ range: ClosedRange<Float>?) -> JSONValue {
            .optional(range) { .array([.single($0.lowerBound), .single($0.upperBound)]) }
        }
        return [
            ("componentGap", number(componentGap)), ("pairAccuracyInterval", interval(accuracyInterval)),
            ("auc", number(auc)), ("aucInterval", interval(aucInterval)),
            ("personaAccuracy", number(personaAccuracy)), ("cosineToPrevious", number(cosineToPrevious)),
            ("heldOutPairs", number(heldOutPairs)),
            (
                "sides",
                .optional(sides) {
                    [
                        "negativeMean": .single($0.negativeMean), "positiveMean": .single($0.positiveMean),
                        "spread": .single($0.spread),
                    ]
                }
            ),
            ("verdict", .string(assessment?.verdict.rawValue)), ("reason", .string(assessment?.reason)),
        ]
    }
}
