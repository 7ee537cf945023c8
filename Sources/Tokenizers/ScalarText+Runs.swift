/// The parts that the pre-tokenisers' expressions share.
extension ScalarText {
    static let space: UInt32 = 0x20
    static let newline: UInt32 = 0x0A
    static let carriageReturn: UInt32 = 0x0D

    /// Where a run of some categories that begins at `start` ends.
    @inline(__always)
    func runEnd(_ start: Int, _ end: Int, _ classes: CharacterClass) -> Int {
        var index = start
        while index < end, isIn(index, classes) { index += 1 }
        return index
    }

    @inline(__always)
    func isNewline(_ index: Int) -> Bool {
        self[index] == Self.newline || self[index] == Self.carriageReturn
    }

    /// Whether a scalar is an ASCII letter.
    @inline(__always)
    func isASCIILetter(_ index: Int) -> Bool {
        let lower = self[index] | 0x20
        return lower >= 0x61 && lower <= 0x7A
    }

    /// The end of `'s|'t|'re|'ve|'m|'ll|'d` at `start`, or `start` if none of them stands there.
    ///
    /// Ignoring case includes `ſ`, as Unicode's simple case folding has it.
    @inline(__always)
    func contractionEnd(_ start: Int, _ end: Int, ignoringCase: Bool) -> Int {
        guard start + 1 < end, self[start] == 0x27 else { return start }
        switch folded(start + 1, ignoringCase) {
        case 0x73, 0x74, 0x6D, 0x64:  // s t m d
            return start + 2
        case 0x72, 0x76:  // re ve
            return start + 2 < end && folded(start + 2, ignoringCase) == 0x65 ? start + 3 : start
        case 0x6C:  // ll
            return start + 2 < end && folded(start + 2, ignoringCase) == 0x6C ? start + 3 : start
        default:
            return start
        }
    }

    @inline(__always)
    private func folded(_ index: Int, _ ignoringCase: Bool) -> UInt32 {
        let scalar = self[index]
        guard ignoringCase else { return scalar }
        if scalar >= 0x41 && scalar <= 0x5A { return scalar | 0x20 }
        return scalar == 0x17F ? 0x73 : scalar
    }

    /// The end of `\s*[\r\n]+|\s+(?!\S)|\s+` at `start`, without the first alternative unless
    /// `breaksAtNewlines`.
    ///
    /// The first takes a run of white space up to its last newline; the second leaves the last character of
    /// a run to the word that follows; the third takes what is a single character then.
    @inline(__always)
    func whitespaceEnd(_ start: Int, _ end: Int, breaksAtNewlines: Bool) -> Int {
        let runEnd = runEnd(start, end, .whitespace)
        if breaksAtNewlines {
            var index = runEnd
            while index > start {
                if isNewline(index - 1) { return index }
                index -= 1
            }
        }
        return runEnd == end || runEnd - start < 2 ? runEnd : runEnd - 1
    }

    /// The end of `[\r\n]*` at `start`, or of `[\r\n/]*`.
    @inline(__always)
    func newlinesEnd(_ start: Int, _ end: Int, andSlashes: Bool = false) -> Int {
        var index = start
        while index < end, isNewline(index) || andSlashes && self[index] == 0x2F { index += 1 }
        return index
    }
}
