/// How far some work is, and the words for it.
struct ProgressLine: Sendable, Equatable {
    /// What is counted.
    enum Unit: Sendable, Equatable {
        /// Nothing that has a name: only time passes.
        case none
        /// Bytes of a file.
        case bytes
        /// Things with a name in the plural, for example `tokens`.
        case things(String)
    }

    /// What is being done, on one line.
    let label: String
    /// What is counted.
    let unit: Unit
    /// How many are done.
    var completed: Int
    /// How many there will be; nil where nobody knows.
    var total: Int?

    /// Work that has come so far. The label may name a file.
    init(label: String, unit: Unit = .none, completed: Int = 0, total: Int? = nil) {
        self.label = label.onOneLine
        self.unit = unit
        self.completed = completed
        self.total = total
    }

    /// The share that is done; nil where nobody knows.
    var share: Double? {
        guard let total, total > 0 else { return nil }
        return min(1, max(0, Double(completed) / Double(total)))
    }

    /// One line with a bar, for a terminal of so many columns.
    func bar(after seconds: Double, width: Int) -> String {
        guard let share else { return clipped("\(label)  \(words(after: seconds))", to: width) }
        let rest = "\(percent(share))  \(words(after: seconds))"
        let room = width - 1 - DisplayWidth.columns(of: label) - DisplayWidth.columns(of: rest) - 4
        guard room >= 5 else { return clipped("\(label)  \(rest)", to: width) }
        let cells = min(40, room)
        let filled = Int((share * Double(cells)).rounded(.down))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: cells - filled)
        return "\(label)  \(bar)  \(rest)"
    }

    /// One line for a log.
    func plain(after seconds: Double) -> String {
        let percentage = share.map { percent($0) + "  " } ?? ""
        return "\(label)  \(percentage)\(words(after: seconds))"
    }

    /// The line that closes the work in a log.
    func closing(after seconds: Double) -> String {
        let rate = self.rate(after: seconds).map { "  \($0)" } ?? ""
        let amount = completed > 0 && unit != .none ? "\(amount(completed))  " : ""
        return "\(label)  \(amount)\(Quantity.seconds(seconds))\(rate)"
    }

    private func percent(_ share: Double) -> String {
        DisplayWidth.padded(String(Int(share * 100)) + "%", to: 4, alignment: .right)
    }

    /// The amount, the rate and the time that is left.
    private func words(after seconds: Double) -> String {
        guard unit != .none, completed > 0 else { return Quantity.seconds(seconds) }
        var words = total.map { "\(amount(completed, alone: false))/\(amount($0))" } ?? amount(completed)
        if let rate = rate(after: seconds) { words += "  \(rate)" }
        if let total, completed < total, seconds > 0 {
            let remaining = seconds / Double(completed) * Double(total - completed)
            words += "  \(Quantity.seconds(remaining.rounded(.up))) left"
        }
        return words
    }

    private func rate(after seconds: Double) -> String? {
        guard unit != .none, completed > 0, seconds > 0 else { return nil }
        let perSecond = Double(completed) / seconds
        if unit == .bytes { return Quantity.bytes(Int(min(perSecond, 9e15))) + "/s" }
        return Quantity.rate(perSecond) + "/s"
    }

    private func amount(_ count: Int, alone: Bool = true) -> String {
        switch unit {
        case .none: ""
        case .bytes: Quantity.bytes(count)
        case .things(let name):
            alone && !name.isEmpty ? "\(Quantity.count(count)) \(name)" : Quantity.count(count)
        }
    }

    private func clipped(_ line: String, to width: Int) -> String {
        DisplayWidth.truncated(line, to: max(1, width - 1))
    }
}
