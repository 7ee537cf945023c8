import Terms

extension LayerSelection {
    /// Reads `9-24`, `9`, `30%-80%`, `50%` or a mixture; spaces are allowed around the numbers. Shares may
    /// have two decimals.
    ///
    /// - Throws: `badLayerSelection` for anything else, `reversedLayers` for `24-9` and `80%-30%`.
    public init(_ text: String) throws(ControlVectorError) {
        let ends = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count), let lower = Self.bound(ends[0]),
            let upper = ends.count == 2 ? Self.bound(ends[1]) : lower
        else { throw .badLayerSelection(text) }
        switch (lower, upper) {
        case (.layer(let first), .layer(let last)) where first > last: throw .reversedLayers(selection: text)
        case (.share(let first), .share(let last)) where first > last: throw .reversedLayers(selection: text)
        default: self.init(lower: lower, upper: upper)
        }
    }

    /// `9` or `33.25%`.
    private static func bound(_ text: Substring.UTF8View) -> Bound? {
        let isSpace: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") }
        var digits = text.drop(while: isSpace)
        while let last = digits.last, isSpace(last) { digits.removeLast() }
        guard digits.last == UInt8(ascii: "%") else {
            return number(digits).map { .layer(LayerIndex($0)) }
        }
        let parts = digits.dropLast().split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = number(parts[0]), whole <= 100 else { return nil }
        var hundredths = 0
        if parts.count == 2 {
            guard (1...2).contains(parts[1].count), let decimals = number(parts[1]) else { return nil }
            hundredths = parts[1].count == 1 ? decimals * 10 : decimals
        }
        let points = whole * 100 + hundredths
        return points <= 10000 ? .share(basisPoints: points) : nil
    }

    /// Plain decimal digits, at least one; nil where they do not fit an `Int32`.
    private static func number(_ digits: Substring.UTF8View) -> Int? {
        guard !digits.isEmpty,
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int32(String(decoding: digits, as: UTF8.self)).map(Int.init)
    }
}

extension LayerSelection: CustomStringConvertible {
    /// The text that reads back as the same selection.
    public var description: String {
        lower == upper ? "\(lower)" : "\(lower)-\(upper)"
    }
}

extension LayerSelection.Bound: CustomStringConvertible {
    /// `9` or `33.25%`.
    public var description: String {
        switch self {
        case .layer(let layer): return "\(layer)"
        case .share(let points):
            let (percent, rest) = points.quotientAndRemainder(dividingBy: 100)
            if rest == 0 { return "\(percent)%" }
            return rest % 10 == 0 ? "\(percent).\(rest / 10)%" : "\(percent).\(rest < 10 ? "0" : "")\(rest)%"
        }
    }
}

extension LayerSelection: Codable {
    /// Reads the text form.
    public init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
