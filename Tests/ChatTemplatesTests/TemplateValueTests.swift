import ChatTemplates
import Foundation
import Testing

@Suite struct TemplateValueTests {
    @Test func jsonKeepsTheOrderOfMembers() throws {
        let value = try TemplateValue(
            json: #" {"b": 1, "a": [true, null, -2.5e1, "x\n\u00e9\ud83c\udf89\/"], "c": {}} "#)
        #expect(value == ["b": 1, "a": [true, nil, -25.0, "x\né🎉/"], "c": [:]])
        #expect(value["b"] == 1)
        #expect(value["nosuch"] == nil)
        #expect(try TemplateValue(json: #"{"a": 1, "a": 2}"#)["a"] == 2)
        #expect(
            try TemplateValue(json: "[9223372036854775807, 9223372036854775808]") == [
                .integer(.max), 9223372036854775808.0,
            ])
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[1,", "[1,]", "[,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}",
        "'a'", "\"a",
        "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\n\"", "01", "-", "1.", "1e", ".5",
        "+1", "1e999", "tru",
        "nul", "1 2", "[1] x", "NaN", "Infinity", "\u{FEFF}1",
    ])
    func whatIsNotJSONIsRefused(_ text: String) {
        let error = #expect(throws: ChatTemplateError.self) { try TemplateValue(json: text) }
        #expect(error?.kind == .invalidJSON)
    }

    @Test func everyPrefixOfAJSONTextIsRefused() throws {
        let text = #"{"a": [1, 2.5, "x\u00e9\n", true, false, null, {"b": {}}], "c": -1e-5}"#
        _ = try TemplateValue(json: text)
        for count in 0..<text.count {
            #expect(throws: ChatTemplateError.self) { try TemplateValue(json: String(text.prefix(count))) }
        }
    }

    @Test func deepJSONAndDeepValuesAreRefused() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: ChatTemplateError.self) { try TemplateValue(json: deep) }
        var value: TemplateValue = 1
        for _ in 0..<500 { value = [value] }
        let template = try ChatTemplate(source: "{{ x }}")
        let error = #expect(throws: ChatTemplateError.self) {
            try template.render([], variables: ["x": value])
        }
        #expect(error?.kind == .tooDeep)
    }

    @Test func codersSeePlainJSON() throws {
        let value: TemplateValue = ["a": [1, 2.5, true, nil, "x"], "b": ["c": [:]]]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(value)
        #expect(String(decoding: data, as: UTF8.self) == #"{"a":[1,2.5,true,null,"x"],"b":{"c":{}}}"#)
        #expect(try JSONDecoder().decode(TemplateValue.self, from: data) == value)
    }
}
