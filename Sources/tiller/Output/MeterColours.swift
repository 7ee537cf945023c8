import Steering

/// How a reading looks on a terminal: blue towards the negative side, orange towards the positive one, two
/// colours that people who do not tell red from green tell apart; in the middle as any other text.
struct MeterColours {
    /// The readings that have the strongest colours.
    let ends: ClosedRange<Double>

    /// Colours between the two sides; for plain projections between the least and the greatest of those that
    /// are known, nil where there are none.
    init?(_ scale: Meter.Scale, readings: [Double] = []) {
        switch scale {
        case .sides: ends = 0...1
        case .projection:
            let finite = readings.filter(\.isFinite)
            guard let least = finite.min(), let greatest = finite.max(), least < greatest else { return nil }
            ends = least...greatest
        }
    }

    /// Backgrounds of the 256 colours that terminals have, from the negative side to the positive one, each
    /// with the foreground that can be read on it; in the middle none.
    private static let steps: [String?] = [
        "48;5;25;38;5;231", "48;5;67;38;5;231", "48;5;110;38;5;16", nil, "48;5;223;38;5;16",
        "48;5;215;38;5;16", "48;5;208;38;5;16",
    ]

    /// The text in the colour of a reading; line breaks stay without.
    func painted(_ text: String, as reading: Double) -> String {
        let share = (reading - ends.lowerBound) / (ends.upperBound - ends.lowerBound)
        guard share.isFinite, !text.isEmpty else { return text }
        // Clamped before it is a whole number: a reading may be more than one holds.
        let place = min(max(share, 0), 1) * Double(Self.steps.count)
        let step = min(Int(place), Self.steps.count - 1)
        guard let style = Self.steps[step] else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "\u{1B}[\(style)m\($0)\u{1B}[0m" }
            .joined(separator: "\n")
    }

    /// The sides' names in their colours, for a legend.
    func legend(from low: String, to high: String) -> String {
        painted(" \(low) ", as: ends.lowerBound) + " … " + painted(" \(high) ", as: ends.upperBound)
    }
}
