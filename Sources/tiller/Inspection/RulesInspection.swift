import ControlVectors
import Steering

/// A preset: what its rules do, and with which vectors.
struct PresetInspection: Inspection {
    let path: String
    let preset: SteeringPreset

    var json: JSONValue { facts.json }

    func text(titleStyle: TextStyle?) -> String { "\(path.onOneLine): a preset\n" + facts.text }

    private var facts: Facts {
        var facts = Facts()
        facts.add("kind", "preset")
        facts.add("path", .string(path))
        facts.add("name", .string(preset.name), "name", preset.name)
        facts.add("description", .string(preset.description), "description", preset.description)
        facts.add("rules", .integer(preset.rules.count), "rules", Quantity.count(preset.rules.count))
        facts.add(
            "vectors", .array(preset.vectorPaths.map { .string($0) }), "vectors",
            preset.vectorPaths.joined(separator: ", "))
        facts.explain("use", "tiller generate --preset \(ShellCommand.quoted(path))")
        return facts
    }
}

/// A file of readout heads: what each reads, and what it does then.
struct HeadsInspection: Inspection {
    let path: String
    let heads: [HeadDefinition]

    var json: JSONValue {
        [
            "kind": "heads", "path": .string(path),
            "heads": .array(
                heads.map { head in
                    [
                        "name": .string(head.name), "vector": .string(head.vector),
                        "action": .string(head.action.rawValue), "side": .string(head.side.rawValue),
                        "threshold": .number(head.threshold),
                    ]
                }),
        ]
    }

    func text(titleStyle: TextStyle?) -> String {
        var facts = Facts()
        for head in heads {
            facts.explain(
                head.name,
                "\(head.action.rawValue) \(head.side.rawValue) \(Quantity.decimal(head.threshold, 2)) of \(head.vector)"
            )
        }
        facts.explain("use", "tiller generate --heads \(ShellCommand.quoted(path))")
        return "\(path.onOneLine): readout heads\n" + facts.text
    }
}
