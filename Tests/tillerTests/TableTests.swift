import Testing

@testable import tiller

@Suite struct TableTests {
    @Test func columnsAlignWhateverTheScript() {
        var table = Table(.text("NAME"), .number("SIZE"), .text("NOTE"))
        table.append("ギャル", "1", "x")
        table.append("happy", "1,142", "y")
        #expect(
            table.rendered() == """
                NAME     SIZE  NOTE
                ギャル      1  x
                happy   1,142  y

                """)
    }

    @Test func runningTextIsWrappedToWhatTheTerminalHasLeft() {
        var table = Table(.number("S"), .wrapped("TEXT"))
        table.append("-1", "a quiet and rather grey day in the city")
        #expect(
            table.rendered(width: 24) == """
                 S  TEXT
                -1  a quiet and rather
                    grey day in the city

                """)
        #expect(table.rendered().split(separator: "\n").count == 2)
    }

    @Test func whatAFileSaysInACellStaysInItsCell() {
        var table = Table(.text("A\u{1B}[2J"), .text("B"))
        table.append("x\u{1B}[31m\ny\u{9B}", "z")
        #expect(
            table.rendered() == #"""
                A\u{1b}[2J            B
                x\u{1b}[31m\ny\u{9b}  z

                """#)
        table = Table(.text(""), .text(""))
        table.append(texts: ["two\u{1B}[2J\nlines", "one"])
        #expect(table.rendered() == "two[2J  one\nlines\n")
    }

    @Test func titlesThatAreAllEmptyAreLeftOut() {
        var table = Table(.text(""), .text(""))
        table.append("key", "value")
        #expect(table.rendered() == "key  value\n")
    }
}
