import ArgumentParser
import ChatTemplates
import Generation
import Terms
import Tokenizers

/// The text that the model reads.
struct PromptOptions: ParsableArguments {
    @Option(
        name: [.customShort("p"), .long], parsing: .unconditional,
        help: "What the user says; - reads standard input.")
    var prompt: String?

    @OptionGroup var style: PromptStyle

    /// The prompt's tokens.
    func tokens(for model: LanguageModel) throws -> [TokenID] {
        guard let prompt else {
            throw TillerError.badUsage(
                message: "there is no prompt", remedy: "pass one with -p, or -p - for standard input")
        }
        return try style.tokens(of: try TextInput.text(prompt), for: model)
    }
}

/// How a text becomes a prompt.
struct PromptStyle: ParsableArguments {
    @Option(parsing: .unconditional, help: "The system turn, instead of the chat template's own.")
    var system: String?

    @Flag(
        name: .customLong("raw"),
        help: "Take the text as it is: no chat template, and special tokens in it are parsed.")
    var isRaw = false

    @Flag(
        name: .customLong("bos"),
        help: "With --raw: begin with the token that the model's file asks for, if it asks for one.")
    var addsBeginning = false

    func validate() throws {
        if isRaw, system != nil {
            throw ValidationError("--raw has no turns, so --system has no place in it")
        }
        if addsBeginning, !isRaw {
            throw ValidationError("--bos goes with --raw; the chat template begins a chat by itself")
        }
    }

    /// The tokens of one user turn, or of the text itself.
    func tokens(of text: String, for model: LanguageModel) throws -> [TokenID] {
        let tokens =
            isRaw
            ? model.tokenizer.encode(text, special: .parsed, addsBeginning: addsBeginning)
            : try model.chatTokens(user: text, system: system)
        guard !tokens.isEmpty else { throw GenerationError.emptyPrompt }
        return tokens
    }
}
