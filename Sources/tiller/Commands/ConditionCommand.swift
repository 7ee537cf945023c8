import ArgumentParser
import ControlVectors
import GGUF
import Generation
import Steering
import Terms
import Transformer

/// `tiller condition`
struct ConditionCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "condition",
        abstract: "Fit a condition of a preset to texts, at a stated false-positive rate.",
        discussion: """
            Reads each text as what a user says, with the meter of the vector at the prompt's end. Half of the texts fit the \
            threshold, the other half measure it. Prints the "if" of a preset's rule. Texts are files of one a line. The threshold \
            holds for prompts with the same --system and --raw. A warning says where hits are not clearly above false positives \
            (Fisher's exact test, at 0.05).
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: [.customShort("v"), .customLong("vector")], help: "The vector whose meter is read.")
    var vector: String

    @Option(help: ArgumentHelp("Texts at which the rule is to act.", valueName: "file"))
    var positive: String

    @Option(help: ArgumentHelp("Texts at which it is not.", valueName: "file"))
    var negative: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The share of negative texts that may fire.", valueName: "share"))
    var rate = 0.05

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Over how many of the prompt's last tokens the reading is averaged.", valueName: "tokens"))
    var window = 1

    @OptionGroup var use: VectorUse
    @OptionGroup var style: PromptStyle
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(rate > 0 && rate < 1) {
            throw ValidationError("--rate is \(rate), expected more than 0 and less than 1, such as 0.05")
        }
        if !(1...4096).contains(window) { throw ValidationError("--window is \(window), expected 1-4096") }
    }

    func run() throws {
        try VectorMeter.checkPath(vector, option: "-v")
        let selection = try use.selection()
        let texts = [try TextInput.lines(of: positive), try TextInput.lines(of: negative)]
        // The numbers say nothing yet, but too few of them are refused before the model is read.
        _ = try ConditionFit(
            positive: texts[0].indices.map(Double.init), negative: texts[1].indices.map(Double.init),
            rate: rate)
        let model = try model.load()
        let opened = try FittingVector.load(
            vector, for: try ModelFingerprint(of: model.file), modelPath: model.file.path, forced: use.force)
        let meter = try Meter(
            opened, name: vector, layers: selection, for: model.transformer.configuration)
        let readings = try read(texts, with: meter, model)
        let fit = try ConditionFit(positive: readings[0], negative: readings[1], rate: rate)
        let condition = SteeringPreset.Condition(
            SteeringPreset.Probe(vector: vector, layers: selection, window: window),
            fit.firesAbove ? .above : .below, fit.threshold)
        let words = ConditionWords(fit: fit, condition: condition, scale: meter.scale)
        if let warning = words.warning { warn(warning) }
        try output.print(json: words.json, text: words.text)
    }

    /// The reading at the end of each prompt. [files][texts]
    private func read(_ texts: [[String]], with meter: Meter, _ model: LanguageModel) throws -> [[Double]] {
        let prompts = try texts.map { try $0.map { try style.tokens(of: $0, for: model) } }
        let longest = prompts.joined().map(\.count).max() ?? 1
        let room = try compute.longestText(for: model.transformer)
        guard longest <= room else {
            throw ComputeOptions.tooLong(longest, in: room, for: model.transformer)
        }
        for (path, (texts, prompts)) in zip([positive, negative], zip(texts, prompts)) {
            // The token at the very start is not counted, and an average of nothing would
            // be the negative side's 0.
            if let short = prompts.firstIndex(where: { $0.count < 2 }) {
                throw TillerError.unusableInput(
                    path: path,
                    reason:
                        "\"\(texts[short].onOneLine)\" is a single token, and a text's first one is not read",
                    remedy: "write longer texts, or leave out --raw")
            }
        }
        let context = try compute.context(
            for: model.transformer, needed: max(2048, longest), longest: longest, precision: .fast)
        let progress = StagedProgress()
        defer { progress.finish() }
        let read = try MeteredText.read(Array(prompts.joined()), with: [meter], in: context) {
            progress.report($0, $1, "tokens")
        }
        let values = read.map { text in
            let last = text.readings[0][text.counted].suffix(window)
            return last.reduce(0) { $0 + $1.value } / Double(max(last.count, 1))
        }
        return [Array(values.prefix(prompts[0].count)), Array(values.suffix(prompts[1].count))]
    }
}
