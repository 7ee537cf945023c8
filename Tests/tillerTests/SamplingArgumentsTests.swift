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

    @Test(arguments: [
        ("--temp", "-1", "0 or more"), ("--temp", "inf", "a finite number, up to 3.4e38"),
        ("--repeat-penalty", "1e39", "a finite number, up to 3.4e38"),
        ("--dry-multiplier", "inf", "a finite number, up to 3.4e38"),
        ("--dry-base", "1e39", "a finite number, up to 3.4e38"),
        ("--top-p", "2", "more than 0, and 1 at the most"), ("--top-k", "-1", "0 or more"),
        ("--min-p", "1.5", "0 to 1"), ("--repeat-penalty", "0", "0.01 or more"),
        ("--repeat-last-n", "-1", "0 or more"), ("--dry-multiplier", "-1", "0 or more"),
        ("--dry-base", "0.5", "1 or more"), ("--dry-allowed-length", "0", "1 or more"),
        ("--seed", "-2", "0 or more, or -1 for another seed each time"),
    ])
    func aValueOutsideOfItsRangeNamesTheOptionAndTheRange(
        _ option: String, _ value: String, _ range: String
    ) throws {
        let run = try TillerProcess(["generate", "-m", "/none.gguf", "-p", "x", option, value, "--json"])
        #expect(run.status == ExitStatus.badUsage)
        let error = try run.jsonError()
        #expect((error["message"] as? String)?.hasPrefix("\(option) is ") == true, "\(error)")
        #expect(error["fix"] as? String == "write \(range)")
    }
}
