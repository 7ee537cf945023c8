import Testing

@testable import tiller

@Suite struct ProgressLineTests {
    @Test func theBarShowsTheShareTheRateAndTheTimeLeft() {
        let line = ProgressLine(label: "fetching", unit: .bytes, completed: 25_000_000, total: 100_000_000)
        #expect(
            line.bar(after: 5, width: 80)
                == "fetching  ██████░░░░░░░░░░░░░░░░░░░░   25%  25.0 MB/100 MB  5.0 MB/s  15 s left")
        #expect(line.plain(after: 5) == "fetching   25%  25.0 MB/100 MB  5.0 MB/s  15 s left")
        #expect(line.closing(after: 5) == "fetching  25.0 MB  5.0 s  5.0 MB/s")
    }

    @Test func theNameOfAFileDoesNotSteerTheTerminal() {
        let line = ProgressLine(label: "loading a\u{1B}[2J\nb.gguf", unit: .bytes, completed: 1, total: 2)
        for text in [line.bar(after: 2, width: 80), line.plain(after: 2), line.closing(after: 2)] {
            #expect(text.hasPrefix(#"loading a\u{1b}[2J\nb.gguf  "#), "\(text.debugDescription)")
        }
    }

    @Test func workOfUnknownSizeShowsTheTime() {
        #expect(ProgressLine(label: "loading").bar(after: 1.5, width: 80) == "loading  1.5 s")
        #expect(ProgressLine(label: "loading").closing(after: 1.5) == "loading  1.5 s")
    }

    @Test(arguments: 1...120)
    func theBarNeverReachesTheLastColumn(_ width: Int) {
        let line = ProgressLine(label: "読み込み", unit: .things("tokens"), completed: 512, total: 1142)
        #expect(DisplayWidth.columns(of: line.bar(after: 2, width: width)) <= max(1, width - 1))
    }

    @Test func moreThanEverythingIsEverything() {
        #expect(ProgressLine(label: "x", unit: .things("rows"), completed: 12, total: 10).share == 1)
        #expect(ProgressLine(label: "x", unit: .things("rows"), completed: 12, total: 0).share == nil)
    }
}
