/// What breaks a text, whatever it says.
public enum TextFault: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
    /// The model's output stopped being numbers, and there is no answer.
    case notFinite
    /// There is nothing in it but white space.
    case empty
    /// Its bytes are no UTF-8; a character that the length has cut at the end is no fault.
    case invalidUTF8
    /// It has U+FFFD in it, written by the model itself.
    case replacementCharacter
    /// Letters of a script that the prompt has none of: three or more, and a twentieth of
    /// all letters or more.
    case scriptDrift
    /// It goes round in a circle: see `Repetition.isLoop`, or one letter twelve times in a row.
    case loop
}

extension TextFault {
    /// The faults of an answer, in the order of the cases.
    ///
    /// - Parameters:
    ///   - ids: The answer's tokens, in which loops are looked for.
    ///   - bytes: Its text as the tokens spell it.
    ///   - isCut: Whether it was ended by its length: then its last character may be a part of one.
    ///   - reference: Text whose scripts it may use: the prompt, and what the model answers without steering.
    public static func faults(
        in bytes: [UInt8], ids: [some Hashable], isCut: Bool, reference: String
    ) -> [TextFault] {
        let spelling = Spelling(bytes, isCut: isCut)
        var faults: [TextFault] = []
        if spelling.text.allSatisfy(\.isWhitespace) { faults.append(.empty) }
        if spelling.isInvalid { faults.append(.invalidUTF8) }
        if spelling.hasReplacementCharacter { faults.append(.replacementCharacter) }
        let letters = ScriptCount(spelling.text)
        let foreign = letters.foreignLetters(to: ScriptCount(reference))
        if foreign >= 3, 20 * foreign >= letters.total { faults.append(.scriptDrift) }
        if Repetition.isLoop(ids) || Repetition.hasLetterRun(spelling.text) { faults.append(.loop) }
        return faults
    }

    /// Bytes as text.
    private struct Spelling {
        let text: String
        let isInvalid: Bool
        let hasReplacementCharacter: Bool

        init(_ bytes: [UInt8], isCut: Bool) {
            let whole = bytes.dropLast(isCut ? Self.unfinished(bytes) : 0)
            text = String(decoding: whole, as: UTF8.self)
            // EF BF BD is U+FFFD itself; whatever else shows as one was no UTF-8.
            var written = 0
            for start in whole.indices.dropLast(2)
            where whole[start] == 0xEF && whole[start + 1] == 0xBF && whole[start + 2] == 0xBD {
                written += 1
            }
            hasReplacementCharacter = written > 0
            isInvalid = text.unicodeScalars.count { $0 == "\u{FFFD}" } > written
        }

        /// The bytes at the end that begin a character and do not end it.
        private static func unfinished(_ bytes: [UInt8]) -> Int {
            for length in 1...3 where length <= bytes.count {
                let first = bytes[bytes.count - length]
                if first & 0xC0 == 0x80 { continue }
                let needed = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
                return length < needed ? length : 0
            }
            return 0
        }
    }
}
