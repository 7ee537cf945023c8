import ControlVectors
import Foundation
import Terms

extension HeadDefinition {
    /// Reads a file of heads. Paths of vectors are relative to the file's folder.
    ///
    /// - Throws: `SteeringError` with file, line, column and field.
    public static func read(path: String) throws(SteeringError) -> [HeadDefinition] {
        try read(json: JSONText.bytes(of: path, form: .heads), file: path)
    }

    /// Reads the text of such a file; `file` stands in errors, and its folder before the paths of vectors.
    public static func read(
        json: some Sequence<UInt8>, file: String
    ) throws(SteeringError) -> [HeadDefinition] {
        let text = try JSONText(Array(json), name: file, form: .heads)
        let node = try JSONParser.parse(text)
        try SteeringFileKind.refuse(node, of: text)
        let fields = try JSONFields(node, of: text, known: ["heads"])
        guard let nodes = try fields.list("heads") else { throw fields.missing("heads", example) }
        guard (1...greatestCount).contains(nodes.count) else {
            throw SteeringError(
                .invalidValue,
                "\(fields.place("heads")): \(nodes.count) heads, expected 1 to \(greatestCount)",
                remedy: example)
        }
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        var heads: [HeadDefinition] = []
        for (index, node) in nodes.enumerated() {
            let head = try HeadDefinition(
                JSONFields(node, of: text, path: "heads[\(index)]", known: fieldNames), folder: folder)
            guard !heads.contains(where: { $0.name == head.name }) else {
                throw SteeringError(
                    .invalidValue,
                    "\(fields.place("heads", index)): a second head of the name \"\(head.name)\"",
                    remedy: "give each head a name of its own: the log knows them by it")
            }
            heads.append(head)
        }
        return heads
    }

    private static let fieldNames = [
        "name", "vector", "layers", "threshold", "when", "window", "action", "strength",
    ]
    static let example =
        #"a file of heads is {"heads": [{"name": "mood", "vector": "happy.gguf", "when": "below", "threshold": 0.2, "action": "warn"}]}"#

    private init(_ fields: JSONFields, folder: URL) throws(SteeringError) {
        func required<Value>(_ name: String, _ value: Value?) throws(SteeringError) -> Value {
            guard let value else { throw fields.missing(name, Self.example) }
            return value
        }
        func invalid(_ name: String, _ found: String, _ expected: String) -> SteeringError {
            SteeringError(
                .invalidValue, "\(fields.place(name)): \(found)", remedy: "write \(expected)")
        }
        func choice<Choice: RawRepresentable & CaseIterable>(
            _ name: String, _ text: String, _: Choice.Type
        ) throws(SteeringError) -> Choice where Choice.RawValue == String {
            guard let choice = Choice(rawValue: text) else {
                throw invalid(
                    name, "there is no \"\(text)\"", Choice.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return choice
        }
        name = try required("name", try fields.string("name"))
        guard !name.isEmpty else { throw invalid("name", "it is empty", "a name") }
        let path = try required("vector", try fields.string("vector"))
        guard !path.isEmpty else { throw invalid("vector", "it is empty", "the path of a vector file") }
        vector = path.hasPrefix("/") ? path : folder.appendingPathComponent(path).relativePath
        if let text = try fields.string("layers") {
            do {
                layers = try LayerSelection(text)
            } catch {
                throw invalid("layers", error.message, "layers such as 14-24 or 50%-80%")
            }
        }
        threshold = try required("threshold", try fields.number("threshold", as: Double.self))
        guard threshold.isFinite else { throw invalid("threshold", "\(threshold)", "a finite number") }
        side = try choice("when", try fields.string("when") ?? Side.above.rawValue, Side.self)
        window = try fields.number("window", as: Int.self) ?? Self.standardWindow
        guard (1...Self.greatestWindow).contains(window) else {
            throw invalid("window", "\(window) tokens", "1 to \(Self.greatestWindow)")
        }
        action = try choice("action", try required("action", try fields.string("action")), Action.self)
        let amount = try fields.number("strength", as: Double.self)
        if action == .steer {
            strength = try StrengthList.finite(try required("strength", amount), fields.place("strength"))
            guard strength != 0 else { throw invalid("strength", "0 steers nothing", "another strength") }
        } else {
            guard amount == nil else {
                throw invalid(
                    "strength", "the action \(action.rawValue) takes no strength", "it with steer only")
            }
            strength = 0
        }
    }
}
