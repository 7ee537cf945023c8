import Testing

@testable import Steering

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONNode {
        try JSONParser.parse(JSONText(Array(text.utf8), name: "x.json", form: .dataset))
    }

    private func error(_ bytes: [UInt8]) -> SteeringError? {
        #expect(throws: SteeringError.self) {
            try JSONParser.parse(JSONText(bytes, name: "x.json", form: .dataset))
        }
    }

    @Test func everyKindOfValueIsRead() throws {
        let node = try parse(#" { "a" : [ 1, -2.5e+3, true, false, null, "é\n\u00e9\uD83D\uDE00\/" ] } "#)
        guard case .object(let members) = node.value, let member = members.first,
            case .array(let elements) = member.node.value
        else {
            Issue.record("expected an object with a list")
            return
        }
        #expect(member.key == "a")
        #expect(
            elements.map(\.kind) == [
                "a number", "a number", "true or false", "true or false", "null", "a text",
            ])
        guard case .string(let text) = elements[5].value else {
            Issue.record("expected a text")
            return
        }
        #expect(text == "é\né😀/")
    }

    @Test(arguments: [
        ("{", "line 1, column 2"), ("{\"a\":1,}", "line 1, column 8"), ("[1 2]", "line 1, column 4"),
        ("[\n  01]", "line 2, column 4"), ("[1.]", "line 1, column 2"), ("[tru]", "line 1, column 2"),
        ("{\"a\" 1}", "line 1, column 6"), ("[\"\u{1}\"]", "line 1, column 3"),
        ("[\"é\", \"\\x\"]", "line 1, column 8"), ("[\"\\uD83D\"]", "line 1, column 3"),
        ("[\"\\u12²4\"]", "line 1, column 3"), ("[\"abc]", "line 1, column 2"), ("[] []", "line 1, column 4"),
        ("\r\n[NaN]", "line 2, column 2"), ("[\"\\uDC00\"]", "line 1, column 3"),
        ("[\"\\", "line 1, column 3"),
        ("[-]", "line 1, column 2"), ("[1e]", "line 1, column 2"), ("{a:1}", "line 1, column 2"),
    ])
    func whatIsNotJSONIsRefusedWithItsPlace(text: String, place: String) {
        let error = error(Array(text.utf8))
        #expect(error?.kind == .invalidJSON)
        #expect(error?.message.contains("x.json: \(place) (byte") == true, "\(error?.message ?? "")")
    }

    @Test func everyTruncationIsRefusedAndNoneTraps() {
        let whole = Array(#"{"a":["\u00e9\uD83D\uDE00",-1.5e-3,true,null],"é":{}}"#.utf8)
        for length in 0..<whole.count {
            #expect(throws: SteeringError.self, "\(length) bytes") {
                try JSONParser.parse(JSONText(Array(whole[..<length]), name: "x.json", form: .dataset))
            }
        }
    }

    @Test func aFieldThatOccursTwiceIsRefused() {
        let error = error(Array("{\n\"a\": 1,\n\"a\": 2}".utf8))
        #expect(error?.kind == .duplicateField)
        #expect(error?.message == "x.json: line 3, column 1: the field \"a\" occurs twice")
    }

    @Test(arguments: [33, 100_000]) func depthIsBounded(depth: Int) {
        #expect(error(Array(repeating: UInt8(ascii: "["), count: depth + 1))?.kind == .tooDeep)
    }

    @Test func encodingIsCheckedBeforeParsing() {
        let invalid = error([UInt8(ascii: "["), 0x0A, UInt8(ascii: "\""), 0xC3, 0x28])
        #expect(invalid?.kind == .invalidUTF8)
        #expect(invalid?.message == "x.json: line 2, column 2: byte 3 (0xc3) is not valid UTF-8")
        #expect(error([0xEF, 0xBB, 0xBF, UInt8(ascii: "["), UInt8(ascii: "]")])?.kind == .byteOrderMark)
        #expect(error([0xFF, 0xFE, 0x5B, 0x00])?.kind == .byteOrderMark)
        #expect(error([])?.kind == .emptyFile)
        #expect(error(Array(" \n\t\r".utf8))?.kind == .emptyFile)
    }
}
