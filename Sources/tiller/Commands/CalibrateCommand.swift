import ArgumentParser
import ControlVectors
import Dispatch
import GGUF
import Generation
import Steering
import Terms
import Transformer

/// `tiller calibrate`
struct CalibrateCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate", abstract: "Find the strongest strengths that leave answers whole.",
        discussion: """
            Answers some prompts at a few strengths each way, narrows them down, and says where answers are safe (half of \
            the budget of damage), strong (within it) and breaking. A strong strength has to hold when each prompt is \
            answered in five further ways: with three other seeds, without the penalty on repetition, and with the \
            likeliest token always taken; until it does, it goes down an eighth at a time. --write stores the bands in the \
            vector, and --vector V:auto takes the strong one. Answers are drawn as generate and sweep draw them where \
            nothing else is asked for. Without --prompts the vector's own questions are asked.
            """)

    @OptionGroup var model: ModelOptions

    @Option(name: [.customShort("v"), .customLong("vector")], help: "The vector file.")
    var vectorPath: String

    @Flag(help: "Store the bands in the vector file.")
    var write = false

    @Option(help: "A file of prompts, one a line; - reads standard input.")
    var prompts: String?

    @Option(
        name: [.customShort("n"), .customLong("predict")], parsing: .unconditional,
        help: ArgumentHelp("Tokens of an answer at the most.", valueName: "tokens"))
    var length = Calibrator.standardLength

    @Option(
        name: .customLong("max-perplexity"), parsing: .unconditional,
        help: ArgumentHelp(
            "How many times the perplexity without steering is allowed, under the unsteered model.",
            valueName: "ratio"))
    var perplexityRatio = DamageBudget.standard.perplexityRatio

    @Option(
        name: .customLong("max-divergence"), parsing: .unconditional,
        help: ArgumentHelp("The mean KL from the unsteered model that is allowed.", valueName: "nats"))
    var divergence = DamageBudget.standard.divergence

    @OptionGroup var use: VectorUse
    @OptionGroup var style: PromptStyle
    @OptionGroup var compute: ComputeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard 1...ComputeOptions.mostTokens ~= length else {
            throw ValidationError("-n is \(length), expected 1 to \(ComputeOptions.mostTokens)")
        }
        if write, use.layers != nil {
            throw ValidationError(
                "--write stores what all layers of the vector bear, and --layers measures some: leave out one of them"
            )
        }
    }

    func run() throws {
        var calibrator = Calibrator()
        calibrator.budget = try DamageBudget(perplexityRatio: perplexityRatio, divergence: divergence)
        calibrator.layers = try use.selection()
        calibrator.maximumTokens = length
        let vectorPath = try VectorSpecification.plainPath(
            self.vectorPath, option: "-v", why: "a calibration finds the strengths, and --layers names layers"
        )
        let modelPath = try model.path()
        let stored = try write ? UnchangedFile(vectorPath) : nil
        let vector = try ControlVector(path: vectorPath)
        if write { try vector.checkLayers(writtenTo: vectorPath) }
        let source = try ModelOptions.open(modelPath)
        if write { try AtomicFile.checkOutput(vectorPath, refusing: source.files) }
        let texts = try prompts.map { try TextInput.distinctPrompts(of: $0) }
        let run = try CalibrationRun(
            vector, path: vectorPath, asking: texts, of: prompts, style: style, calibrator: calibrator)
        let model = try ModelOptions.load(source)
        let fingerprint = try ModelFingerprint(of: model.file)
        try FittingVector.check(
            vector, path: vectorPath, for: fingerprint, modelPath: modelPath, forced: use.force)
        let start = DispatchTime.now()
        let calibration = try run.calibrate(
            on: model, threads: compute.threadCount, longestText: compute.longestText(for: model.transformer))
        if let stored {
            try stored.check(whileIt: "calibrated")
            var vector = vector
            vector.calibration = calibration.strengths(on: fingerprint, puttingPromptsAs: run.form)
            try vector.write(to: vectorPath, refusing: source.files)
        }
        let words = CalibrationWords(
            calibration: calibration, vectorPath: vectorPath, modelName: self.model.model, form: run.form,
            isWritten: write,
            seconds: start.seconds)
        try output.print(json: words.json, text: words.text(titleStyle: output.titleStyle))
    }
}
