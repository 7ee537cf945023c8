import Testing

@testable import Steering

@Suite struct TextFaultTests {
    private func faults(
        _ bytes: [UInt8], ids: [Int] = [], isCut: Bool = false, reference: String = "Tell me a story."
    ) -> [TextFault] {
        TextFault.faults(in: bytes, ids: ids, isCut: isCut, reference: reference)
    }

    private func faults(_ text: String, reference: String = "Tell me a story.") -> [TextFault] {
        faults(Array(text.utf8), reference: reference)
    }

    @Test(arguments: [
        "Once upon a time, there was a café.", "☀️ 12 + 30 = 42 ─────────── ok", "π is 3.14, and e is 2.71",
        "Yes!", "----------------------------", "It was very, very, very good.",
    ])
    func aWholeTextHasNoFault(_ text: String) {
        #expect(faults(text).isEmpty)
    }

    @Test(arguments: ["", " ", "\n\n\t", "\u{3000}"])
    func aTextOfWhiteSpaceIsEmpty(_ text: String) {
        #expect(faults(text) == [.empty])
    }

    @Test func bytesThatAreNoTextAreFoundAndACharacterThatIsCutIsNot() {
        let text = Array("sun".utf8)
        #expect(faults(text + [0xFF, 0x61]) == [.invalidUTF8])
        #expect(faults(text + [0xE2, 0x98, 0x61]) == [.invalidUTF8])
        for unfinished: [UInt8] in [[0xC3], [0xE2, 0x98], [0xF0, 0x9F, 0x98]] {
            #expect(faults(text + unfinished, isCut: true).isEmpty)
            #expect(faults(text + unfinished) == [.invalidUTF8])
        }
        #expect(faults(text + [0x98], isCut: true) == [.invalidUTF8])
        #expect(faults(Array("🌞".utf8), isCut: true).isEmpty)
    }

    @Test func aReplacementCharacterOfTheModelsOwnIsNoInvalidUTF8() {
        #expect(faults("a \u{FFFD} b") == [.replacementCharacter])
        #expect(faults(Array("a \u{FFFD}".utf8) + [0xFF]) == [.invalidUTF8, .replacementCharacter])
    }

    @Test func lettersOfAScriptThatThePromptHasNotAreDrift() {
        #expect(faults("The weather is 天気がいい today") == [.scriptDrift])
        #expect(faults("Погода сегодня") == [.scriptDrift])
        #expect(faults("今日はいい天気ですね。", reference: "日本語で答えて。").isEmpty)
        #expect(faults("天気 is weather in Japanese", reference: "What is 天気?").isEmpty)
        #expect(faults("नमस्ते", reference: "বাংলা") == [.scriptDrift])
        // Nothing is expected of the answer to a prompt without letters.
        #expect(faults("Погода сегодня", reference: "2 + 2 = ?").isEmpty)
        // Two letters are a name or a formula.
        #expect(faults("ΔT").isEmpty)
    }

    @Test func circlesAreLoops() {
        let sentence = [7, 8, 9, 10, 11]
        #expect(faults(Array("a".utf8), ids: sentence + sentence + sentence + [1]) == [.loop])
        #expect(faults(Array("a".utf8), ids: [1, 2] + sentence + sentence + [3]).isEmpty)
        #expect(faults("w" + String(repeating: "o", count: 12) + "w") == [.loop])
        #expect(faults("w" + String(repeating: "o", count: 11) + "w").isEmpty)
    }
}
