import GGUF

/// What a file is, by its first bytes; its name decides only where they say nothing.
enum FileKind: Sendable, Equatable {
    /// A model or a control vector.
    case gguf
    /// Named tensors.
    case safetensors
    /// A dataset, a preset or readout heads.
    case json

    /// The kind of a file.
    init(of path: String) throws(TillerError) {
        let head = try FileSystem.head(of: path, count: 512)
        if let kind = Self(head: head) ?? Self(name: path) {
            self = kind
            return
        }
        throw .unknownFileKind(path: path, found: Self.words(for: head))
    }

    /// The kind that the first bytes tell.
    init?(head: [UInt8]) {
        if head.starts(with: Array("GGUF".utf8)) {
            self = .gguf
        } else if head.count > 8, head[8] == UInt8(ascii: "{"), head[5...7].allSatisfy({ $0 == 0 }) {
            // The header's length in eight bytes, the highest of them 0, and then the header, which is JSON.
            self = .safetensors
        } else {
            let withoutMark = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
            let first = withoutMark.first { !Array(" \t\r\n".utf8).contains($0) }
            guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
            self = .json
        }
    }

    /// Whether the first bytes of a file are what its name promises: `GGUF` in a `.gguf`;
    /// other names promise nothing.
    static func agrees(name: String, head: [UInt8]) -> Bool {
        Self(name: name) != .gguf || Self(head: head) == .gguf
    }

    /// What a GGUF file lacks that ends before its last tensor does; nil for a whole one, for one that cannot
    /// be opened for other reasons, and for names that promise no GGUF file.
    static func cut(_ path: String, name: String) -> GGUFError? {
        guard Self(name: name) == .gguf else { return nil }
        do throws(GGUFError) {
            _ = try GGUFFile(path: path)
        } catch {
            switch error.kind {
            // Of a split model's part, too: the others are looked for only when it has been found whole.
            case .truncated, .countTooLarge, .badStringLength, .arrayTooLarge, .dataOutOfBounds: return error
            default: return nil
            }
        }
        return nil
    }

    /// What a file of that name promises to be.
    init?(name: String) {
        let name = name.lowercased()
        if name.hasSuffix(".gguf") {
            self = .gguf
        } else if name.hasSuffix(".safetensors") {
            self = .safetensors
        } else if name.hasSuffix(".json") {
            self = .json
        } else {
            return nil
        }
    }

    private static func words(for head: [UInt8]) -> String {
        if head.isEmpty { return "the file is empty" }
        let words = head.prefix { (0x20..<0x7F).contains($0) }.prefix(24)
        if words.count >= 8 {
            return
                "it begins with \"\(String(decoding: words, as: UTF8.self))\", which is no kind of file that is known here"
        }
        let hex = head.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        return "it begins with \(hex), which is no kind of file that is known here"
    }
}
