import Testing

@testable import tiller

@Suite struct RowRangeTests {
    @Test(arguments: [("0-3", 0, 3), ("7", 7, 7), ("0-0", 0, 0)])
    func bothEndsBelongToTheRange(_ text: String, _ first: Int, _ last: Int) throws {
        let range = try RowRange(parsing: text)
        #expect(range.first == first)
        #expect(range.last == last)
    }

    @Test(arguments: ["", "-", "3-1", "-1", "1-", "a", "1-2-3", "99999999999999999999"])
    func whatIsNoRangeIsBadUsage(_ text: String) {
        #expect(throws: TillerError.self) { try RowRange(parsing: text) }
    }

    @Test func rowsBeyondTheTensorAreLeftOutAndNoneIsAnError() throws {
        #expect(try RowRange(parsing: "1-9").clamped(rowCount: 3, tensor: "t") == 1..<3)
        #expect(throws: TillerError.self) { try RowRange(parsing: "3-9").clamped(rowCount: 3, tensor: "t") }
        #expect(throws: TillerError.self) { try RowRange(parsing: "0").clamped(rowCount: 0, tensor: "t") }
    }
}
