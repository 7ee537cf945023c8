import Generation
import Steering
import Testing
import _TestSupport

/// Repeng's own suffixes on the default model: known numbers of prompts, tokens and distinct prefixes.
@Suite struct RepengCountsTests {
    private func set(template: String, isRaw: Bool) throws -> ExampleSet {
        let suffixes = try fixture("steering/all_truncated_outputs.json", as: [String].self)
        let dataset = try Dataset(
            name: "happy",
            content: .personas(
                PersonaPrompts(
                    template: template, positive: ["happy", "joyous"], negative: ["sad", "depressed"],
                    suffixes: suffixes, truncates: true)),
            isRaw: isRaw)
        let pairs = try dataset.pairs(DefaultModel.open())
        return try ExampleSet(
            pairs, split: HeldOutSplit(sources: pairs.map(\.source), fraction: 0.2, seed: 0))
    }

    /// One user turn and the generation prompt: 17 tokens.
    private let chat =
        "<|im_start|>user\nAct as if you're extremely {persona}.<|im_end|>\n<|im_start|>assistant\n"

    @Test(arguments: [
        // The text alone; with a beginning-of-sequence token, as the counts in the design were made.
        ("", 88_944, 1141), ("<|im_start|>", 93_692, 1142),
    ])
    func rawPromptsShareNearlyAllOfTheirTokens(beginning: String, tokens: Int, prefixes: Int) throws {
        let set = try set(template: beginning + chat, isRaw: true)
        #expect(set.promptCount == 4748)
        #expect(set.tokenCount == tokens)
        #expect(set.prompts.prefixCount == prefixes)
        #expect(set.pairs.count == 550)
    }

    @Test func theChatTemplateAddsTheTwentyOneTokensOfItsSystemTurn() throws {
        let set = try set(template: "Act as if you're extremely {persona}.", isRaw: false)
        #expect(set.promptCount == 4748)
        #expect(set.tokenCount == 88_944 + 4748 * 21)
        #expect(set.prompts.prefixCount == 1141 + 21)
    }
}
