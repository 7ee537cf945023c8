import ArgumentParser
import ControlVectors
import Generation
import Steering
import Terms
import Tokenizers
import Transformer

/// `tiller score`
struct ScoreCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Show how much of a trait each token of a text carries.",
        discussion: """
            The reading of a token is the projection of its hidden states on the vector's directions, on a scale where \
            0 is the negative side of the vector's dataset and 1 the positive one; a vector that does not say where its \
            sides lie gives plain projections. The text is read as the assistant's answer to -p; --raw reads it as it is.
            """)

    @OptionGroup var model: ModelOptions

    @Option(
        name: [.customShort("v"), .customLong("vector")], parsing: .unconditionalSingleValue,
        help: "A vector file; may be repeated.")
    var vectors: [String] = []

    @Argument(help: "The text; - reads standard input.")
    var text: String

    @Option(
        name: [.customShort("p"), .customLong("prompt")], parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "What the user said before the text (default: an open question).", valueName: "prompt"))
    var prompts: [String] = []

    @OptionGroup var use: VectorUse
    @OptionGroup var style: PromptStyle
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if vectors.isEmpty { throw ValidationError("there is no vector; pass one with -v") }
        if style.isRaw, !prompts.isEmpty {
            throw ValidationError("--raw has no turns, so -p has no place in it")
        }
    }

    func run() throws {
        let prompt = try TextInput.single(prompts, remedy: "pass the one that the text answers")
        let text = try TextInput.text(text)
        guard !text.isEmpty else { throw emptyText }
        let selection = try use.selection()
        let model = try model.load()
        let meters = try VectorMeter.load(
            vectors, option: "-v", layers: selection, for: model, forced: use.force)
        let (beginning, tokens) = try tokens(of: text, behind: prompt, for: model)
        let needed = beginning.count + tokens.count
        let longest = try compute.longestText(for: model.transformer)
        guard needed <= longest else {
            throw ComputeOptions.tooLong(needed, in: longest, for: model.transformer)
        }
        let context = try compute.context(
            for: model.transformer, needed: needed, longest: needed, precision: .exact)
        let progress = Progress("reading", unit: .things("tokens"), total: needed)
        defer { progress.finish() }
        let read = try MeteredText.read([tokens], after: beginning, with: meters, in: context) { done, _ in
            progress.update(done)
        }
        progress.finish()
        let words = ScoreWords(text: read[0], meters: meters, tokenizer: model.tokenizer)
        try output.print(
            json: words.json, text: words.text(for: Terminal.current, titleStyle: output.titleStyle))
    }

    /// What the user says where nobody says it: an open question, as it is asked of a model
    /// before most of its answers.
    private static let openQuestion = "Tell me something."

    private var emptyText: TillerError {
        let (place, reason) = ("the text", "it is empty, so there is nothing to score")
        let remedy = "write a text behind the options, or - for standard input"
        return text == "-"
            ? .unusableInput(path: place, reason: reason, remedy: remedy)
            : .badUsage(message: "\(place): \(reason)", remedy: remedy)
    }

    /// What comes before the text, and the text itself.
    func tokens(
        of text: String, behind prompt: String?, for model: LanguageModel
    ) throws -> (beginning: [TokenID], text: [TokenID]) {
        let beginning: [TokenID]
        let tokens: [TokenID]
        if style.isRaw {
            // The token that the model's file wants first is no part of the text.
            tokens = model.rawTokens(text, addsBeginning: false)
            beginning = try style.tokens(of: text, for: model).dropLast(tokens.count)
        } else {
            beginning = try model.chatTokens(user: prompt ?? Self.openQuestion, system: style.system)
            tokens = model.answerTokens(text, behind: beginning)
        }
        guard !tokens.isEmpty else { throw emptyText }
        return (beginning, tokens)
    }
}
