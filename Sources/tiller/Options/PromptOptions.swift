import ArgumentParser
import ChatTemplates
import ControlVectors
import Generation
import Terms

/// The text that the model reads.
struct PromptOptions: ParsableArguments {
    @Option(
        name: [.customShort("p"), .customLong("prompt")], parsing: .unconditionalSingleValue,
        help: ArgumentHelp("What the user says; - reads standard input.", valueName: "prompt"))
    var prompts: [String] = []

    @OptionGroup var style: PromptStyle

    /// Refuses more prompts than one, before anything is opened.
    func check() throws(TillerError) {
        _ = try TextInput.single(prompts, remedy: "pass one; tiller sweep --prompts FILE asks several")
    }

    /// The prompt's tokens.
    func tokens(for model: LanguageModel) throws -> [TokenID] {
        try check()
        guard let prompt = prompts.first else {
            throw TillerError.badUsage(
                message: "there is no prompt", remedy: "pass one with -p, or -p - for standard input")
        }
        return try style.tokens(of: try TextInput.prompt(prompt, isRaw: style.isRaw), for: model)
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
        name: .customLong("bos"), inversion: .prefixedNo,
        help:
            "With --raw: whether to begin with the token that the model's file asks for, if it asks for one. By default it does."
    )
    var addsBeginning: Bool?

    func validate() throws {
        if isRaw, system != nil {
            throw ValidationError("--raw has no turns, so --system has no place in it")
        }
        if let addsBeginning, !isRaw {
            throw ValidationError(
                "--\(addsBeginning ? "" : "no-")bos goes with --raw; the chat template begins a chat by itself"
            )
        }
    }

    /// How it puts a prompt.
    var form: PromptForm { isRaw ? .raw : .chat(system: system) }

    /// The tokens of one user turn, or of the text itself.
    func tokens(of text: String, for model: LanguageModel) throws -> [TokenID] {
        let tokens =
            isRaw
            ? model.rawTokens(text, addsBeginning: addsBeginning ?? true)
            : try model.chatTokens(user: text, system: system)
        guard !tokens.isEmpty else { throw GenerationError.emptyPrompt }
        return tokens
    }
}
