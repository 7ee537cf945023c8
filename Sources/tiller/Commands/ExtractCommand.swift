import ArgumentParser
import ControlVectors
import GGUF
import Steering
import Terms

/// `tiller extract`
struct ExtractCommand: ComputingCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Find the direction of a trait: a dataset in, a control vector out.",
        discussion: """
            Prints for each layer how much of the difference its direction explains, how many unseen pairs it \
            separates, and its cosine to the mean difference; then whether the vector is steerable, marginal or not. \
            Long work is kept in the cache, so that the same command goes on after it was killed. \
            Methods: auto, mean, pca, pca-centered, pca-pairs, logistic, lda, random (a control). \
            Readouts: last, mean (of the answer), all (its tokens), last:K (mean of the last K tokens). \
            A dataset of instructions is answered by the model itself; its answers are kept by rules and, with --judge, by \
            another model's scores, whose counts stand in the vector.
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: [.customShort("d"), .long], help: "The dataset, a JSON file.")
    var dataset: String

    @Option(name: [.customShort("o"), .customLong("output")], help: "The vector to write.")
    var outputPath: String

    @Option(help: "How directions are found.")
    var method = ExtractionMethod.automatic

    @Option(
        help: "Principal components a layer, with a pca method; the vector keeps the further ones beside it.")
    var components = 1

    @Option(
        help:
            "The layers that get a direction, for example 9-24 or 30%-80%; auto chooses them by held-out pairs."
    )
    var layers = LayerSelection.standard.description

    @Option(help: "Which tokens' hidden states are kept: last, mean, all or last:K.")
    var readout = Readout.last

    @Option(help: "The length of the directions: natural (one difference) or unit (1).")
    var scale = ScaleConvention.natural

    @Option(
        name: [.customShort("s"), .long], parsing: .unconditional,
        help: "Decides which suffixes are held out, and what is drawn at random.")
    var seed: UInt64 = 0

    @Flag(
        name: .customLong("raw"),
        help: "Take the dataset's prompts as they are, without the model's chat template.")
    var isRaw = false

    @OptionGroup var judge: JudgeArguments

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard 1...ExtractionRecipe.greatestComponentCount ~= components else {
            throw ValidationError(
                "--components is \(components), expected 1 to \(ExtractionRecipe.greatestComponentCount)")
        }
        guard components == 1 || method.givesComponents else {
            throw ValidationError(
                "--components \(components) goes with --method pca, pca-pairs or pca-centered")
        }
    }

    func run() throws {
        let prompts = try Dataset(path: dataset)
        var recipe = ExtractionRecipe(isRaw ? prompts.usingRawPrompts() : prompts)
        recipe.method = method
        recipe.components = components
        try recipe.setLayers(layers)
        recipe.judge = judge.options(for: recipe.dataset)
        try recipe.check()
        let endpoint = try judge.address.map { address throws(TillerError) in try ChatEndpoint(base: address)
        }
        recipe.readout = readout
        recipe.scale = scale
        recipe.seed = seed
        let source = try model.open()
        let inputs = [dataset] + source.files
        try AtomicFile.checkOutput(outputPath, refusing: inputs)
        let model = try ModelOptions.load(source)
        let findings = try DatasetLint.findings(
            in: recipe.dataset, for: model, readout: readout
        ).filter { $0.severity < .error }
        LintWords.warn(findings)

        let work = UnfinishedWork.standard(judge: endpoint)
        let progress = StagedProgress()
        defer { progress.finish() }
        let extraction = try Extraction.run(
            recipe, on: model, threads: threads.count,
            toolVersion: Tiller.version, work: work,
            judge: JudgeArguments.question(recipe.judge, at: endpoint), progress: progress.report)
        progress.finish()
        try extraction.vector.write(to: outputPath, refusing: inputs)
        work.finish()
        work.sayWhatWasFound()
        let report = ExtractionWords(report: extraction.report, outputPath: outputPath)
        (output.isJSON ? report.warnings : report.remarks).forEach(warn)
        var json = report.json
        json.append("findings", LintWords.json(findings))
        try output.print(json: json, text: report.text(titleStyle: output.titleStyle))
    }
}
