import Safetensors

/// A safetensors file: its tensors and what it says about itself.
struct SafetensorsInspection: Inspection {
    let file: SafetensorsFile
    let showsTensors: Bool

    var json: JSONValue {
        var json = facts.json
        json.append("metadata", .object(metadata.map { .init(key: $0.key, value: .string($0.value)) }))
        json.append(
            "tensors",
            .array(
                file.tensors.map {
                    [
                        "name": .string($0.name), "type": .string($0.type.rawValue),
                        "shape": .array($0.shape.map(JSONValue.integer)), "bytes": .integer($0.range.count),
                    ]
                }))
        return json
    }

    func text(titleStyle: TextStyle?) -> String {
        var text = "\(file.path.onOneLine): a safetensors file\n" + facts.text
        var table = Table(.text(""), .wrapped(""))
        for (key, value) in metadata { table.append("  " + key, value) }
        text += table.rendered(width: Terminal.current.width)
        // A list is what such a file is; a long one is shown when it is asked for.
        let shown = showsTensors ? file.tensors : Array(file.tensors.prefix(Self.shownCount))
        text +=
            "\n"
            + TensorTable.rendered(
                shown.map {
                    TensorTable.Row(
                        name: $0.name, type: $0.type.rawValue, shape: $0.shape, byteCount: $0.range.count)
                },
                titleStyle: titleStyle)
        if shown.count < file.tensors.count {
            text += "… and \(Quantity.count(file.tensors.count - shown.count)) more: --tensors\n"
        }
        return text
    }

    private static let shownCount = 40

    private var metadata: [(key: String, value: String)] {
        file.metadata.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.add("kind", "safetensors")
        facts.add("path", .string(file.path))
        let bytes = file.tensors.reduce(0) { $0 + $1.range.count }
        facts.add("tensorCount", .integer(file.tensors.count), "tensors", Quantity.count(file.tensors.count))
        facts.add("tensorBytes", .integer(bytes), "size", Quantity.bytes(bytes))
        return facts
    }
}
