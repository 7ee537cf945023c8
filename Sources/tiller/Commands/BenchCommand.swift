import ArgumentParser
import Dispatch
import Generation
import Glibc
import Steering
import Terms
import Tokenizers
import Transformer

/// `tiller bench`
struct BenchCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure loading, prefill, decode, steering and extraction.",
        discussion: """
            Prefill and decode of an English text are run as generate runs them by default; of several repetitions the \
            fastest counts. Decode is measured twice: from the start of a text, and after the prompt. -v measures what steering adds to a token, \
            -d times an extraction, --texts measures how likely texts are on each path (mean −log p of a token). With \
            --json, bytesPerToken is how many bytes of the model's matrices decode reads for a token.
            """)

    @OptionGroup var model: ModelOptions

    @Option(
        name: [.customShort("p"), .customLong("prefill")], parsing: .unconditional,
        help: "Tokens of the prompt.")
    var prefillTokens = 512

    @Option(
        name: [.customShort("n"), .customLong("predict")], parsing: .unconditional,
        help: "Tokens of the answer.")
    var decodeTokens = 64

    @Option(
        name: [.customShort("r"), .customLong("repetitions")], parsing: .unconditional,
        help: "How often each is run.")
    var repetitions = 3

    @Flag(help: "Float32 activations everywhere.")
    var exact = false

    @Flag(name: .customLong("no-repack"), help: "Leave the weights in the file's own layout.")
    var keepsLayout = false

    @OptionGroup var vectors: VectorArguments

    @Option(name: [.customShort("d"), .long], help: "A dataset to time the extraction of.")
    var dataset: String?

    @Flag(
        name: .customLong("raw"),
        help: "With -d: take the dataset's prompts as they are, without the model's chat template.")
    var isRaw = false

    @Option(help: "A file with a JSON list of texts; special tokens in them are parsed.")
    var texts: String?

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        for (name, value) in [("-p", prefillTokens), ("-n", decodeTokens), ("-r", repetitions)]
        where !(1...1_000_000).contains(value) {
            throw ValidationError("\(name) is \(value), expected 1 to 1000000")
        }
        if vectors.force, vectors.vectors.isEmpty { throw ValidationError("--force goes with --vector") }
        if isRaw, dataset == nil { throw ValidationError("--raw goes with -d") }
    }

    func run() throws {
        let path = try model.path()
        // Whatever can be refused is refused before anything is measured.
        let list = try texts.map { (path: $0, texts: try TextInput.list(of: $0)) }
        let prompts = try dataset.map { path in
            let dataset = try Dataset(path: path)
            return isRaw ? dataset.usingRawPrompts() : dataset
        }
        let start = DispatchTime.now()
        let language = try LanguageModel(try ModelOptions.open(path))
        var report = BenchReport(model: path, threads: compute.threadCount)
        report.loadSeconds = start.seconds
        let progress = Progress("measuring")
        defer { progress.finish() }

        let longest = try compute.longestText(for: language.transformer)
        let context = try context(for: language.transformer, longest: longest)
        report.readySeconds = start.seconds
        report.bytesPerToken = context.bytesPerToken
        let plan = vectors.vectors.isEmpty ? nil : try vectors.load(for: language).plan(for: language)
        let text = language.tokenizer.encode(BenchText.english, special: .parsed)
        guard !text.isEmpty else {
            throw TillerError.unusableInput(
                path: path, reason: "the tokenizer makes nothing of an English text",
                remedy: "convert the model again")
        }
        let chains = try list.map {
            try BenchLikelihood.chains(of: $0.texts, path: $0.path, for: language, longest: longest)
        }
        try prompts.map { try check($0, on: language) }
        var bench = BenchRun(
            context, text: text, prefillTokens: prefillTokens, decodeTokens: decodeTokens)
        for _ in 0..<repetitions { try bench.measurePlain() }
        report.plain = bench
        if let plan {
            report.steering = try bench.measureSteering(plan.interventions, repetitions: repetitions)
            report.steeredLayers = plan.steeredLayers
        }
        if let chains {
            report.likelihood = try BenchLikelihood(
                of: chains, model: language.transformer, threads: compute.threadCount,
                repacks: !keepsLayout)
        }
        if let prompts {
            report.extraction = try Extraction.run(
                ExtractionRecipe(prompts), on: language, threads: compute.threadCount,
                toolVersion: Tiller.version
            ).report
        }
        progress.finish()
        report.residentBytes = ProcessStatus.peakResidentBytes()
        try output.print(json: report.json, text: report.text)
    }

    /// A context with room for what is measured, and for `-c` where that is more.
    private func context(for model: TransformerModel, longest: Int) throws -> InferenceContext {
        let needed = max(prefillTokens, BenchRun.startTokens) + decodeTokens
        guard needed <= longest else {
            throw TillerError.badUsage(
                message: "\(prefillTokens) + \(decodeTokens) tokens are more than the context of \(longest)",
                remedy: "lower -p or -n")
        }
        return try InferenceContext(
            model, capacity: max(needed, compute.contextSize ?? 0), threads: compute.threadCount,
            precision: exact ? .exact : .fast, textLimit: needed, repacks: !keepsLayout)
    }

    /// Refuses a dataset whose prompts the model cannot read, as its extraction would.
    private func check(_ dataset: Dataset, on model: LanguageModel) throws {
        guard case .instructions(let prompts) = dataset.content else {
            _ = try dataset.pairs(model)
            return
        }
        // The pairs are answers that it has yet to give.
        guard !dataset.isRaw, let prompt = prompts.prompts.first, let sides = prompts.instructions.first
        else { return }
        _ = try model.chatPrompt(user: prompt, system: sides.positive)
    }
}
