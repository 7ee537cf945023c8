import Foundation
import Terms

/// The tokens of one tokenizer: their bytes, their types, and the way back from bytes to a token.
final class Vocabulary: Sendable {
    /// The number of tokens.
    let count: Int
    /// The bytes of all tokens, without the alphabet that the file may have written them in.
    let bytes: FrozenBuffer<UInt8>
    /// Where each token's bytes start.  // [count + 1]
    let starts: FrozenBuffer<UInt32>
    /// What each token is for.  // [count]
    let types: FrozenBuffer<TokenType>
    /// The token of each byte; −1 where there is none.  // [256]
    let byteTokens: FrozenBuffer<Int32>
    /// The number of bytes of the longest token.
    let longestToken: Int
    /// The tokens at which generation ends by their text.
    let endOfGeneration: Set<TokenID>
    private let table: ByteStringTable

    /// Checks and enters the tokens of a definition.
    init(_ definition: TokenizerDefinition) throws(TokenizerError) {
        let tokens = definition.tokens
        count = tokens.count
        if tokens.count == 0 { throw .emptyVocabulary }
        if tokens.count > Int32.max / 4 || tokens.bytes.count > Int32.max {
            throw .vocabularyTooLarge(count: tokens.count, bytes: tokens.bytes.count)
        }
        var types = [TokenType](repeating: .normal, count: tokens.count)
        if !definition.types.isEmpty {
            guard definition.types.count >= tokens.count else {
                throw .shortList(field: "types", count: definition.types.count, tokens: tokens.count)
            }
            for id in types.indices { types[id] = TokenType(rawValue: definition.types[id]) ?? .undefined }
        }
        let usesAlphabet = definition.model.usesByteAlphabet
        // In a byte-level vocabulary a byte is a token like any other.
        if usesAlphabet { for id in types.indices where types[id] == .byte { types[id] = .normal } }
        (bytes, starts) = Self.decode(tokens, types, usesAlphabet: usesAlphabet)
        longestToken = zip(0..., types).reduce(0) { [starts] longest, token in
            max(longest, Int(starts.base[token.0 + 1] - starts.base[token.0]))
        }
        table = ByteStringTable(bytes: bytes.base, starts: starts.base, count: tokens.count)
        try Self.enter(tokens, types, starts.base, into: table)

        var byteTokens: [Int32]
        if usesAlphabet {
            byteTokens = (0..<256).map { [table] value in
                withUnsafePointer(to: UInt8(value)) { table.find($0, count: 1) }
            }
        } else {
            byteTokens = try Self.byteTokens(tokens, types)
        }
        endOfGeneration = EndOfGeneration.find(in: table, &types)
        self.byteTokens = FrozenBuffer(byteTokens)
        self.types = FrozenBuffer(types)
    }

    /// The token with exactly these bytes; −1 if there is none.
    @inline(__always)
    func find(_ string: UnsafePointer<UInt8>, count: Int) -> Int32 {
        count > longestToken ? -1 : table.find(string, count: count)
    }

    /// The token that these bytes become when text is encoded: never a control or byte token; −1 if there is
    /// none.
    @inline(__always)
    func findText(_ string: UnsafePointer<UInt8>, count: Int) -> Int32 {
        let id = find(string, count: count)
        return id >= 0 && isText(id) ? id : -1
    }

    /// Whether text may become this token.
    @inline(__always)
    func isText(_ id: Int32) -> Bool {
        let type = types.base[Int(id)]
        return type != .control && type != .unknown && type != .byte
    }

    /// Whether a token has exactly these bytes and text may become it.
    @inline(__always)
    func isText(_ id: Int32, _ string: UnsafePointer<UInt8>, count: Int) -> Bool {
        guard id < self.count, isText(id) else { return false }
        let own = bytes(of: id)
        guard own.count == count, let base = own.baseAddress else { return false }
        return memcmp(base, string, count) == 0
    }

    /// The bytes of a token; the id is in the vocabulary.
    @inline(__always)
    func bytes(of id: Int32) -> UnsafeBufferPointer<UInt8> {
        let start = Int(starts.base[Int(id)])
        return UnsafeBufferPointer(start: bytes.base + start, count: Int(starts.base[Int(id) + 1]) - start)
    }
}
