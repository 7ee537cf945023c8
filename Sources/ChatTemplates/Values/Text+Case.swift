/// Upper and lower case, scalar by scalar, so that the origin of each stays known.
extension Text {
    func uppercased() -> Text { mapping { scalar, _ in scalar.properties.uppercaseMapping } }

    func lowercased() -> Text { mapping { scalar, _ in scalar.properties.lowercaseMapping } }

    /// The first scalar as a title, the others in lower case.
    func capitalized() -> Text {
        mapping { scalar, previous in
            previous == nil ? scalar.properties.titlecaseMapping : scalar.properties.lowercaseMapping
        }
    }

    func swappingCase() -> Text {
        mapping { scalar, _ in
            scalar.properties.isUppercase
                ? scalar.properties.lowercaseMapping : scalar.properties.uppercaseMapping
        }
    }

    /// Python's `str.title`: a word starts at a letter that follows none.
    func titleByLetters() -> Text {
        mapping { scalar, previous in
            previous?.properties.isCased == true
                ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
        }
    }

    /// Jinja's `title` filter: a word starts at the beginning and after blanks, `-`, `(`, `{`, `[` and `<`.
    func titleByWords() -> Text {
        mapping { scalar, previous in
            let startsWord =
                previous.map { UTF8Scan.isWhitespace($0) || "-({[<".unicodeScalars.contains($0) } ?? true
            return startsWord ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
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

    /// Replaces each scalar by what `map` gives for it and the scalar before it.
    private func mapping(_ map: (Unicode.Scalar, Unicode.Scalar?) -> String) -> Text {
        var builder = TextBuilder(capacity: bytes.count)
        var previous: Unicode.Scalar?
        forEachScalar { scalar, isInput in
            for mapped in map(scalar, previous).unicodeScalars { builder.append(mapped, isInput: isInput) }
            previous = scalar
        }
        return builder.finished()
    }
}
