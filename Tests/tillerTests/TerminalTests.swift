import Testing

@testable import tiller

@Suite struct TerminalTests {
    @Test func stylesAreAllThatSteers() {
        let styled = TextStyle.bold.applied(to: "bold", if: true) + "\n\t"
        #expect(styled.withStylesAlone == styled && styled.withoutTerminalControls == "[1mbold[0m\n\t")
        // Cleared screens, titles, carriage returns, control characters of one byte, and
        // styles without an end.
        let evil = "\u{1B}[2J\u{1B}]0;x\u{7}\r\u{9B}1m\u{1B}[?25l\u{1B}\u{1B}[31"
        #expect((evil + styled).withStylesAlone == "[2J]0;x1m[?25l[31" + styled)
        #expect("\u{1B}[1;".withStylesAlone == "[1;" && "\u{1B}".withStylesAlone.isEmpty)
    }

    @Test func aNameStaysOnItsLine() {
        #expect("a\r\n\t\u{1B}[2J\u{9B}é".onOneLine == #"a\r\n\t\u{1b}[2J\u{9b}é"#)
    }
}
