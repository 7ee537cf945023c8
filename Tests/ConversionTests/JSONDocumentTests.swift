import Terms
import Testing

@testable import Conversion

@Suite struct JSONDocumentTests {
    private func document(_ text: String) throws(ConversionError) -> JSONNode {
        try JSONDocument(FileContents(copying: text.utf8)).root
    }

    @Test func valuesAreReadAsTheyStand() throws {
        let root = try document(
            #"{"a": [1, -2.5e1, true, null], "b": {"c": "x\n\u00e9\ud83d\ude00\ud800"}, "d": NaN, "e": 4.096e3}"#
        )
        #expect(root["a"]?.elements.map(\.integer) == [1, -25, nil, nil])
        #expect(root["a"]?.elements[2].boolean == true)
        #expect(root["b"]?["c"]?.string == "x\né😀\u{FFFD}")
        #expect(root["d"]?.number?.isNaN == true)
        #expect(root["e"]?.integer == 4096)
        #expect(root["f"] == nil && root.members.count == 4)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "[1 2]", "\"a", "\"\\x\"", "\"\\u12g4\"", "tru", "01x",
        "1 2", "-", "--1",
        "{\"a\":1,\"a\":2}", "\"a\nb\"", "{1:2}", "nan",
    ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(throws: ConversionError.self) { try document(text) }
    }

    @Test func nestingHasABound() throws {
        let deep = { (count: Int) in
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        _ = try document(deep(64))
        let error = #expect(throws: ConversionError.self) { try document(deep(65)) }
        #expect(error?.kind == .tooDeep)
        #expect(throws: ConversionError.self) { try document(deep(100_000)) }
    }
}
