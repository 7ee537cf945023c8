import Testing

@testable import tiller

@Suite struct SamplingArgumentsTests {
    @Test(arguments: ["1e-40", "0.009", "0", "-1", "nan"])
    func aRepeatPenaltyThatWouldLeaveNoNumbersIsRefused(_ text: String) throws {
        let run = try TillerProcess(["generate", "-p", "x", "--repeat-penalty", text, "--json"])
        #expect(run.status == ExitStatus.badUsage)
        let error = try run.jsonError()
        #expect(error["code"] as? String == "invalidSetting")
        #expect((error["message"] as? String)?.hasPrefix("--repeat-penalty is ") == true, "\(error)")
    }
}
