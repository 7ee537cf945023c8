import Testing
import _TestSupport

@testable import tiller

@Suite struct TextInputTests {
    @Test func linesEndInEveryWayAndEmptyOnesAreLeftOut() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("prompts", "\u{FEFF}one\r\n\n  \ntwo 日本\nthree")
        #expect(try TextInput.lines(of: path) == ["one", "two 日本", "three"])
    }

    @Test func bytesThatAreNotUTF8AreRefused() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([0x61, 0xFF, 0x0A], to: "prompts")
        #expect(
            throws: TillerError.unusableInput(
                path: path, reason: "it is not UTF-8", remedy: "save the text as UTF-8")
        ) {
            try TextInput.lines(of: path)
        }
    }

    @Test(arguments: ["", "text", "two\nlines\n"])
    func aTextIsTakenAsItIs(_ text: String) throws {
        #expect(try TextInput.text(text) == text)
    }

    @Test func aFileThatIsMissingIsNamed() {
        let error = #expect(throws: TillerError.self) { try TextInput.lines(of: "/nowhere/prompts") }
        #expect(error?.message.contains("/nowhere/prompts") == true)
    }
}
