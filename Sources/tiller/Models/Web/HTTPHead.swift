/// The head of an answer: its status and its fields.
struct HTTPHead: Sendable, Equatable {
    /// The status: 200, 404.
    var status: Int
    /// Names in lowercase, and values, in order.
    var fields: [(name: String, value: String)]

    static func == (left: HTTPHead, right: HTTPHead) -> Bool {
        left.status == right.status && left.fields.elementsEqual(right.fields, by: ==)
    }

    /// Reads a head without the empty line that ends it; nil where it is none.
    init?(_ text: String) {
        // A carriage return and a line feed are one `Character`; either way of ending a line is taken.
        let lines = text.split(omittingEmptySubsequences: true) { $0 == "\r\n" || $0 == "\n" || $0 == "\r" }
        guard let first = lines.first, first.hasPrefix("HTTP/") else { return nil }
        let words = first.split(separator: " ")
        guard words.count >= 2, let status = Int(words[1]), (100...599).contains(status) else { return nil }
        self.status = status
        fields = lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmed)
        }
    }

    /// The value of a field; the first where there are several.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// A field that is a number of bytes.
    func byteCount(_ name: String) -> Int? {
        guard let value = self[name], let count = Int(value), count >= 0 else { return nil }
        return count
    }

    /// `Content-Range`: from which byte the body begins, and how many the whole has; nil
    /// parts where it does not say.
    var contentRange: (start: Int?, total: Int?)? {
        guard let value = self["content-range"], value.lowercased().hasPrefix("bytes") else { return nil }
        let words = value.dropFirst(5).trimmed.split(separator: "/", maxSplits: 1)
        guard words.count == 2 else { return nil }
        return (words[0].split(separator: "-").first.flatMap { Int($0) }, Int(words[1]))
    }

    /// Whether the answer sends to another address.
    var isRedirect: Bool { [301, 302, 303, 307, 308].contains(status) }
}

extension Substring {
    /// Without the blanks at both ends.
    fileprivate var trimmed: String {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(start[...last])
    }
}
