import ControlVectors
import Steering
import Terms

/// What is said of the readings of one answer.
struct MeterWords {
    let meters: [Meter]
    let text: MeteredText

    /// What a watch has read.
    init(_ watch: AnswerWatch) {
        meters = watch.meters
        text = watch.metered
    }

    /// Readings of any text.
    init(meters: [Meter], text: MeteredText) {
        self.meters = meters
        self.text = text
    }

    /// One object for each meter.
    var json: JSONValue {
        .array(
            meters.indices.map { number in
                [
                    "name": .string(meters[number].name), "scale": .string(meters[number].scale.rawValue),
                    "layers": .layers(meters[number].layers),
                    "mean": .optional(text.mean(of: number), JSONValue.number),
                    "projections": .array(text.readings[number].map { .number($0.value) }),
                ]
            })
    }

    /// One line for each meter: its mean, and how it went.
    var lines: [String] {
        meters.indices.map { number in
            let values = text.readings[number].map(\.value)
            let mean = text.mean(of: number).map { Quantity.decimal($0, 2) } ?? "–"
            return
                "\(meters[number].name.onOneLine) \(mean)  \(Self.course(of: values, meters[number].scale))"
        }
    }

    /// The longest course that is drawn.
    private static let columns = 40

    /// Readings as bars of eight heights, several tokens a bar where there are many.
    static func course(of values: [Double], _ scale: Meter.Scale) -> String {
        let finite = values.filter(\.isFinite)
        let ends = scale == .sides ? (0, 1) : (finite.min() ?? 0, finite.max() ?? 0)
        let perBar = max(1, (values.count + columns - 1) / columns)
        return stride(from: 0, to: values.count, by: perBar).map { start in
            let group = values[start..<min(start + perBar, values.count)]
            let mean = group.reduce(0, +) / Double(group.count)
            guard mean.isFinite, ends.1 > ends.0 else { return "·" }
            let share = min(max((mean - ends.0) / (ends.1 - ends.0), 0), 1)
            return bars[Int((share * Double(bars.count - 1)).rounded())]
        }.joined()
    }

    private static let bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
}
