import Terms

/// `tokenizer.model`: what SentencePiece's own library reads, of which this takes the
/// pieces and five settings.
///
/// A protocol-buffer message: fields in any order, each with its number and the kind of its value. Unknown
/// fields are stepped over. Every length is checked against what is left.
struct SentencePieceModel {
    /// One token.
    struct Piece {
        var text: Range<Int>
        var score: Float = 0
        /// SentencePiece's number, which is GGUF's too: 1 normal … 6 byte.
        var kind = TokenTable.Kind.normal
    }

    /// How text becomes pieces.
    enum Algorithm: Int { case unigram = 1, bytePairs, words, characters }

    let contents: FileContents
    private(set) var pieces: [Piece] = []
    private(set) var algorithm = Algorithm.unigram
    private(set) var addsSpacePrefix = true
    private(set) var removesExtraWhitespace = true
    private(set) var escapesWhitespace = true
    private(set) var putsSpacesBehind = false
    private(set) var characterMap: Range<Int> = 0..<0

    /// Reads a file; nil where it is no SentencePiece model but the list of merges that
    /// tiktoken keeps under this name.
    init?(path: String) throws(ConversionError) {
        contents = try explaining(path) { () throws(FileError) in try FileContents(path: path) }
        guard let first = contents.bytes.first else { throw fault("an empty file", "a vocabulary", at: 0) }
        // A message begins with its first field; tiktoken's lists are base64.
        guard first != UInt8(ascii: "I"), first & 7 == 2 else { return nil }
        let whole = 0..<contents.bytes.count
        var fieldsSeen: Set<Int> = []
        try fields(whole) { (model: inout Self, number, value) throws(ConversionError) in
            guard case .bytes(let range) = value else { return }
            fieldsSeen.insert(number)
            switch number {
            case 1: model.pieces.append(try model.piece(range))
            case 2: try model.trainer(range)
            case 3: try model.normalizer(range)
            default: break
            }
        }
        guard !pieces.isEmpty else { throw fault("no pieces", "a vocabulary", at: 0) }
        // SentencePiece writes its trainer's settings behind the pieces, and its normalizer's behind those: a
        // file that ends before is cut, and would be read as another tokenizer. The settings' `vocab_size`
        // says less: who adds pieces to a model, or takes some out, leaves it as it was.
        for (number, name) in [(2, "trainer_spec"), (3, "normalizer_spec")] where !fieldsSeen.contains(number)
        {
            throw fault(
                "the end of the file behind \(pieces.count) pieces", "\(name), which every whole file has",
                at: whole.upperBound)
        }
    }

    /// The bytes of a piece, or of the character map.
    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: contents.bytes[range])
    }

    // MARK: - Messages

    private mutating func piece(_ range: Range<Int>) throws(ConversionError) -> Piece {
        var piece = Piece(text: range.lowerBound..<range.lowerBound)
        try fields(range) { (model: inout Self, number, value) throws(ConversionError) in
            switch (number, value) {
            case (1, .bytes(let text)): piece.text = text
            case (2, .bits32(let bits)): piece.score = Float(bitPattern: bits)
            case (3, .number(let number)):
                guard let kind = TokenTable.Kind(rawValue: Int32(truncatingIfNeeded: number)) else {
                    throw model.fault("a piece of kind \(number)", "1 to 6", at: range.lowerBound)
                }
                piece.kind = kind
            default: break
            }
        }
        return piece
    }

    private mutating func trainer(_ range: Range<Int>) throws(ConversionError) {
        try fields(range) { (model: inout Self, number, value) throws(ConversionError) in
            switch (number, value) {
            case (3, .number(let number)):
                guard let algorithm = Algorithm(rawValue: Int(truncatingIfNeeded: number)) else {
                    throw model.fault("a model of kind \(number)", "1 to 4", at: range.lowerBound)
                }
                model.algorithm = algorithm
            case (24, .number(let flag)): model.putsSpacesBehind = flag != 0
            default: break
            }
        }
    }

    private mutating func normalizer(_ range: Range<Int>) throws(ConversionError) {
        try fields(range) { (model: inout Self, number, value) throws(ConversionError) in
            switch (number, value) {
            case (2, .bytes(let map)): model.characterMap = map
            case (3, .number(let flag)): model.addsSpacePrefix = flag != 0
            case (4, .number(let flag)): model.removesExtraWhitespace = flag != 0
            case (5, .number(let flag)): model.escapesWhitespace = flag != 0
            default: break
            }
        }
    }

    // MARK: - The wire

    private enum Value {
        case number(UInt64)
        case bytes(Range<Int>)
        case bits32(UInt32)
        case bits64
    }

    private func fault(_ found: String, _ allowed: String, at offset: Int) -> ConversionError {
        ConversionError(
            .damagedTokenizer, path: contents.path, field: "byte \(offset)", found: found, allowed: allowed)
    }

    private mutating func fields(
        _ range: Range<Int>, _ body: (inout Self, Int, Value) throws(ConversionError) -> Void
    ) throws(ConversionError) {
        var position = range.lowerBound
        while position < range.upperBound {
            let tag = try number(&position, range.upperBound)
            guard tag >> 3 > 0, tag >> 3 < 1 << 29 else {
                throw fault("field \(tag >> 3)", "a number above 0", at: position)
            }
            let value: Value
            switch tag & 7 {
            case 0:
                value = .number(try number(&position, range.upperBound))
            case 1:
                _ = try take(8, &position, range.upperBound)
                value = .bits64
            case 2:
                let count = try number(&position, range.upperBound)
                value = .bytes(try take(Int(clamping: count), &position, range.upperBound))
            case 5:
                let bits = try take(4, &position, range.upperBound)
                value = .bits32(
                    UInt32(
                        littleEndian: contents.bytes.loadUnaligned(
                            fromByteOffset: bits.lowerBound, as: UInt32.self)))
            default:
                throw fault("a value of kind \(tag & 7)", "0, 1, 2 or 5", at: position)
            }
            try body(&self, Int(tag >> 3), value)
        }
    }

    private func take(_ count: Int, _ position: inout Int, _ end: Int) throws(ConversionError) -> Range<Int> {
        guard count <= end - position else {
            throw fault("\(count) bytes", "at most \(end - position)", at: position)
        }
        defer { position += count }
        return position..<position + count
    }

    /// A number in groups of seven bits, the lowest first.
    private func number(_ position: inout Int, _ end: Int) throws(ConversionError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < end else { break }
            let byte = contents.bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw fault("a number without an end", "at most ten bytes", at: position)
    }
}
