import Foundation
import Testing

@testable import tiller

@Suite struct JSONValueTests {
    @Test func keysKeepTheOrderInWhichTheyAreWritten() {
        let value: JSONValue = ["zebra": 1, "ape": [true, nil], "cat": ["x": "y"]]
        #expect(value.text == #"{"zebra": 1, "ape": [true, null], "cat": {"x": "y"}}"#)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func numbersThatAreNotFiniteAreNull(_ number: Double) {
        #expect(JSONValue.array([.number(number), .single(Float(number))]).text == "[null, null]")
    }

    @Test func aFloatIsPrintedWithAFloatsDigits() {
        #expect(JSONValue.single(0.1).text == "0.1")
        #expect(JSONValue.number(0.1).text == "0.1")
        #expect(JSONValue.number(1e300).text == "1e+300")
    }

    @Test func everyScalarSurvivesTheWayThroughAParser() throws {
        let text = "\u{0}\u{1}\u{1F}\"\\/\n\r\t\u{7F}\u{80}\u{9B}2J\u{9F}é日本語👩‍👩‍👧\u{2028}"
        let written = JSONValue.object([.init(key: text, value: .string(text))]).text
        #expect(written.withoutTerminalControls == written)
        let json = Data(written.utf8)
        let parsed = try #require(try JSONSerialization.jsonObject(with: json) as? [String: String])
        #expect(parsed == [text: text])
    }
}
