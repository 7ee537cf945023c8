import ArgumentParser
import ControlVectors
import GGUF
import Generation
import Runs
import Steering
import Terms
import Transformer

/// `tiller sweep`
struct SweepCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Answer the same prompts at several strengths, and measure what each does.",
        discussion: """
            Strengths are FROM:TO:STEP or a list: --strengths=-1:1:0.25, --strengths 0,2,5. Beside them stand \
            strength 0 and the controls: a random vector of the same lengths, and the trait asked for in words, where the \
            vector's recipe has words for it. Several vectors are swept one by one. Without -p or --prompts the vectors' own questions are asked. \
            Damage is a broken answer that is whole without steering, or perplexity beyond what tiller calibrate allows by default; KL, \
            which that counts too, has a column of its own. Answers are kept as they are finished (tiller runs), so that the same command goes on after it was killed.
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var vectors: VectorArguments

    @Option(parsing: .unconditional, help: "What multiplies the vector.")
    var strengths = "-1:1:0.25"

    @Option(
        name: [.customShort("p"), .customLong("prompt")], parsing: .unconditionalSingleValue,
        help: ArgumentHelp("One prompt; - reads standard input.", valueName: "prompt"))
    var prompt: [String] = []

    @Option(help: "A file of prompts, one a line; - reads standard input.")
    var prompts: String?

    @Option(
        help: ArgumentHelp("Write a page with pictures and all answers side by side.", valueName: "out.html"))
    var report: String?

    @Flag(help: "Print all answers, not only those to the first prompt.")
    var texts = false

    @Flag(name: .customLong("no-keep"), help: "Neither keep answers nor use those that are kept.")
    var isForgetful = false

    @Flag(
        name: .customLong("no-controls"),
        help: "Leave the controls out, where they are known already.")
    var isWithoutControls = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Answers to each prompt at each strength, each drawn with the next seed: what chance does averages out.",
            valueName: "draws"))
    var draws = 1

    @OptionGroup var style: PromptStyle
    @OptionGroup var length: LengthOptions
    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var compute: ComputeOptions

    @Flag(help: "Float32 activations everywhere: slower, for comparing.")
    var exact = false

    @Option(
        name: .customLong("batch"), parsing: .unconditional,
        help: ArgumentHelp("Answers that are computed together at the most.", valueName: "answers"))
    var answersInWork = 64

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if report?.isEmpty == true { throw ValidationError("--report is empty, expected a file") }
        guard 1...Self.mostAnswersInWork ~= answersInWork else {
            throw ValidationError("--batch is \(answersInWork), expected 1 to \(Self.mostAnswersInWork)")
        }
        if length.count == 0 {
            throw ValidationError("-n is 0, and an answer without tokens has no measures")
        }
        guard 1...Self.mostDraws ~= draws else {
            throw ValidationError("--draws is \(draws), expected 1 to \(Self.mostDraws)")
        }
        if draws > 1, sampling.temperature == 0 || sampling.topK == 1 {
            let option = sampling.temperature == 0 ? "--temp 0" : "--top-k 1"
            throw ValidationError(
                "--draws is \(draws), but with \(option) all draws of an answer are the same")
        }
        if !prompt.isEmpty, prompts != nil { throw ValidationError("-p and --prompts exclude each other") }
    }

    func run() throws {
        guard !vectors.vectors.isEmpty else {
            throw TillerError.badUsage(message: "there is no vector", remedy: "pass one with -v")
        }
        try refuseStrengths()
        // Whatever can be refused is refused before anything long begins.
        let strengths = try StrengthList(self.strengths).values
        let options = try sampling.options()
        let texts = try promptTexts()
        let source = try model.open()
        let inputs = source.files + (try vectors.paths()) + [prompts].compactMap { $0 } + KeptRuns.files
        if let report { try AtomicFile.check(report, refusing: inputs) }
        let store = isForgetful ? nil : try KeptRuns.open()
        // Once more, because the store may be there only now.
        if let report { try AtomicFile.check(report, refusing: inputs) }
        let model = try ModelOptions.load(source)
        var setup = SweepSetup(
            model: model, vectors: try vectors.load(for: model),
            names: VectorMeter.names(of: try vectors.paths()),
            style: style)
        setup.strengths = strengths
        setup.sampling = options
        setup.isExact = exact
        setup.hasControls = !isWithoutControls
        try setup.setPrompts(texts)
        let room = try room(behind: setup)
        setup.maximumTokens = length.maximum(default: Calibrator.standardLength, room: room)
        if length.count != -1, length.isBeyond(room, default: Calibrator.standardLength) {
            note(
                "answers have at most \(Quantity.count(room)) tokens: the context holds no more behind the longest prompt"
            )
        }
        var (sweep, report) = try setup.sweep()
        sweep.answersInWork = answersInWork
        sweep.draws = draws
        let context = try compute.context(
            for: model.transformer, needed: cells(for: sweep, setup), longest: setup.longestText,
            precision: exact ? .exact : .fast)
        let finished = try SweepRunning(sweep: sweep, report: report, store: store).run(
            in: context, tokenizer: model.tokenizer)
        report = finished.report
        for line in setup.notes { note(line) }
        if let path = self.report {
            try AtomicFile.write(Array(ReportPage(report).html.utf8), to: path, refusing: inputs)
        }
        let words = SweepWords(report: report, run: finished.number, reportPath: self.report)
        try output.print(
            json: words.json(finished),
            text: words.text(output, showsAllTexts: self.texts, reusedCount: finished.outcome.reusedCount))
    }

    /// A strength of a vector's own would multiply all of `--strengths`, and no table would show it.
    private func refuseStrengths() throws {
        for text in vectors.vectors {
            let vector = try PlacedText(text).specification()
            guard vector.strength == .number(1) else {
                throw TillerError.badUsage(
                    message: "-v \(text): a sweep takes its strengths from --strengths",
                    remedy: "-v \(ShellCommand.quoted(vector.path)), and the strengths behind --strengths=")
            }
        }
    }

    /// The prompts that were given; nil where the vectors' own questions are asked.
    private func promptTexts() throws -> [String]? {
        if let prompt = try TextInput.single(
            prompt, remedy: "write them into a file, one a line: --prompts FILE")
        {
            return [try TextInput.prompt(prompt, isRaw: style.isRaw)]
        }
        return try prompts.map {
            try TextInput.distinctPrompts(of: $0, advice: "--draws asks each several times")
        }
    }

    /// The tokens that the longest prompt leaves an answer, where forced choices find room as well.
    private func room(behind setup: SweepSetup) throws -> Int {
        let longest = try compute.longestText(for: setup.model.transformer)
        let promptTokens = setup.longestPrompt
        guard promptTokens < longest else {
            throw ComputeOptions.tooLong(
                setup.longestPromptText, promptTokens, of: prompts, in: longest,
                for: setup.model.transformer)
        }
        // Every answer would be drawn before the first choice was found to have no room.
        guard setup.longestForcedText <= longest else {
            throw TillerError.badUsage(
                message:
                    "a prompt of \(setup.longestForcedPrompt) tokens leaves no room in the context's \(longest) for the "
                    + "\(setup.longestChoice) of the vector's own words, whose odds are asked behind it",
                remedy: longest == setup.model.transformer.configuration.positions.count
                    ? "shorten the prompts: the model has learned no further positions"
                    : "shorten the prompts, or raise -c")
        }
        return longest - promptTokens
    }

    /// The room that all texts in work together need: no less than measuring one answer takes, which reads it
    /// twice, with and without steering, and the words of the forced choices.
    private func cells(for sweep: Sweep, _ setup: SweepSetup) -> Int {
        let configuration = setup.model.transformer.configuration
        let text =
            sweep.subjects.map {
                $0.measurer.cells(prompt: setup.longestPrompt, answer: setup.maximumTokens)
            }.max() ?? 0
        let cellBytes =
            4 * configuration.layerCount * configuration.keyValueHeadCount * configuration.headSize
        let room = Self.cacheBytes / max(cellBytes, 1)
        return max(text, min(text * answersInWork, room))
    }

    /// More would only be a mistake: the error of a thousand answers is a thirtieth of one answer's spread.
    private static let mostDraws = 1000

    /// More are never together: the room for their hidden keys and values ends long before.
    private static let mostAnswersInWork = 65_536

    /// Room for the answers in work together: their hidden keys and values stay within some hundred
    /// megabytes even on large models.
    private static let cacheBytes = 400_000_000
}
