import Glibc

/// What is known about the terminals that the command writes to.
struct Terminal: Sendable, Equatable {
    /// Whether results go to a terminal.
    var outputIsTerminal: Bool
    /// Whether progress and warnings go to a terminal.
    var errorIsTerminal: Bool
    /// Columns of the terminal; nil where results do not go to one, so that nothing is cut or wrapped.
    var width: Int?
    /// Whether `NO_COLOR` is unset or empty and the terminal can show colours.
    var allowsColour: Bool

    /// The terminal that this process has.
    static let current: Terminal = {
        let output = StandardStream.output.isTerminal
        let error = StandardStream.error.isTerminal
        return Terminal(
            outputIsTerminal: output, errorIsTerminal: error,
            width: output ? columns(of: .output) : nil,
            allowsColour: environment("NO_COLOR") == nil && environment("TERM") != "dumb")
    }()

    /// Columns of the terminal behind a stream; 80 where it does not say.
    static func columns(of stream: StandardStream) -> Int {
        var size = winsize()
        if ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        if let columns = environment("COLUMNS").flatMap({ Int($0) }), columns > 0 { return columns }
        return 80
    }

    /// An environment variable; nil where it is unset or empty.
    static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }

    /// The folder that an environment variable names; nil where it is unset or empty.
    ///
    /// - Throws: `badUsage` where it is not UTF-8. Swift repairs such texts, and the repaired
    ///   one names another folder.
    static func folder(_ name: String) throws(TillerError) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        guard let path = String(validatingCString: value) else {
            throw .badUsage(
                message: "\(name) is not UTF-8: \(String(cString: value))",
                remedy: "give the folder another name, or a link with one")
        }
        return path
    }
}

/// How a piece of text stands out on a terminal.
enum TextStyle: String {
    case bold = "1"
    case dim = "2"
    case red = "1;31"
    case yellow = "33"
    case cyan = "36"

    /// The text in this style, or as it is where colour is not wanted.
    func applied(to text: String, if wanted: Bool) -> String {
        wanted ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    /// The text with the control characters of a terminal taken out, but for line breaks and tabs: what a
    /// model or a file says must not be able to steer the terminal of the person who reads it.
    var withoutTerminalControls: String {
        if unicodeScalars.allSatisfy(Self.isHarmless) { return self }
        var kept = String.UnicodeScalarView()
        kept.append(contentsOf: unicodeScalars.filter(Self.isHarmless))
        return String(kept)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\t" || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
    }

    /// The same with the styles left in that a command writes itself (`ESC[1m`): they
    /// colour, and steer nothing else.
    var withStylesAlone: String {
        var kept = String.UnicodeScalarView()
        var rest = Substring(self).unicodeScalars
        while let scalar = rest.first {
            if let length = Self.styleLength(rest) {
                kept.append(contentsOf: rest.prefix(length))
                rest = rest.dropFirst(length)
            } else {
                if Self.isHarmless(scalar) { kept.append(scalar) }
                rest = rest.dropFirst()
            }
        }
        return String(kept)
    }

    /// The scalars of the style that a text begins with: `ESC[`, digits and semicolons, `m`. Nil
    /// where it begins with none.
    private static func styleLength(_ text: Substring.UnicodeScalarView) -> Int? {
        guard text.starts(with: "\u{1B}[".unicodeScalars) else { return nil }
        let digits = text.dropFirst(2).prefix { (0x30...0x39).contains($0.value) || $0 == ";" }
        return text.dropFirst(2 + digits.count).first == "m" ? 3 + digits.count : nil
    }

    /// The text on one line: line breaks, tabs and other controls as `\n`, `\t`, `\u{1b}`.
    var onOneLine: String {
        var line = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                line += "\\u{\(String(scalar.value, radix: 16))}"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}
