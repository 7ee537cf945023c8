/// What follows `hf:`: a repository of a hub, and a file in it.
struct HubReference: Sendable, Equatable {
    /// Who owns the repository.
    var owner: String
    /// Its name.
    var name: String
    /// A file in it, with its folders; nil for the whole checkpoint.
    var file: String?

    /// How a reference begins.
    static let prefix = "hf:"

    /// `OWNER/REPO`
    var repository: String { "\(owner)/\(name)" }

    /// The whole, as it is typed.
    var text: String { Self.prefix + repository + (file.map { "/\($0)" } ?? "") }

    /// A reference to another file of the same repository.
    func with(file: String?) -> HubReference { HubReference(owner: owner, name: name, file: file) }

    private init(owner: String, name: String, file: String?) {
        self.owner = owner
        self.name = name
        self.file = file
    }

    /// Reads `hf:OWNER/REPO` or `hf:OWNER/REPO/FILE`; the prefix may be missing.
    init(_ text: String) throws(TillerError) {
        let body = text.hasPrefix(Self.prefix) ? String(text.dropFirst(Self.prefix.count)) : text
        let parts = body.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2 else {
            throw .badReference(text: text, reason: "a repository has an owner and a name")
        }
        for part in parts where !Self.isHarmless(part) {
            throw .badReference(
                text: text.onOneLine,
                reason: "\"\(part.onOneLine)\" cannot be part of a file's path in a repository")
        }
        for part in parts.prefix(2) where !part.utf8.allSatisfy(Self.isNameByte) {
            throw .badReference(
                text: text,
                reason: "\"\(part)\" cannot be a name: they have letters, digits, '-', '_' and '.'")
        }
        self.init(
            owner: parts[0], name: parts[1],
            file: parts.count > 2 ? parts.dropFirst(2).joined(separator: "/") : nil)
    }

    /// Whether a piece of a path stays inside of the folder that it is put into, and is
    /// no hidden file of ours.
    static func isHarmless(_ part: String) -> Bool {
        !part.isEmpty && part.utf8.count <= 240 && !part.hasPrefix(".") && part != ".."
            && !part.contains("\\")
            && part.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }

    /// Whether a whole path is made of such pieces: what a server lists is checked like what a person types.
    static func isHarmless(path: String) -> Bool {
        path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { isHarmless(String($0)) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
