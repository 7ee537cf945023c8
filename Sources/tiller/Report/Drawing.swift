/// The shapes and numbers that the report's pictures are made of.
enum Drawing {
    /// A rectangle.
    ///
    /// - Parameters:
    ///   - opacity: Of its colour; nil for what the class says.
    ///   - title: What a pointer that rests on it reads.
    static func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, opacity: Double? = nil,
        title: String? = nil
    ) -> String {
        var shape =
            "<rect class=\"\(style)\" x=\"\(place(x))\" y=\"\(place(y))\" width=\"\(place(max(width, 0)))\" "
            + "height=\"\(place(max(height, 0)))\""
        if let opacity { shape += " fill-opacity=\"\(Quantity.decimal(opacity, 2))\"" }
        return shape + (title.map { "><title>\($0.inHTML)</title></rect>" } ?? "/>")
    }

    /// Words; the class `e` ends them at x, `m` centres them.
    static func text(_ x: Double, _ y: Double, _ words: String, _ style: String) -> String {
        "<text class=\"\(style)\" x=\"\(place(x))\" y=\"\(place(y))\">\(words.inHTML)</text>"
    }

    /// A coordinate.
    static func place(_ value: Double) -> String { Quantity.decimal(value, 1) }

    /// About three digits that count.
    static func number(_ value: Double) -> String {
        let size = value.magnitude
        return Quantity.decimal(
            value, size >= 99.5 ? 0 : size >= 9.95 ? 1 : size >= 0.0995 || size == 0 ? 2 : 3)
    }
}
