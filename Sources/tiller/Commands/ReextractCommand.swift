import ArgumentParser
import ControlVectors
import Generation
import Steering
import Terms
import Transformer

/// `tiller reextract`
struct ReextractCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reextract",
        abstract: "Make a vector again for another model, from the recipe that it carries.",
        discussion: "Layers are carried over as shares of depth, unless --layers chooses others.")

    @Argument(help: "The vector whose recipe is used.")
    var vector: String

    @OptionGroup var model: ModelOptions

    @Option(name: [.customShort("o"), .customLong("output")], help: "The vector to write.")
    var outputPath: String

    @Option(help: "The layers that get a direction, for example 9-24, 30%-80% or auto.")
    var layers: String?

    @Option(name: [.customShort("t"), .long], parsing: .unconditional, help: "Threads that compute.")
    var threads: Int?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let old = try ControlVector(path: vector)
        guard let text = old.extraction?.recipe else {
            throw TillerError.badUsage(
                message: "\(vector): it carries no recipe, as vectors of other tools do not",
                remedy: "tiller extract -d DATASET -o \(outputPath)")
        }
        var recipe = try ExtractionRecipe(json: text, name: "the recipe in \(vector)")
        let inputs = [vector] + (try model.inputs())
        try AtomicFile.check(outputPath, refusing: inputs)
        let model = try model.load()
        if let layers {
            try recipe.setLayers(layers)
        } else if !recipe.choosesLayers, let origin = old.fingerprint {
            recipe.layers = try recipe.layers.carriedOver(
                from: origin.layerCount, to: model.transformer.configuration.layerCount)
        }

        let progress = StagedProgress()
        defer { progress.finish() }
        let extraction = try Extraction.run(
            recipe, on: model, threads: threads ?? ComputeOptions.availableProcessors,
            toolVersion: Tiller.version, progress: progress.report)
        progress.finish()
        try extraction.vector.write(to: outputPath, refusing: inputs)
        let report = ExtractionWords(report: extraction.report, outputPath: outputPath)
        report.warnings.forEach(warn)
        try output.print(
            json: report.json,
            text: "was  \(old.layers.runs), width \(old.hiddenSize)\nnow  \(extraction.vector.layers.runs), "
                + "width \(extraction.vector.hiddenSize)\n\n" + report.text(titleStyle: output.titleStyle))
    }
}
