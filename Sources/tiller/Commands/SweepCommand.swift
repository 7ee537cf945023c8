import ArgumentParser
import ControlVectors
import Dispatch
import Generation
import Steering
import Terms
import Transformer

/// `tiller sweep`
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Answer the same prompts at several strengths.",
        discussion: """
            Strengths are FROM:TO:STEP or a list: --strengths=-1:1:0.25, --strengths 0,2,5. Perplexity is that of the \
            answer under the model without steering. Without -p or --prompts the vector's own questions are asked.
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var vectors: VectorArguments

    @Option(parsing: .unconditional, help: "What multiplies the vector.")
    var strengths = "-1:1:0.25"

    @Option(
        name: [.customShort("p"), .long], parsing: .unconditional, help: "One prompt; - reads standard input."
    )
    var prompt: String?

    @Option(help: "A file of prompts, one a line; - reads standard input.")
    var prompts: String?

    @OptionGroup var style: PromptStyle
    @OptionGroup var length: LengthOptions
    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var compute: ComputeOptions

    @Flag(help: "Float32 activations everywhere: slower, for comparing.")
    var exact = false

    @Option(
        name: .customLong("batch"), parsing: .unconditional,
        help: ArgumentHelp("Answers that are computed together at the most.", valueName: "answers"))
    var answersInWork = 32

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if answersInWork < 1 { throw ValidationError("--batch is \(answersInWork), expected 1 or more") }
        if prompt != nil, prompts != nil { throw ValidationError("-p and --prompts exclude each other") }
    }

    func run() throws {
        guard !vectors.vectors.isEmpty else {
            throw TillerError.badUsage(message: "there is no vector", remedy: "pass one with -v")
        }
        let strengths = try StrengthList(self.strengths).values
        let options = try sampling.options()
        let model = try model.load()
        let vectors = try vectors.load(for: model)
        let dataset = VectorDataset(of: vectors.vectors)
        dataset.problems.forEach(warn)
        var sweep = Sweep(prompts: try prompts(for: model, dataset), strengths: strengths)
        sweep.sampling = options
        sweep.answersInWork = answersInWork
        sweep.markers = dataset.markers
        let cells = try fit(&sweep, to: model)
        let context = try compute.context(
            for: model.transformer, needed: cells, precision: exact ? .exact : .fast)

        let progress = StagedProgress()
        defer { progress.finish() }
        let start = DispatchTime.now()
        var answerSeconds: Double?
        let runs = try sweep.run(
            in: context, tokenizer: model.tokenizer, plan: { try vectors.plan(times: $0, for: model) }
        ) { completed, total, label in
            if label == "perplexity", answerSeconds == nil { answerSeconds = start.seconds }
            progress.report(completed, total, label)
        }
        progress.finish()
        let seconds = start.seconds
        let words = SweepWords(
            runs: runs, layers: try vectors.plan(for: model).steeredLayers, seed: options.seed,
            answerSeconds: answerSeconds ?? seconds, seconds: seconds)
        try output.print(
            json: words.json, text: words.text(width: Terminal.current.width, titleStyle: output.titleStyle))
    }

    private func prompts(for model: LanguageModel, _ dataset: VectorDataset) throws -> [Sweep.Prompt] {
        var texts = dataset.questions
        if let prompt { texts = [try TextInput.text(prompt)] }
        if let prompts { texts = try TextInput.lines(of: prompts) }
        guard !texts.isEmpty else {
            throw TillerError.badUsage(
                message: "there is no prompt, and the vector brings no questions",
                remedy: "pass one with -p, or a file of them with --prompts")
        }
        return try texts.map { Sweep.Prompt(text: $0, tokens: try style.tokens(of: $0, for: model)) }
    }

    /// Sets the answers' length so that each text fits, and gives the room that all texts in work together need.
    private func fit(_ sweep: inout Sweep, to model: LanguageModel) throws -> Int {
        let longest = try compute.longestText(for: model.transformer)
        let promptTokens = sweep.prompts.map(\.tokens.count).max() ?? 0
        guard promptTokens < longest else {
            throw GenerationError.promptTooLong(tokens: promptTokens, contextSize: longest)
        }
        sweep.maximumTokens = try length.maximum(default: 40, room: longest - promptTokens)
        let text = promptTokens + sweep.maximumTokens + 1
        return min(text * sweep.prompts.count * sweep.strengths.count, max(Self.cells, text))
    }

    /// Room for the answers in work together: their hidden keys and values stay within some hundred megabytes even on
    /// large models.
    private static let cells = 2048
}
