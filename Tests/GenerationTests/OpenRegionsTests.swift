import Testing
import Tokenizers
import _TestSupport

@testable import Generation

@Suite struct OpenRegionsTests {
    /// The text with what stands in a region marked: « before the first byte after which the region is open,
    /// » after the byte that ends it.
    private func marked(_ text: String, _ region: TextRegion) -> String {
        var regions = OpenRegions()
        var result = ""
        var isOpen = false
        for scalar in text.unicodeScalars {
            for byte in String(scalar).utf8 { regions.read(byte) }
            result.unicodeScalars.append(scalar)
            if regions.contains(region) != isOpen {
                isOpen.toggle()
                result += isOpen ? "«" : "»"
            }
        }
        return result
    }

    @Test(arguments: [
        ("a\n```swift\nlet x = 1\n```\nb", "a\n```«swift\nlet x = 1\n```»\nb"),
        ("~~~\n```\n~~~~\n", "~~~«\n```\n~~~»~\n"),
        ("````\n```\n````\nx", "```«`\n```\n````»\nx"),
        ("   ```\nx", "   ```«\nx"),
        ("    ```\nx", "    ```\nx"),
        ("say ``` here\n", "say ``` here\n"),
        ("```x``` and\nmore", "```«x`»`` and\nmore"),
        ("`` ``\n", "`` ``\n"),
    ])
    func codeStandsBetweenFences(_ text: String, _ expected: String) {
        #expect(marked(text, .code) == expected)
    }

    @Test(arguments: [
        ("```\n```swift\n``` \nb", "```«\n```»s«wift\n```» \nb"),
        ("~~~\n~~~ ~\n~~~~\nb", "~~~«\n~~~» ~«\n~~~»~\nb"),
        ("```\n```\r\n```\nb", "```«\n```»\r\n```«\nb"),
    ])
    func aClosingFenceHasNothingButBlanksBehindIt(_ text: String, _ expected: String) {
        #expect(marked(text, .code) == expected)
    }

    @Test(arguments: [("```\nx", TextRegion.code), ("{\"a\": 1", .json), ("<think>hm", .thinking)])
    func aControlTokenEndsAllRegionsAndALineBeginsBehindIt(_ text: String, _ region: TextRegion) throws {
        let tokenizer = try LanguageModel(path: try smolLM2Path()).tokenizer
        var regions = OpenRegions()
        for token in tokenizer.encode("[INST]<|im_start|>" + text, special: .parsed) {
            regions.read(token, tokenizer)
        }
        #expect(regions.contains(region))
        for token in tokenizer.encode("<|im_end|>", special: .parsed) { regions.read(token, tokenizer) }
        #expect(!regions.contains(region))
    }

    @Test(arguments: [
        ("{\"a\": [1, \"}\"]}\nb", "{«\"a\": [1, \"}\"]}»\nb"),
        ("x\n  [1, 2] y", "x\n  [«1, 2]» y"),
        ("[link](url)", "[«l»ink](url)"),
        ("{curly} text", "{«c»urly} text"),
        ("in line {\"a\": 1}", "in line {\"a\": 1}"),
        ("{\n \"a\\\"}\": {}}.", "{«\n \"a\\\"}\": {}}».",),
        ("[]", "[«]»"), ("{ }", "{« }»"),
    ])
    func jsonBeginsALine(_ text: String, _ expected: String) {
        #expect(marked(text, .json) == expected)
    }

    @Test(arguments: [
        ("<think>hm</think>ok", TextRegion.thinking, "<think>«hm</think>»ok"),
        ("<thinking>a<think>b</thinking>c", .thinking, "<thinking>«a<think>b</thinking>»c"),
        ("<tool_call>{}</tool_call>.", .toolCall, "<tool_call>«{}</tool_call>».",),
        ("[TOOL_CALLS] [1]", .toolCall, "[TOOL_CALLS]« [1]"),
        ("<think>a", .toolCall, "<think>a"),
        ("<thin k>", .thinking, "<thin k>"),
    ])
    func tagsOpenAndClose(_ text: String, _ region: TextRegion, _ expected: String) {
        #expect(marked(text, region) == expected)
    }
}
