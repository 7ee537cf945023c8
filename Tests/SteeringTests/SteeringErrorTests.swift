import Terms
import Testing

@testable import Steering

@Suite struct SteeringErrorTests {
    /// Scripts tell by the status what was typed wrong: these codes are a promise.
    @Test func whatCannotBeMeantIsBadUsage() {
        let usage = SteeringError.Kind.allCases.map { SteeringError($0, "") }.filter { $0.category == .usage }
        #expect(
            Set(usage.map(\.code)) == [
                "unknownLayer", "noSteeredLayer", "invalidStrength", "invalidStrengthList",
                "tooManyStrengths",
                "missingInput", "unusedInput", "invalidBudget", "noJudge",
            ])
        #expect(SteeringError.Kind.allCases.allSatisfy { SteeringError($0, "").category != .misfit })
    }
}
