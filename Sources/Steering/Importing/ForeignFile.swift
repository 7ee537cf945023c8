import Foundation

/// The bytes of a file of another tool.
struct ForeignFile {
    let path: String
    let bytes: [UInt8]

    init(path: String) throws(SteeringError) {
        self.path = path
        bytes = try JSONText.bytes(of: path, form: .imported)
        try JSONText.refuseGGUF(bytes, path)
    }

    /// The file's name without folder and ending.
    var stem: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }

    /// Whether it is no JSON: by its ending, or because it begins with neither `{` nor `[`, or as `[INST]` does.
    /// A byte order mark says nothing of that: it has an error of its own.
    var isTextFile: Bool {
        if path.lowercased().hasSuffix(".txt") { return true }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = (bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...])
            .lazy.filter { !JSONParser.isSpace($0) }.prefix(2)
        guard text.first == UInt8(ascii: "[") else { return text.first != UInt8(ascii: "{") }
        return text.last.map { Character(UnicodeScalar($0)).isLetter } == true
    }

    /// Whether it is JSON line by line: by its ending, or because its first line is an
    /// object and a second follows.
    var isLines: Bool {
        if path.lowercased().hasSuffix(".jsonl") { return true }
        let objects = bytes.split(separator: UInt8(ascii: "\n")).prefix(2).map { line in
            line.first { !JSONParser.isSpace($0) } == UInt8(ascii: "{")
                && line.last { !JSONParser.isSpace($0) } == UInt8(ascii: "}")
        }
        return objects == [true, true]
    }

    func json() throws(SteeringError) -> JSONText { try JSONText(bytes, name: path, form: .imported) }

    /// Each line that is not empty as a JSON text.
    func jsonLines() throws(SteeringError) -> [JSONText] {
        var texts: [JSONText] = []
        for line in try lines() where line.bytes.contains(where: { !JSONParser.isSpace($0) }) {
            texts.append(
                try JSONText(Array(line.bytes), name: path, firstLine: line.number, form: .imported))
        }
        return texts
    }

    /// The lines with their numbers, without line breaks of any system. The encoding is checked once for all.
    func lines() throws(SteeringError) -> [(number: Int, bytes: ArraySlice<UInt8>)] {
        _ = try JSONText(bytes, name: path, form: .imported)
        var lines: [(number: Int, bytes: ArraySlice<UInt8>)] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            lines.append((index + 1, line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
        }
        return lines
    }
}
