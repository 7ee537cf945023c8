import Testing

@testable import tiller

@Suite struct NumberListTests {
    @Test(arguments: [
        ("0.5", [Float(0.5)]),
        ("-1,0,1", [-1, 0, 1]),
        ("0,2,5,8,10,12", [0, 2, 5, 8, 10, 12]),
        ("-1:1:0.25", [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1]),
        ("1:-1:-1", [1, 0, -1]),
        ("0:1:0.3", [0, 0.3, 0.6, 0.9]),
        ("0:0:1", [0]),
        ("-2, 0:1:0.5", [-2, 0, 0.5, 1]),
    ])
    func listsAndRangesAreRead(_ text: String, _ values: [Float]) throws {
        #expect(try NumberList(parsing: text, option: "--strengths").values == values)
    }

    @Test func aRangeInTenthsPassesThroughZeroAndEndsWhereItSays() throws {
        let values = try NumberList(parsing: "-1:1:0.1", option: "--strengths").values
        #expect(values.count == 21)
        #expect(values[10] == 0)
        #expect(values.last == 1)
    }

    @Test(arguments: [
        "", "a", "1,", "nan", "inf", "-inf", "1e99", "1:2", "1:2:0", "1:2:-1", "1:2:3:4", "0:1:1e-9",
        "1:nan:1", "0x10p",
    ])
    func whatIsNoListOfNumbersIsBadUsage(_ text: String) {
        let error = #expect(throws: TillerError.self) { try NumberList(parsing: text, option: "--strengths") }
        #expect(error?.code == "badUsage")
        #expect(error?.message.contains("--strengths") == true)
    }

    @Test func aDecimalCommaIsTwoNumbersAndStaysVisible() throws {
        #expect(try NumberList(parsing: "1,5", option: "--strengths").values == [1, 5])
    }
}
