/// Upper and lower case, scalar by scalar, so that the origin of each stays known.
extension Text {
    private enum Change {
        case upper, lower, title
        /// To lower case, whatever stands beside it.
        case fold
    }

    func uppercased() -> Text { changing { _, _ in .upper } }

    func lowercased() -> Text { changing { _, _ in .lower } }

    /// For comparisons without case; by way of upper case, which takes apart what folding takes apart.
    func caseFolded() -> Text { uppercased().changing { _, _ in .fold } }

    /// The first scalar as a title, the others in lower case.
    func capitalized() -> Text { changing { _, previous in previous == nil ? .title : .lower } }

    func swappingCase() -> Text { changing { scalar, _ in scalar.isUpper ? .lower : .upper } }

    /// Python's `str.title`: a word starts at a letter that follows none.
    func titleByLetters() -> Text {
        changing { _, previous in previous?.isLetterOfCase == true ? .lower : .title }
    }

    /// Jinja's `title` filter: a word starts at the beginning and after blanks, `-`, `(`, `{`, `[` and `<`.
    func titleByWords() -> Text {
        changing { _, previous in
            guard let previous else { return .upper }
            return UTF8Scan.isWhitespace(previous) || "-({[<".unicodeScalars.contains(previous)
                ? .upper : .lower
        }
    }

    /// Whether there is a cased scalar, and none of the other case.
    func isCased(_ upper: Bool) -> Bool {
        var hasCased = false
        for scalar in string.unicodeScalars {
            if upper ? scalar.properties.isLowercase : scalar.properties.isUppercase { return false }
            if upper ? scalar.properties.isUppercase : scalar.properties.isLowercase { hasCased = true }
        }
        return hasCased
    }

    /// Changes each scalar as `change` says for it and the scalar before it.
    private func changing(_ change: (Unicode.Scalar, Unicode.Scalar?) -> Change) -> Text {
        var builder = TextBuilder(capacity: bytes.count)
        var previous: Unicode.Scalar?
        var position = 0
        forEachScalar { scalar, isInput in
            let change = change(scalar, previous)
            previous = scalar
            position += UTF8.width(scalar)
            // ASCII without the look-up, which makes a string of each scalar: 30 times faster
            if scalar.isASCII {
                return builder.append(
                    scalar.changedASCII(toUpper: change == .upper || change == .title), isInput: isInput)
            }
            if scalar == Self.capitalSigma, change == .lower, endsWord(at: position - 2, position) {
                return builder.append(Self.finalSigma, isInput: isInput)
            }
            let mapped =
                switch change {
                case .upper: scalar.properties.uppercaseMapping
                case .lower, .fold: scalar.properties.lowercaseMapping
                case .title: scalar.properties.titlecaseMapping
                }
            for scalar in mapped.unicodeScalars { builder.append(scalar, isInput: isInput) }
        }
        return builder.finished()
    }

    private static let capitalSigma: Unicode.Scalar = "\u{3A3}"
    private static let finalSigma: Unicode.Scalar = "\u{3C2}"

    /// Whether what stands there has a letter with case before it and none behind it, as Unicode's condition
    /// `Final_Sigma` says. Each search ends at the next such letter, so that all of them together are linear.
    private func endsWord(at start: Int, _ end: Int) -> Bool {
        var start = start
        var before: Unicode.Scalar?
        while start > 0, before == nil {
            let (scalar, length) = UTF8Scan.scalar(in: bytes, before: start)
            if !scalar.properties.isCaseIgnorable { before = scalar }
            start -= length
        }
        var end = end
        var behind: Unicode.Scalar?
        while end < bytes.count, behind == nil {
            let (scalar, length) = UTF8Scan.scalar(in: bytes, at: end)
            if !scalar.properties.isCaseIgnorable { behind = scalar }
            end += length
        }
        return before?.properties.isCased == true && behind?.properties.isCased != true
    }
}

extension Unicode.Scalar {
    fileprivate func changedASCII(toUpper: Bool) -> UInt8 {
        let byte = UInt8(truncatingIfNeeded: value)
        let lower = byte | 0x20
        guard lower >= UInt8(ascii: "a"), lower <= UInt8(ascii: "z") else { return byte }
        return toUpper ? lower & ~0x20 : lower
    }

    fileprivate var isUpper: Bool { isASCII ? ("A"..."Z").contains(self) : properties.isUppercase }

    fileprivate var isLetterOfCase: Bool {
        isASCII ? ("A"..."Z").contains(self) || ("a"..."z").contains(self) : properties.isCased
    }
}
