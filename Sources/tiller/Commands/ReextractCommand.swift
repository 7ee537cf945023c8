import ArgumentParser
import ControlVectors
import GGUF
import Generation
import Steering
import Terms
import Transformer

/// `tiller reextract`
struct ReextractCommand: ComputingCommand {
    static let configuration = CommandConfiguration(
        commandName: "reextract",
        abstract: "Make vectors again for another model, from the recipes that they carry.",
        discussion: """
            Layers are carried over as shares of depth, unless --layers chooses others. Prints the old vector beside \
            the new one. With several vectors, or where -o is a folder, each is written under its own name into it: the \
            model is loaded once, vectors of one dataset share its hidden states, one that fails does not stop the \
            others, and those that are there already, made by this version from the same recipe on the same model, are \
            passed over. Ends with 1 where one has failed. Calibrated strengths are carried over at the same dose, and marked \
            as an estimate; --calibrate measures them on the new model.
            """)

    @Argument(help: "The vectors whose recipes are used.")
    var vectors: [String]

    @OptionGroup var model: ModelOptions

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "The vector to write, or the folder for several of them.")
    var outputPath: String

    @Option(help: "The layers that get a direction, for example 9-24, 30%-80% or auto.")
    var layers: String?

    @Flag(
        name: .customLong("raw"),
        help: "Take the prompts as they are, for a model without a chat template.")
    var isRaw = false

    @Flag(help: "Calibrate the new vectors; otherwise strengths are estimated from the old ones.")
    var calibrate = false

    @Option(
        name: .customLong("judge"),
        help: ArgumentHelp(
            "Where the judge is that a recipe names: a vector does not say, so that no file decides who is sent anything.",
            valueName: "URL"))
    var judgeAddress: String?

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        if let layers { try ExtractionRecipe.checkLayers(layers) }
        try refuseIdleJudge()
        let endpoint = try judgeAddress.map { address throws(TillerError) in try ChatEndpoint(base: address) }
        let source = try model.open()
        let inputs = vectors + source.files
        if vectors.count > 1 || outputPath.hasSuffix("/") || FileSystem.isFolder(outputPath) {
            return try runFolder(source, refusing: inputs, endpoint)
        }
        let job = try ReextractionJob(vectors[0], outputPath: outputPath, refusing: inputs)
        try job.recipe.checkJudge(isThere: endpoint != nil)
        if calibrate { try job.checkQuestions() }
        let run = ReextractionRun(
            model: try ModelOptions.load(source), layers: layers, isRaw: isRaw, calibrates: calibrate,
            endpoint: endpoint, threads: threads.count)
        let result = try run.make(job)
        run.finish()
        (output.isJSON ? result.words.warnings : result.words.remarks).forEach(warn)
        var json = result.words.json
        for (key, value) in result.json { json.append(key, value) }
        try output.print(
            json: json,
            text: result.comparison.text(titleStyle: output.titleStyle) + "\n"
                + result.words.text(titleStyle: output.titleStyle))
    }

    /// Whoever names a judge expects scores, which no recipe without one gives. What cannot
    /// be read says so in its turn.
    private func refuseIdleJudge() throws {
        guard let judgeAddress else { return }
        let recipes = vectors.compactMap { try? ExtractionRecipe(of: ControlVector(path: $0), path: $0) }
        guard !recipes.isEmpty, recipes.allSatisfy({ $0.judge == nil }) else { return }
        throw TillerError.badUsage(
            message: "--judge \(judgeAddress): "
                + (recipes.count == 1 ? "the vector's recipe names" : "the vectors' recipes name")
                + " no judge, so nothing would be scored",
            remedy: "leave out --judge; extract -d DATASET --judge URL makes a vector whose recipe names one")
    }

    private func runFolder(
        _ source: any ModelSource, refusing inputs: [String], _ endpoint: ChatEndpoint?
    ) throws {
        let entries = try folderEntries(refusing: inputs)
        let run = ReextractionRun(
            model: try ModelOptions.load(source), layers: layers, isRaw: isRaw, calibrates: calibrate,
            endpoint: endpoint, threads: threads.count)
        let summary = run.makeAll(entries) { $0.say() }
        run.finish(isDone: summary.failedCount == 0)
        try output.print(json: summary.json, text: summary.text(titleStyle: output.titleStyle))
        if summary.failedCount > 0 { throw ExitCode(ExitStatus.failed) }
    }

    /// One entry for each vector, under its own name in the folder.
    private func folderEntries(refusing inputs: [String]) throws -> [ReextractionEntry] {
        try AtomicFile.checkName(outputPath)
        var folder = outputPath
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        let names = vectors.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        for (index, name) in names.enumerated() {
            if let first = names[..<index].firstIndex(of: name) {
                throw TillerError.badUsage(
                    message: "\(vectors[first]) and \(vectors[index]) would both become \(folder)/\(name)",
                    remedy: "make them one after the other, into two folders")
            }
        }
        if FileSystem.exists(folder), !FileSystem.isFolder(folder) {
            throw TillerError.badUsage(
                message: "\(folder) is a file; several vectors need a folder", remedy: "-o FOLDER/")
        }
        try FileSystem.makeFolder(folder)
        return zip(vectors, names).map { vector, name in
            ReextractionEntry(vector, outputPath: "\(folder)/\(name)", refusing: inputs)
        }
    }
}
