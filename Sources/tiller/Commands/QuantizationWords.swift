import Conversion
import Quantization

/// What `quantize` says when it is done.
struct QuantizationWords {
    let target: QuantizationTarget
    let plan: [TensorAssignment]
    let sourceByteCount: Int
    let outputPath: String
    let seconds: Double

    private var elementCount: Int { plan.reduce(0) { $0 + $1.elementCount } }
    private var byteCount: Int { plan.reduce(0) { $0 + $1.byteCount } }
    private var bitsPerWeight: Double { Double(byteCount) * 8 / Double(max(1, elementCount)) }
    private var replaced: [TensorAssignment] { plan.filter { $0.replaced != nil } }
    private var requantized: [TensorAssignment] {
        plan.filter { $0.from != $0.to && $0.from.isQuantized && $0.to.isQuantized }
    }

    /// The types that occur, those with the most bytes first.
    private var types: [(type: TensorType, tensors: [TensorAssignment], bytes: Int)] {
        Dictionary(grouping: plan, by: \.to)
            .map { ($0.key, $0.value, $0.value.reduce(0) { $0 + $1.byteCount }) }
            .sorted { ($0.2, $0.0.rawValue) > ($1.2, $1.0.rawValue) }
    }

    var warnings: [String] {
        var lines: [String] = []
        if !replaced.isEmpty {
            let pairs = Set(replaced.map { "\($0.replaced ?? $0.to) → \($0.to)" }).sorted()
            lines.append(
                "\(replaced.count) of \(plan.count) tensors have rows that are no whole number of blocks: "
                    + pairs.joined(separator: ", "))
        }
        if !requantized.isEmpty {
            let from = Set(requantized.map(\.from.name)).sorted().joined(separator: ", ")
            lines.append("\(requantized.count) tensors were \(from) before: their errors add up")
        }
        return lines
    }

    var json: JSONValue {
        [
            "output": .string(outputPath), "type": .string(target.description),
            "bytes": .integer(byteCount), "sourceBytes": .integer(sourceByteCount),
            "bitsPerWeight": .number(bitsPerWeight), "seconds": .number(seconds),
            "replaced": .integer(replaced.count), "requantized": .integer(requantized.count),
            "tensors": .array(
                plan.map {
                    [
                        "name": .string($0.name), "from": .string($0.from.name), "to": .string($0.to.name),
                        "bytes": .integer($0.byteCount),
                    ]
                }),
        ]
    }

    func text(titleStyle: TextStyle?) -> String {
        var table = Table(.text("TYPE"), .number("TENSORS"), .number("SIZE"))
        for group in types {
            table.append(group.type.name, Quantity.count(group.tensors.count), Quantity.bytes(group.bytes))
        }
        return table.rendered(titleStyle: titleStyle) + """

            \(Quantity.bytes(sourceByteCount)) to \(Quantity.bytes(byteCount)), \
            \(Quantity.decimal(bitsPerWeight, 2)) bits a weight, in \(Quantity.seconds(seconds))
            wrote \(outputPath.onOneLine)

            """
    }
}
