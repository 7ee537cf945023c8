import ControlVectors

/// The bytes of a JSON file and the name that its errors carry.
///
/// Foundation's decoder takes the first of two equal keys, ignores unknown ones, reports no line for a value
/// of the wrong type and recurses as deep as the text does; a dataset is written by hand, so each of these
/// must be told to its author with line and column. Hence this small parser beside it.
struct JSONText {
    /// Deeper than any dataset or recipe, shallower than any stack.
    static let greatestDepth = 32

    let name: String
    let bytes: [UInt8]
    /// The number of the text's first line in its file, where it is one line of several.
    let firstLine: Int
    let form: Form

    /// Checks size and encoding; the error says which byte is wrong.
    init(_ bytes: [UInt8], name: String, firstLine: Int = 1, form: Form) throws(SteeringError) {
        self.name = name
        self.bytes = bytes
        self.firstLine = firstLine
        self.form = form
        try form.check(bytes.count, name: name)
        try Self.refuseGGUF(bytes, name)
        try Self.refuseByteOrderMark(bytes, name)
        guard String(validating: bytes, as: UTF8.self) != nil else {
            let offset = Self.firstInvalidByte(bytes)
            throw SteeringError(
                .invalidUTF8,
                "\(name): \(Self.position(of: offset, in: bytes, firstLine: firstLine)): byte \(offset) "
                    + "(0x\(String(bytes[min(offset, bytes.count - 1)], radix: 16))) is not valid UTF-8",
                remedy: "save the file as UTF-8")
        }
        guard bytes.contains(where: { !JSONParser.isSpace($0) }) else {
            throw SteeringError(
                .emptyFile, "\(name): the file is empty",
                remedy: form.remedy("datasets/README.md shows how to write a dataset"))
        }
    }

    /// "line 3, column 14", both counted from 1; a column is one Unicode scalar.
    func position(of offset: Int) -> String {
        Self.position(of: offset, in: bytes, firstLine: firstLine)
    }

    private static func position(of offset: Int, in bytes: [UInt8], firstLine: Int) -> String {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.lazy.filter { $0 == UInt8(ascii: "\n") }.count + firstLine
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        let column = before[lineStart...].lazy.filter { $0 & 0xC0 != 0x80 }.count + 1
        return "line \(line), column \(column)"
    }

    /// A vector or a model in the place of a text has words of its own: it is the file that
    /// is wrong, not its encoding.
    static func refuseGGUF(_ bytes: [UInt8], _ name: String) throws(SteeringError) {
        guard bytes.starts(with: "GGUF".utf8) else { return }
        throw SteeringError(
            .invalidJSON, "\(name): it is a GGUF file, a vector or a model, and a text is wanted here",
            remedy:
                "give the path of the text; tiller inspect \(ShellCommand.quoted(name)) says what the file holds"
        )
    }

    private static func refuseByteOrderMark(_ bytes: [UInt8], _ name: String) throws(SteeringError) {
        let marks: [([UInt8], String)] = [
            ([0xEF, 0xBB, 0xBF], "UTF-8"), ([0xFF, 0xFE], "UTF-16 (little-endian)"),
            ([0xFE, 0xFF], "UTF-16 (big-endian)"),
        ]
        for (mark, encoding) in marks where bytes.starts(with: mark) {
            throw SteeringError(
                .byteOrderMark, "\(name): the file starts with a byte order mark of \(encoding)",
                remedy: "save the file as UTF-8 without a byte order mark")
        }
    }

    /// The offset of the first byte that no valid sequence contains; only walked once a check has failed.
    private static func firstInvalidByte(_ bytes: [UInt8]) -> Int {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error, .emptyInput: return offset
            }
        }
    }
}
