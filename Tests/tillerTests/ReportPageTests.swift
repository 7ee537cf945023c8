import Generation
import Steering
import Terms
import Testing

@testable import tiller

@Suite struct ReportPageTests {
    /// A report with planted numbers: the meter follows the strength, and ±1 are damaged.
    private func report(
        strengths: [Double] = [-1, -0.5, 0, 0.5, 1], name: String = "happy", text: String = "It is a fine day"
    ) -> SweepReport {
        var report = SweepReport(
            toolVersion: "1", model: .init(name: "m.gguf", summary: "llama", digest: "d"),
            vectors: [
                .init(
                    name: name, digest: "v", layers: [9, 10], meterLayers: [9, 10],
                    instructions: ["Be happy."])
            ], prompts: ["How are you?"], strengths: strengths, sampling: .greedy, maximumTokens: 8)
        report.answers = strengths.map { strength in
            var outcome = AnswerOutcome(failure: "")
            outcome.failure = nil
            outcome.text = text + (strength == 0 ? "" : " \(strength)")
            outcome.pieces = [outcome.text]
            outcome.measures = AnswerMeasures(
                tokenCount: 4, perplexity: abs(strength) < 1 ? 4 : 12, divergence: abs(strength),
                meter: 2 + strength, propensity: 3 * strength, logProbabilities: [-3],
                projections: [Float(strength)])
            outcome.measures?.layerMeters = [Float(strength), 0]
            return SweepAnswer(SweepCell(.vector, strength: strength, prompt: 0), outcome: outcome)
        }
        return report
    }

    @Test func thePageHoldsWhatWasMeasured() {
        let html = ReportPage(report()).html
        #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
        #expect(html.contains("Whole from -0.5 to +0.5: the meter moves by 1.00"))
        #expect(html.contains("vector at +0.5: 0.50</title>"))
        #expect(html.contains("layer 9 at -1: -1.00</title>"))
        #expect(html.contains("prefers-color-scheme:dark") && html.contains("name=\"viewport\""))
        #expect(html.contains("Be happy."))
    }

    @Test(arguments: [
        (
            [-1, -0.5, 0, 0.5, 1],
            "Whole from -0.5 to +0.5: the meter moves by 1.00; beyond, answers break or"
        ),
        ([-0.5, 0, 0.5], "Whole from -0.5 to +0.5: the meter moves by 1.00; nothing beyond was tried."),
        ([-0.5, 0, 1], "Whole from -0.5 to 0: the meter moves by 0.50; above, answers break or"),
        (
            [-1, 0],
            "Whole at 0 alone; below, answers break or perplexity more than doubles; nothing above was tried."
        ),
        ([0], "Whole at 0 alone; nothing beyond was tried."),
    ])
    func ofEachEndIsSaidWhatWasTried(_ strengths: [Double], _ words: String) throws {
        let sentence = try #require(SweepWords(report: report(strengths: strengths)).sentences(of: 0).first)
        #expect(sentence.hasPrefix(words), "\(sentence)")
        #expect(ReportPage(report(strengths: strengths)).html.contains(words))
    }

    @Test func howMuchPerplexityMayGrowIsSaidByTheLimitItself() {
        #expect(SweepWords.growth(beyond: 2) == "more than doubles")
        #expect(SweepWords.growth(beyond: 2.5) == "grows by more than 2.50 times")
    }

    @Test func thePageSaysHowAnswersWereDrawn() {
        #expect(ReportPage(report()).html.contains(" · greedy · "))
        var drawn = report()
        drawn.sampling = .standard
        #expect(
            ReportPage(drawn).html.contains(" · temperature 0.80, seed 0, repeat penalty 1.10, DRY 0.80 · "))
    }

    @Test func whateverIsInATextStaysText() {
        let evil = "</style><script>alert('1')</script>\u{1B}[31m\" onload=\"x&amp;"
        let html = ReportPage(report(name: evil, text: evil)).html
        #expect(!html.contains("<script") && !html.contains("\u{1B}") && !html.contains("\" onload"))
        #expect(html.contains("&lt;script&gt;alert(&#39;1&#39;)"))
    }

    @Test func aReportWithoutAnswersOrNumbersIsStillAPage() {
        var empty = report()
        empty.answers = []
        #expect(ReportPage(empty).html.contains("<h2>Answers</h2>"))
        var broken = report()
        for index in broken.answers.indices {
            broken.answers[index].outcome = AnswerOutcome(failure: "no numbers")
            broken.answers[index].outcome?.measures = .notFinite
        }
        let html = ReportPage(broken).html
        #expect(html.contains("no numbers") && !html.contains("nan") && !html.contains("inf"))
    }

    @Test func everyTagIsClosed() {
        let html = ReportPage(report()).html
        for tag in [
            "section", "details", "figure", "svg", "table", "div", "p", "span", "del", "ins", "i", "header",
        ] {
            let opened = html.split(separator: "<\(tag)").dropFirst().count { " >".contains($0.first ?? "x") }
            let closed = html.split(separator: "</\(tag)>", omittingEmptySubsequences: false).count - 1
            #expect(opened == closed, "\(tag)")
        }
    }

    @Test func aPlotKeepsToTheWidthAndMarksDamage() {
        for width in [30, 80, 200] {
            let lines = DosePlot(report(), vector: 0).text(width: width).split(separator: "\n")
            #expect(lines.allSatisfy { DisplayWidth.columns(of: $0) <= max(width, 40) }, "\(width)")
            #expect(lines.contains { $0.contains("●") } && lines.contains { $0.contains("░") })
        }
        #expect(DosePlot(report(strengths: [0]), vector: 0).text(width: 80).isEmpty)
    }

    /// The perplexity is the same all over: one line of marks, which the meter's cross.
    @Test func marksOfOneKindThatShareAColumnStayWhatTheyAre() {
        let many = (-99...99).map { Double($0) / 100 }
        let lines = DosePlot(report(strengths: many), vector: 0).text(width: 80).split(separator: "\n")
            .dropFirst()
        #expect(lines.count { $0.contains("◉") } == 1)
        #expect(lines.contains { $0.contains("×") && $0.contains("◉") })
        #expect(lines.count { $0.contains("●") } == 8)
    }

    @Test func aPlotLeavesOutWhatIsNoNumber() {
        var report = report()
        report.answers[0].outcome?.measures?.perplexity = .infinity
        #expect(DosePlot(report, vector: 0).text(width: 80).contains("×"))
    }

    @Test func damageReachesHalfWayToWhatIsWhole() {
        #expect(report().damagedStretches(of: 0) == [-1 ... -0.75, 0.75...1])
        let swing = report().swing(of: 0)
        #expect(swing?.lower.strength == -0.5 && swing?.upper.strength == 0.5 && swing?.meter == 1)
    }

    @Test(arguments: [[Double.nan, 1, 2], [0, -1, 5], [1e-300, 1e300, 3], [7, 7, 7]])
    func aChartTakesAnyNumbers(_ values: [Double]) {
        for isLogarithmic in [false, true] {
            let points = values.enumerated().map { (x: Double($0.offset), y: Optional($0.element)) }
            let html = LineChart(
                title: "t", series: [.init(name: "s", style: "a", points: points)],
                isLogarithmic: isLogarithmic
            ).html
            #expect(html.contains("<svg") && !html.contains("nan") && !html.contains("inf"))
        }
        #expect(LineChart(title: "t", series: []).html.isEmpty)
    }
}
