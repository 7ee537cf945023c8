import Terms

/// One value of a `JSONDocument`.
struct JSONNode: Sendable {
    let document: JSONDocument
    let index: Int

    private var node: JSONDocument.Node { document.nodes[index] }

    var kind: JSONDocument.Kind { node.kind }
    var isNull: Bool { kind == .null }
    var isObject: Bool { kind == .object }
    var isArray: Bool { kind == .array }
    var isString: Bool { kind == .string || kind == .escapedString }

    /// The value of a key; nil where this is no object or has no such key.
    subscript(key: String) -> JSONNode? {
        guard isObject else { return nil }
        var child = index + 1
        while child < Int(node.next) {
            let name = JSONNode(document: document, index: child)
            if name.equals(key) { return JSONNode(document: document, index: child + 1) }
            child = Int(document.nodes[child + 1].next)
        }
        return nil
    }

    /// The value of a key, where it is there and not null.
    func value(_ key: String) -> JSONNode? {
        self[key].flatMap { $0.isNull ? nil : $0 }
    }

    /// The elements of an array; none of another value.
    var elements: [JSONNode] {
        guard isArray else { return [] }
        var elements: [JSONNode] = []
        var child = index + 1
        while child < Int(node.next) {
            elements.append(JSONNode(document: document, index: child))
            child = Int(document.nodes[child].next)
        }
        return elements
    }

    /// The keys and values of an object; none of another value.
    var members: [(key: JSONNode, value: JSONNode)] {
        guard isObject else { return [] }
        var members: [(key: JSONNode, value: JSONNode)] = []
        var child = index + 1
        while child < Int(node.next) {
            members.append(
                (JSONNode(document: document, index: child), JSONNode(document: document, index: child + 1)))
            child = Int(document.nodes[child + 1].next)
        }
        return members
    }

    /// A truth value; nil for another value.
    var boolean: Bool? {
        guard kind == .boolean else { return nil }
        return bytes[0] == UInt8(ascii: "t")
    }

    /// A number, which may be infinite or not a number; nil for another value.
    var number: Double? {
        guard kind == .number else { return nil }
        switch raw {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: return Double(raw)
        }
    }

    /// A whole number, also where it is written `4.096e3`; nil for another value and for
    /// what an `Int` does not hold.
    var integer: Int? {
        guard kind == .number else { return nil }
        return Int(raw) ?? number.flatMap { Int(exactly: $0) }
    }

    /// A text, its escapes resolved and broken UTF-8 as U+FFFD; nil for another value.
    var string: String? {
        switch kind {
        case .string: raw
        case .escapedString: withUTF8 { String(decoding: $0, as: UTF8.self) }
        default: nil
        }
    }

    /// The value as it stands in the file, cut short, for messages.
    var excerpt: String {
        let text = String(decoding: bytes.prefix(60), as: UTF8.self)
        let shown = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        let quoted = isString ? "\"\(shown)\"" : shown
        return bytes.count > 60 ? quoted + "…" : quoted
    }

    /// The bytes of a text with its escapes resolved; those of another value as they stand.
    func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard kind == .escapedString else { return body(bytes) }
        let resolved = JSONNode.resolve(bytes)
        return resolved.withUnsafeBytes(body)
    }

    private func equals(_ text: String) -> Bool {
        withUTF8 { $0.elementsEqual(text.utf8) }
    }

    private var raw: String { String(decoding: bytes, as: UTF8.self) }

    private var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: document.contents.bytes[Int(node.start)..<Int(node.end)])
    }

    /// Resolves escapes that the parser has checked. Half a surrogate pair becomes U+FFFD.
    private static func resolve(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        func unit(_ start: Int) -> UInt32? {
            guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"),
                bytes[start + 1] == UInt8(ascii: "u")
            else { return nil }
            return UInt32(String(decoding: bytes[start + 2..<start + 6], as: UTF8.self), radix: 16)
        }
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            if let high = unit(index) {
                index += 6
                var scalar = high
                if (0xD800..<0xDC00).contains(high), let low = unit(index), (0xDC00..<0xE000).contains(low) {
                    index += 6
                    scalar = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
                }
                let text = Unicode.Scalar(scalar).map { String($0) } ?? "\u{FFFD}"
                result.append(contentsOf: text.utf8)
                continue
            }
            switch bytes[index + 1] {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case let byte: result.append(byte)
            }
            index += 2
        }
        return result
    }
}
