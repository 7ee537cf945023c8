import Testing

@testable import ChatTemplates

@Suite struct LexerTests {
    static func kinds(_ source: String) throws -> [Token.Kind] {
        try Lexer.tokens(of: try TemplateSource(source)).map(\.kind)
    }

    static func text(_ text: String) -> Token.Kind { .text(Array(text.utf8)) }
    static func string(_ text: String) -> Token.Kind { .string(Array(text.utf8)) }

    @Test func aTemplateIsTextAndTags() throws {
        #expect(
            try Self.kinds("a{{ b.c }}{% if x %}") == [
                Self.text("a"), .outputStart, .name("b"), .symbol(.dot), .name("c"), .outputEnd, .blockStart,
                .name("if"), .name("x"), .blockEnd, .end,
            ])
    }

    @Test func everySymbolIsReadWithItsLongestForm() throws {
        let symbols: [Token.Symbol] = [
            .plus, .minus, .times, .power, .divide, .floorDivide, .modulo, .tilde, .equal, .notEqual, .less,
            .lessOrEqual, .greater, .greaterOrEqual, .assign, .dot, .colon, .pipe, .comma,
        ]
        let source = "{{ " + symbols.map(\.rawValue).joined(separator: " ") + " }}"
        #expect(try Self.kinds(source) == [.outputStart] + symbols.map { .symbol($0) } + [.outputEnd, .end])
    }

    @Test func bracesInsideATagDoNotEndIt() throws {
        #expect(
            try Self.kinds("{{ {'a': {}} }}") == [
                .outputStart, .symbol(.openBrace), Self.string("a"), .symbol(.colon), .symbol(.openBrace),
                .symbol(.closeBrace), .symbol(.closeBrace), .outputEnd, .end,
            ])
    }

    @Test func numbersAndStringsHaveTheirValues() throws {
        #expect(
            try Self.kinds(#"{{ 12 1_000 0x1F 0o17 0b101 1.5 2e3 1.5E-2 'a\n\x41\u00e9\'' "b'" }}"#) == [
                .outputStart, .integer(12), .integer(1000), .integer(31), .integer(15), .integer(5),
                .float(1.5),
                .float(2000), .float(0.015), Self.string("a\nAé'"), Self.string("b'"), .outputEnd, .end,
            ])
        #expect(
            try Self.kinds("{{ a.0.1 }}") == [
                .outputStart, .name("a"), .symbol(.dot), .integer(0), .symbol(.dot), .integer(1), .outputEnd,
                .end,
            ])
    }

    @Test(arguments: [
        ("  {% a %}\nb", ["b"]), ("x  {% a %}\nb", ["x  ", "b"]), ("x\n  {% a %}  \nb", ["x\n", "  \nb"]),
        ("x\n  {%+ a %}b", ["x\n  ", "b"]), ("x \n {%- a -%} \n b", ["x", "b"]), ("{% a +%}\nb", ["\nb"]),
        ("x {{- a -}} b", ["x", "b"]), ("{{ a }}\nb", ["\nb"]), ("  {# c #}\nb", ["b"]),
        ("a\r\nb\rc\n", ["a\nb\nc"]),
        ("{% raw %}{{ a }}{% endraw %}\nb", ["{{ a }}", "b"]), ("a\n\n", ["a\n"]), ("\u{3000}{% a %}", []),
    ])
    func whitespaceIsTakenAsTheTagsSay(_ source: String, _ texts: [String]) throws {
        let found = try Self.kinds(source).compactMap { kind -> String? in
            guard case .text(let bytes) = kind else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(found == texts)
    }

    @Test func tokensKnowWhereTheyStart() throws {
        let source = try TemplateSource("é\n{{ ab }}")
        let tokens = try Lexer.tokens(of: source)
        #expect(tokens.map { source.position(of: $0.offset).line } == [1, 2, 2, 2, 2])
        #expect(tokens.map { source.position(of: $0.offset).column } == [1, 1, 4, 7, 9])
    }

    @Test(arguments: [
        ("{{ 'a", "the string is not closed", 1, 4), ("a\n  {{ b", "the tag '{{' is not closed", 2, 3),
        ("{# a", "the comment is not closed: '#}' is missing", 1, 1),
        ("{{ a ? }}", "unexpected character '?'", 1, 6),
        ("{{ (] }}", "unexpected ']', expected ')'", 1, 5), ("{{ ) }}", "unexpected ')'", 1, 4),
        ("{% raw %} x", "'{% endraw %}' is missing", 1, 1), ("{{ é“ }}", "unexpected character '“'", 1, 5),
    ])
    func anErrorNamesItsPlace(_ source: String, _ explanation: String, _ line: Int, _ column: Int) throws {
        let error = #expect(throws: ChatTemplateError.self) { try Self.kinds(source) }
        #expect(error?.kind == .syntax)
        #expect(error?.explanation == explanation)
        #expect(error?.position == .init(line: line, column: column))
    }
}
