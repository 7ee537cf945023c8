import ArgumentParser
import ControlVectors
import GGUF
import Generation
import Steering
import Terms

/// `tiller compare`
struct CompareCommand: ComputingCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two vectors layer by layer: cosines and lengths.",
        discussion: """
            With -m it also measures on that model which share each of them separates of the pairs that the first vector's \
            recipe keeps aside (its evidence does not know them; the finished vector, which is fitted to all pairs, does, and \
            so may the other), and how far it agrees with asking for the trait in words: the cosine of what both do to the \
            next token along unsteered answers to the dataset's questions. Ends with 0, with 1 where a cosine is under --at-least, with 3 where the vectors have \
            different widths or no layer in common, or do not fit the model.
            """)

    @Argument(help: "A vector.")
    var left: String

    @Argument(help: "Another vector.")
    var right: String

    @Option(
        name: .customLong("at-least"), parsing: .unconditional,
        help: ArgumentHelp("The smallest cosine that is no failure.", valueName: "cosine"))
    var leastCosine: Double?

    @Option(
        name: [.customShort("m"), .long],
        help: ArgumentHelp(
            "Measure accuracies on this model: a file, a folder or a name.", valueName: "model"))
    var model: String?

    @Flag(help: "With -m: measure vectors that were made on other weights of the same shape.")
    var force = false

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if force, model == nil { throw ValidationError("--force goes with -m") }
        if let leastCosine, !(-1...1).contains(leastCosine) {
            throw ValidationError("--at-least is \(leastCosine), expected -1 to 1")
        }
    }

    func run() throws {
        let vectors = [try ControlVector(path: left), try ControlVector(path: right)]
        let comparison = try VectorComparison(vectors[0], vectors[1])
        let measured = try model.map { try measure(vectors, on: $0) }
        let words = ComparisonWords(
            paths: [left, right], comparison: comparison, accuracies: measured?.accuracies,
            agreements: measured?.agreements,
            origins: vectors.map { $0.origin?.summary })
        try output.print(json: words.json, text: words.text(titleStyle: output.titleStyle))
        if let leastCosine, (comparison.leastCosine ?? -1) < leastCosine { throw ExitCode(ExitStatus.failed) }
    }

    private func measure(
        _ vectors: [ControlVector], on name: String
    ) throws -> (accuracies: [[LayerIndex: Double]], agreements: [PromptAgreement]?) {
        let recipe = try ExtractionRecipe(
            of: vectors[0], path: left,
            instead: "name a vector made by tiller extract first, or leave -m out")
        var options = ModelOptions()
        options.model = name
        let model = try options.load()
        let fingerprint = try ModelFingerprint(of: model.file)
        for (vector, path) in zip(vectors, [left, right]) {
            try FittingVector.check(
                vector, path: path, for: fingerprint, modelPath: model.file.path, forced: force)
        }
        let threads = threads.count
        let progress = StagedProgress()
        defer { progress.finish() }
        return (
            try accuracies(vectors, by: recipe, on: model, threads: threads, progress: progress),
            try PromptAgreement.measure(
                vectors, with: recipe.dataset, on: model, threads: threads, progress: progress.report)
        )
    }

    /// Each vector's accuracies; of none of its layers where the recipe keeps no pairs aside, which is said:
    /// the cosines are worth having without them.
    private func accuracies(
        _ vectors: [ControlVector], by recipe: ExtractionRecipe, on model: LanguageModel, threads: Int,
        progress: StagedProgress
    ) throws -> [[LayerIndex: Double]] {
        do {
            return try RecipeAccuracy.measure(
                vectors, by: recipe, on: model, threads: threads, progress: progress.report)
        } catch let error as SteeringError where error.kind == .tooFewPairs {
            progress.finish()
            warn("the accuracies are unknown: \(error.message.onOneLine)")
            return vectors.map { _ in [:] }
        }
    }
}
