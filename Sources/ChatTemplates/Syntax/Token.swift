/// A piece of a template's source, and where it starts.
struct Token: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// Text between tags, after whitespace control.
        case text([UInt8])
        /// `{{`
        case outputStart
        /// `}}`
        case outputEnd
        /// `{%`
        case blockStart
        /// `%}`
        case blockEnd
        case name(String)
        /// A string literal with its escapes resolved.
        case string([UInt8])
        case integer(Int)
        case float(Double)
        case symbol(Symbol)
        /// The end of the source.
        case end
    }

    enum Symbol: String, Sendable {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case power = "**"
        case divide = "/"
        case floorDivide = "//"
        case modulo = "%"
        case tilde = "~"
        case openBracket = "["
        case closeBracket = "]"
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBrace = "{"
        case closeBrace = "}"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case assign = "="
        case dot = "."
        case colon = ":"
        case pipe = "|"
        case comma = ","
    }

    let kind: Kind
    /// The byte of the normalised source at which the token starts.
    let offset: Int
}

extension Token.Symbol {
    /// The symbol that starts with `first`, the longer one where `second` belongs to it.
    static func read(_ first: UInt8, _ second: UInt8) -> (symbol: Token.Symbol, length: Int)? {
        let isDoubled = first == second
        let isWithEqual = second == UInt8(ascii: "=")
        switch first {
        case UInt8(ascii: "+"): return (.plus, 1)
        case UInt8(ascii: "-"): return (.minus, 1)
        case UInt8(ascii: "*"): return isDoubled ? (.power, 2) : (.times, 1)
        case UInt8(ascii: "/"): return isDoubled ? (.floorDivide, 2) : (.divide, 1)
        case UInt8(ascii: "%"): return (.modulo, 1)
        case UInt8(ascii: "~"): return (.tilde, 1)
        case UInt8(ascii: "["): return (.openBracket, 1)
        case UInt8(ascii: "]"): return (.closeBracket, 1)
        case UInt8(ascii: "("): return (.openParenthesis, 1)
        case UInt8(ascii: ")"): return (.closeParenthesis, 1)
        case UInt8(ascii: "{"): return (.openBrace, 1)
        case UInt8(ascii: "}"): return (.closeBrace, 1)
        case UInt8(ascii: "="): return isDoubled ? (.equal, 2) : (.assign, 1)
        case UInt8(ascii: "!"): return isWithEqual ? (.notEqual, 2) : nil
        case UInt8(ascii: "<"): return isWithEqual ? (.lessOrEqual, 2) : (.less, 1)
        case UInt8(ascii: ">"): return isWithEqual ? (.greaterOrEqual, 2) : (.greater, 1)
        case UInt8(ascii: "."): return (.dot, 1)
        case UInt8(ascii: ":"): return (.colon, 1)
        case UInt8(ascii: "|"): return (.pipe, 1)
        case UInt8(ascii: ","): return (.comma, 1)
        default: return nil
        }
    }
}

extension Token.Kind {
    /// How an error message names the token.
    var shown: String {
        switch self {
        case .text: "text"
        case .outputStart: "'{{'"
        case .outputEnd: "'}}'"
        case .blockStart: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string(let bytes): "the string '\(String(decoding: bytes.prefix(40), as: UTF8.self))'"
        case .integer(let value): "\(value)"
        case .float(let value): "\(value)"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end of the template"
        }
    }
}
