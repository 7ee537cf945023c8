import ControlVectors
import Terms

/// What a person compares of two vectors of one recipe: an old one, and the one that was
/// made for another model.
struct OldBesideNew {
    /// One of the two.
    struct Side {
        var vector: ControlVector
        var path: String
    }

    var old: Side
    var new: Side
    /// Seconds that making the new one took; nil where it was there already.
    var seconds: Double?
    /// The most memory that the process had; nil where the new one was there already.
    var residentBytes: Int?

    /// For people: old beside new.
    func text(titleStyle: TextStyle?) -> String {
        var table = Table(.text(""), .wrapped("OLD"), .wrapped("NEW"))
        for (name, cell) in Self.rows {
            let cells = [old, new].map(cell)
            if cells.contains(where: { $0 != nil }) { table.append(name, cells[0] ?? "–", cells[1] ?? "–") }
        }
        if let seconds { table.append("time", "–", Quantity.seconds(seconds)) }
        if let residentBytes { table.append("memory", "–", Quantity.bytes(residentBytes)) }
        return table.rendered(width: Terminal.current.width, titleStyle: titleStyle)
    }

    private static let rows: [(String, @Sendable (Side) -> String?)] = [
        ("file", { $0.path }),
        ("model", { $0.vector.fingerprint.flatMap { $0.name ?? $0.summary } }),
        ("layers", { "\($0.vector.layers.runs) (\(Quantity.count($0.vector.layers.count)))" }),
        ("width", { Quantity.count($0.vector.hiddenSize) }),
        ("size", { FileSystem.size(of: $0.path).map(Quantity.bytes) }),
        ("pair accuracy", { spread($0, \.pairAccuracy, Quantity.percent) }),
        ("variance", { spread($0, \.explainedVarianceRatio, Quantity.percent) }),
        ("cosine to mean", { spread($0, \.cosineToMean) { Quantity.decimal($0, 2) } }),
        ("length", { spread($0, \.norm) { Quantity.decimal($0, 2) } }),
        ("dose", { spread($0, \.dose) { Quantity.decimal($0, 3) } }),
        (
            "calibrated",
            {
                guard let strengths = $0.vector.calibration else { return nil }
                return CalibrationFacts(strengths, of: $0.vector.fingerprint).words
            }
        ),
    ]

    /// The median over the layers, and the least and the greatest where they differ.
    private static func spread(
        _ side: Side, _ value: (LayerEvidence) -> Float?, _ words: (Double) -> String
    ) -> String? {
        guard let range = range(side, value) else { return nil }
        let texts = [range.median, range.least, range.greatest].map(words)
        return texts[1] == texts[2] ? texts[0] : "\(texts[0]) (\(texts[1]) to \(texts[2]))"
    }

    private static func range(
        _ side: Side, _ value: (LayerEvidence) -> Float?
    ) -> (median: Double, least: Double, greatest: Double)? {
        let values = (side.vector.extraction?.evidence.values.compactMap(value) ?? []).map(Double.init)
            .sorted()
        guard let least = values.first, let greatest = values.last else { return nil }
        let (low, high) = (values[(values.count - 1) / 2], values[values.count / 2])
        return ((low + high) / 2, least, greatest)
    }

    /// One side for scripts: each measure as its median, least and greatest over the layers,
    /// null where it is not known.
    static func json(_ side: Side) -> JSONValue {
        func measure(_ value: (LayerEvidence) -> Float?) -> JSONValue {
            .optional(range(side, value)) {
                ["median": .number($0.median), "least": .number($0.least), "greatest": .number($0.greatest)]
            }
        }
        return [
            "path": .string(side.path), "model": .optional(side.vector.fingerprint, VectorInspection.json),
            "layers": .layers(side.vector.layers), "hiddenSize": .integer(side.vector.hiddenSize),
            "bytes": .optional(FileSystem.size(of: side.path)) { .integer($0) },
            "pairAccuracy": measure(\.pairAccuracy),
            "explainedVarianceRatio": measure(\.explainedVarianceRatio),
            "cosineToMean": measure(\.cosineToMean), "norm": measure(\.norm), "dose": measure(\.dose),
            "calibration": .optional(side.vector.calibration) {
                CalibrationFacts($0, of: side.vector.fingerprint).json
            },
        ]
    }
}
