import Steering
import Testing

@Suite struct StrengthListTests {
    @Test(
        arguments: [
            ("0", [0]), ("0,2,5", [0, 2, 5]), (" -0.5 , 1 ", [-0.5, 1]), ("1e-1", [0.1]),
            ("-1:1:0.5", [-1, -0.5, 0, 0.5, 1]), ("1:-1:-0.5", [1, 0.5, 0, -0.5, -1]),
            ("1:-1:0.5", [1, 0.5, 0, -0.5, -1]),
            ("0:1:0.3", [0, 0.3, 0.6, 0.9]), ("2:2:1", [2]), ("0:0.3:0.1", [0, 0.1, 0.2, 0.3]),
            ("-0.3:0.3:0.1", [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]), ("-1:1:1,5", [-1, 0, 1, 5]),
        ] as [(String, [Double])])
    func rangesAndListsAreRead(text: String, expected: [Double]) throws {
        #expect(try StrengthList(text).values == expected)
    }

    @Test func aQuarterStepSweepHasNineStrengths() throws {
        #expect(try StrengthList("-1:1:0.25").values.count == 9)
    }

    @Test(arguments: [
        ("", SteeringError.Kind.invalidStrengthList), ("a", .invalidStrengthList),
        ("1,", .invalidStrengthList),
        ("1;2", .invalidStrengthList), ("1:2", .invalidStrengthList), ("1:2:3:4", .invalidStrengthList),
        ("0x10", .invalidStrengthList), ("-1:1:0", .invalidStrengthList), ("-1:1:-0.5", .invalidStrengthList),
        ("nan", .invalidStrength), ("inf", .invalidStrength), ("-infinity", .invalidStrength),
        ("1e39", .invalidStrength),
        ("0:nan:1", .invalidStrength), ("0:1:1e-300", .tooManyStrengths), ("0:10000:1", .tooManyStrengths),
        ("-1e6:1e6:1e-300", .tooManyStrengths),
    ])
    func whatIsNotAListOfFiniteNumbersIsRefused(text: String, kind: SteeringError.Kind) {
        let error = #expect(throws: SteeringError.self) { try StrengthList(text) }
        #expect(error?.kind == kind, "\(error?.message ?? "")")
        #expect(error?.message.contains("\"\(text)\"") == true)
        #expect(error?.remedy != nil)
    }

    @Test func tenThousandIsTheMost() throws {
        #expect(try StrengthList("1:10000:1").values.count == 10_000)
        #expect(throws: SteeringError.self) { try StrengthList("1:10000:1,1") }
    }

    @Test func oneStrengthIsReadByTheSameRules() throws {
        #expect(try StrengthList.strength("-0.5") == -0.5)
        let error = #expect(throws: SteeringError.self) { try StrengthList.strength("1,5") }
        #expect(error?.remedy?.contains("list") == false && error?.remedy?.contains("range") == false)
        #expect(throws: SteeringError.self) { try StrengthList.strength("nan") }
    }
}
