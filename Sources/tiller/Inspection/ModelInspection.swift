import GGUF
import Quantization

/// A model file, or a vector's as GGUF holds it: what it is, its metadata, and its
/// tensors where they are wanted.
struct ModelInspection: Inspection {
    let file: any ModelSource
    let showsTensors: Bool

    private var isVector: Bool { (file as? GGUFFile).map(VectorInspection.isVector) ?? false }

    var json: JSONValue {
        var json = facts.json
        json.append(
            "metadata", .object(file.metadata.entries.map { .init(key: $0.key, value: Self.json($0.value)) }))
        if showsTensors { json.append("tensors", .array(file.tensors.map(Self.json))) }
        return json
    }

    func text(titleStyle: TextStyle?) -> String {
        let container =
            isVector
            ? "a control vector, as GGUF holds it"
            : file is GGUFFile ? "a GGUF model" : "a checkpoint, as the GGUF model that it makes"
        var text = "\(file.path.onOneLine): \(container)\n" + facts.text
        var metadata = Table(.text("KEY"), .text("TYPE"), .text("VALUE"))
        let room = Terminal.current.width.map { max(20, $0 - 55) } ?? 100
        for entry in file.metadata.entries {
            metadata.append(
                entry.key, Self.type(of: entry.value),
                DisplayWidth.truncated(Self.words(entry.value).onOneLine, to: room))
        }
        text += "\n" + metadata.rendered(titleStyle: titleStyle)
        if showsTensors {
            text +=
                "\n" + TensorTable.rendered(file.tensors.map(TensorTable.Row.init), titleStyle: titleStyle)
        }
        return text
    }

    // MARK: - What it is

    private var facts: Facts {
        var facts = Facts()
        facts.add("kind", isVector ? "vector" : "model")
        facts.add("path", .string(file.path))
        facts.add("bytes", .integer(file.byteCount), "size", Quantity.bytes(file.byteCount))
        if let file = file as? GGUFFile {
            facts.add("version", .integer(file.version), "GGUF version", "\(file.version)")
        }
        let architecture = text("general.architecture")
        facts.add("architecture", .string(architecture), "architecture", architecture ?? "not said")
        if !isVector { addModel(architecture, to: &facts) }
        let parameters = file.tensors.reduce(0) { $0 &+ $1.elementCount }
        facts.add("parameters", .integer(parameters), "parameters", Quantity.count(parameters))
        facts.add(
            "tensorTypes", .object(types.map { .init(key: $0.name, value: .integer($0.count)) }), "tensors",
            typeWords)
        guard !isVector else { return facts }
        let template = text(TokenizerKey.chatTemplate)
        facts.add(
            "hasChatTemplate", .bool(template != nil), "chat template",
            template.map { "\(Quantity.count($0.utf8.count)) bytes" } ?? "none: prompts need --raw")
        return facts
    }

    /// The key for scripts, the word for people, and the end of the metadata key.
    private static let numbers = [
        ("layerCount", "layers", "block_count"),
        ("hiddenSize", "hidden size", "embedding_length"),
        ("headCount", "heads", "attention.head_count"),
        ("keyValueHeadCount", "key-value heads", "attention.head_count_kv"),
        ("feedForwardSize", "feed-forward size", "feed_forward_length"),
        ("contextLength", "context length", "context_length"),
    ]

    private func addModel(_ architecture: String?, to facts: inout Facts) {
        facts.add("name", .string(text(TokenizerKey.modelName)), "name", text(TokenizerKey.modelName))
        for (key, label, suffix) in Self.numbers {
            let value = architecture.flatMap { file.metadata["\($0).\(suffix)"]?.integer }
            facts.add(key, .optional(value, JSONValue.integer), label, value.map { "\($0)" })
        }
        addVocabulary(to: &facts)
    }

    private func addVocabulary(to facts: inout Facts) {
        var count: Int?
        if case .array(let tokens)? = file.metadata[TokenizerKey.tokens] { count = tokens.count }
        let kind = [text(TokenizerKey.model), text(TokenizerKey.preTokenizer)].compactMap { $0 }.joined(
            separator: ", ")
        facts.add(
            "vocabularySize", .optional(count, JSONValue.integer), "vocabulary",
            count.map { "\(Quantity.count($0)) tokens\(kind.isEmpty ? "" : " (\(kind))")" })
    }

    private func text(_ key: String) -> String? {
        if case .string(let text)? = file.metadata[key] { return text.description }
        return nil
    }

    /// How many tensors there are of each type, the most bytes first.
    private var types: [(name: String, count: Int, bytes: Int)] {
        var types: [TensorType: (count: Int, bytes: Int)] = [:]
        for tensor in file.tensors {
            types[tensor.type, default: (0, 0)].count += 1
            types[tensor.type, default: (0, 0)].bytes += tensor.byteCount
        }
        return types.map { ($0.key.name, $0.value.count, $0.value.bytes) }.sorted {
            ($1.bytes, $0.name) < ($0.bytes, $1.name)
        }
    }

    private var typeWords: String {
        "\(Quantity.count(file.tensors.count)): "
            + types.map { "\($0.count) \($0.name) (\(Quantity.bytes($0.bytes)))" }.joined(separator: ", ")
    }

    // MARK: - Metadata

    /// Arrays show so many elements.
    private static let shownCount = 8

    private static func type(of value: GGUFValue) -> String {
        if case .array(let array) = value { return "\(array.elementType)[\(array.count)]" }
        return "\(value.type)"
    }

    private static func words(_ value: GGUFValue) -> String {
        switch value {
        case .bool(let value): "\(value)"
        case .string(let text): text.description
        case .float32(let value): "\(value)"
        case .float64(let value): "\(value)"
        case .array(let array):
            elements(of: array).map { element -> String in
                if case .string(let text) = element { return text }
                return element.text
            }.joined(separator: ", ") + (array.count > shownCount ? ", …" : "")
        default: json(value).text
        }
    }

    private static func json(_ value: GGUFValue) -> JSONValue {
        switch value {
        case .bool(let value): .bool(value)
        case .string(let text): .string(text.description)
        case .float32(let value): .single(value)
        case .float64(let value): .number(value)
        case .array(let array):
            array.count <= shownCount
                ? .array(elements(of: array))
                : [
                    "type": .string("\(array.elementType)"), "count": .integer(array.count),
                    "first": .array(elements(of: array)),
                ]
        // A uint64 beyond Int has no place in JSON's numbers that every reader understands.
        case .uint64(let value): Int(exactly: value).map(JSONValue.integer) ?? .string("\(value)")
        default: .optional(value.integer, JSONValue.integer)
        }
    }

    /// The first elements of an array; a vocabulary is not turned into Swift strings for eight of them.
    private static func elements(of array: GGUFArray) -> [JSONValue] {
        if let numbers = array.integers() { return numbers.prefix(shownCount).map(JSONValue.integer) }
        if let numbers = array.floats() { return numbers.prefix(shownCount).map(JSONValue.single) }
        if let values = array.booleans() { return values.prefix(shownCount).map(JSONValue.bool) }
        struct Enough: Error {}
        var strings: [JSONValue] = []
        try? array.forEachString {
            if strings.count == shownCount { throw Enough() }
            strings.append(.string(String(decoding: $0, as: UTF8.self)))
        }
        return strings
    }

    private static func json(_ tensor: GGUFTensorInfo) -> JSONValue {
        [
            "name": .string(tensor.name), "type": .string(tensor.type.name),
            "shape": .array(tensor.shape.map(JSONValue.integer)), "bytes": .integer(tensor.byteCount),
        ]
    }
}
