import ControlVectors
import Generation
import Steering
import Transformer

/// A vector's calibration with the prompts that its recipe brings, or that were given.
struct CalibrationRun {
    private let vector: ControlVector
    private let texts: [String]
    /// The file that the prompts are from; nil for the recipe's own.
    private let promptsPath: String?
    private let style: PromptStyle
    private let calibrator: Calibrator

    /// Finds the prompts; nothing is computed yet.
    ///
    /// - Parameters:
    ///   - texts: What is asked; nil for the questions of the vector's recipe, raw where its prompts are.
    ///   - promptsPath: The file that they are from, for errors.
    init(
        _ vector: ControlVector, path: String, asking texts: [String]?, of promptsPath: String? = nil,
        style: PromptStyle, calibrator: Calibrator
    ) throws {
        self.vector = vector
        var calibrator = calibrator
        var style = style
        let dataset: Dataset?
        if texts == nil {
            dataset =
                try ExtractionRecipe(of: vector, path: path, instead: "pass a file of prompts with --prompts")
                .dataset
        } else {
            // No recipe is needed where prompts are given: vectors of other tools and of combine carry none.
            let found = VectorDataset(of: vector)
            if let problem = found.problem { note("\(path): no marker words are counted: \(problem)") }
            dataset = found.dataset
        }
        calibrator.markers = dataset?.markers ?? Markers()
        if texts == nil, dataset?.isRaw == true, style.system == nil { style.isRaw = true }
        self.texts = texts ?? dataset?.questions ?? []
        self.promptsPath = promptsPath
        self.style = style
        self.calibrator = calibrator
        guard !self.texts.isEmpty else {
            throw TillerError.unusableInput(
                path: path, reason: "its recipe brings no questions, so there is nothing to answer",
                remedy: "pass a file of prompts with --prompts")
        }
    }

    /// How the prompts are put: as asked for, or as the recipe's are.
    var form: PromptForm { style.form }

    /// Calibrates on a model, with a bar.
    ///
    /// - Parameter longestText: Tokens of a prompt and its answer at the most; nil for what
    ///   the model was trained for.
    func calibrate(on model: LanguageModel, threads: Int, longestText: Int? = nil) throws -> Calibration {
        let prompts = try texts.map { Sweep.Prompt(text: $0, tokens: try style.tokens(of: $0, for: model)) }
        let positions = model.transformer.configuration.positions.count
        let longest = longestText ?? min(model.transformer.configuration.contextLength, positions ?? .max)
        let promptTokens = prompts.map(\.tokens.count).max() ?? 0
        guard promptTokens < longest else {
            let text = prompts.max { $0.tokens.count < $1.tokens.count }?.text ?? ""
            throw ComputeOptions.tooLong(
                text, promptTokens, of: promptsPath, in: longest, for: model.transformer)
        }
        // Shorter answers than were asked for would say less of what a strength breaks.
        guard calibrator.maximumTokens <= longest - promptTokens else {
            throw TillerError.badUsage(
                message:
                    "a prompt of \(promptTokens) tokens leaves an answer \(longest - promptTokens) of the "
                    + "context's \(longest), fewer than the \(calibrator.maximumTokens) of -n",
                remedy: longest == positions
                    ? "lower -n, or shorten the prompts: the model has learned no further positions"
                    : "lower -n, shorten the prompts, or raise -c")
        }
        let context = try InferenceContext(
            model.transformer, capacity: calibrator.cells(for: prompts), threads: threads, precision: .fast,
            textLimit: promptTokens + calibrator.maximumTokens)
        let progress = StagedProgress()
        defer { progress.finish() }
        let calibration = try calibrator.run(
            vector, on: prompts, model: model, in: context, progress: progress.report)
        progress.finish()
        for prompt in calibration.leftOut {
            warn("left out, because the model's own answer is broken: \(prompt.onOneLine)")
        }
        if let remark = calibrator.remark(promptCount: calibration.promptCount) { warn(remark) }
        return calibration
    }
}
