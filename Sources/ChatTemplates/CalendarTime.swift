import Foundation

/// A moment as a calendar shows it, for templates that print the date.
public struct CalendarTime: Sendable, Equatable {
    /// The year, for example 2026.
    public var year: Int
    /// 1 for January.
    public var month: Int
    /// The day of the month, from 1.
    public var day: Int
    /// 0 to 23.
    public var hour: Int
    /// 0 to 59.
    public var minute: Int
    /// 0 to 60.
    public var second: Int

    /// A moment; values outside their ranges are brought to the nearest that is inside.
    public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        self.year = max(1, min(9999, year))
        self.month = max(1, min(12, month))
        self.day = max(1, min(31, day))
        self.hour = max(0, min(23, hour))
        self.minute = max(0, min(59, minute))
        self.second = max(0, min(60, second))
    }

    /// The local time of the system's clock.
    public static func now() -> CalendarTime {
        var seconds = time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return CalendarTime(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    private static let daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

    private var isLeapYear: Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// 1 for the first of January.
    private var dayOfYear: Int { Self.daysBefore[month - 1] + day + (isLeapYear && month > 2 ? 1 : 0) }

    /// 0 for Sunday: the days since Sunday, 31 December of the year 0.
    private var weekday: Int {
        let before = year - 1
        return (before * 365 + before / 4 - before / 100 + before / 400 + dayOfYear) % 7
    }

    /// The text with the `%` directives of `strftime` filled in, in English; what is not
    /// known stays as it is.
    func formatted(_ format: Text) -> Text {
        var builder = TextBuilder(capacity: format.bytes.count)
        var position = 0
        while position < format.bytes.count {
            if format.bytes[position] == UInt8(ascii: "%"), position + 1 < format.bytes.count {
                let drops =
                    format.bytes[position + 1] == UInt8(ascii: "-") && position + 2 < format.bytes.count
                let letter = format.bytes[position + (drops ? 2 : 1)]
                if let field = field(letter, dropsZeros: drops) {
                    builder.append(template: field)
                    position += drops ? 3 : 2
                    continue
                }
            }
            let (_, length) = UTF8Scan.scalar(in: format.bytes, at: position)
            builder.append(format, position..<position + length)
            position += length
        }
        return builder.finished()
    }

    private func field(_ letter: UInt8, dropsZeros: Bool) -> String? {
        func padded(_ value: Int, _ width: Int = 2) -> String {
            let digits = String(value)
            return dropsZeros ? digits : String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        switch Character(Unicode.Scalar(letter)) {
        case "Y": return padded(year, 4)
        case "y": return padded(year % 100)
        case "m": return padded(month)
        case "B": return Self.months[month - 1]
        case "b", "h": return String(Self.months[month - 1].prefix(3))
        case "d": return padded(day)
        case "e": return day < 10 && !dropsZeros ? " \(day)" : "\(day)"
        case "j": return padded(dayOfYear, 3)
        case "A": return Self.weekdays[weekday]
        case "a": return String(Self.weekdays[weekday].prefix(3))
        case "w": return String(weekday)
        case "u": return String(weekday == 0 ? 7 : weekday)
        case "H": return padded(hour)
        case "I": return padded((hour + 11) % 12 + 1)
        case "M": return padded(minute)
        case "S": return padded(second)
        case "f": return "000000"
        case "p": return hour < 12 ? "AM" : "PM"
        case "F":
            return "\(year)-" + [month, day].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: "-")
        case "T": return [hour, minute, second].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        case "n": return "\n"
        case "t": return "\t"
        case "%": return "%"
        default: return nil
        }
    }
}
