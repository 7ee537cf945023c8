/// Numbers as people read them.
enum Quantity {
    /// A whole number in groups of three digits: `93,692`.
    static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var grouped = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { grouped += "," }
            grouped.append(digit)
        }
        return grouped
    }

    /// Things with their name: `1 row`, `1,142 rows`.
    static func counted(_ value: Int, _ thing: String) -> String {
        count(value) + " " + (value == 1 ? thing : thing + "s")
    }

    /// A number with a fixed number of decimals: `0.34`; `–` where it is not finite.
    static func decimal(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "–" }
        var factor = 1.0
        for _ in 0..<places { factor *= 10 }
        let scaled = (value.magnitude * factor).rounded()
        guard scaled < 9e15 else { return value.description }
        var digits = String(Int(scaled))
        while digits.count <= places { digits = "0" + digits }
        if places > 0 { digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -places)) }
        return (value < 0 && scaled > 0 ? "-" : "") + digits
    }

    /// A signed strength without needless decimals: `+0.5`, `-1`, `0`.
    static func strength(_ value: Float) -> String {
        guard value.isFinite else { return "–" }
        let text = value == value.rounded() && value.magnitude < 1e6 ? String(Int(value)) : value.description
        return value > 0 ? "+" + text : text
    }

    /// A share in percent: `36%`, with a decimal below 10%.
    static func percent(_ share: Double) -> String {
        decimal(share * 100, share.magnitude < 0.0995 ? 1 : 0) + "%"
    }

    /// Bytes in decimal units: `98.4 MB`.
    static func bytes(_ value: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var size = Double(value)
        var unit = 0
        while size >= 999.5, unit < units.count - 1 {
            size /= 1000
            unit += 1
        }
        return decimal(size, unit == 0 || size >= 99.95 ? 0 : 1) + " " + units[unit]
    }

    /// Seconds: `0.42 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
    static func seconds(_ value: Double) -> String {
        guard value.isFinite, value < 1e9 else { return "–" }
        if value < 9.95 { return decimal(value, value < 0.995 ? 2 : 1) + " s" }
        let whole = Int(value.rounded())
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
        return "\(whole / 3600) h \(padded(whole % 3600 / 60)) min"
    }

    /// Something a second: three digits are enough.
    static func rate(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        return value < 99.95 ? decimal(value, 1) : count(Int(min(value, 9e15).rounded()))
    }
}
