import Terms
import Testing

private struct Refusal: ExplainedError {
    let code = "refusal"
    let message = "happy.gguf: layers differ (64 vs 48)"
    var remedy: String?
}

@Suite struct ExplainedErrorTests {
    @Test func aRemedyStandsOnItsOwnLine() {
        let error = Refusal(remedy: "tiller reextract happy.gguf")
        #expect(
            error.description == "happy.gguf: layers differ (64 vs 48)\n  fix  tiller reextract happy.gguf")
    }

    @Test func withoutARemedyTheMessageStandsAlone() {
        #expect(Refusal(remedy: nil).description == "happy.gguf: layers differ (64 vs 48)")
    }
}
