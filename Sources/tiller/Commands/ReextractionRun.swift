import ArgumentParser
import ControlVectors
import Generation
import Steering
import Terms
import Transformer

/// One vector to make again, with its recipe; nothing has been computed yet.
struct ReextractionJob {
    let path: String
    let outputPath: String
    let inputs: [String]
    let old: ControlVector
    let recipe: ExtractionRecipe

    /// Reads a vector and its recipe, and finds out whether the new one can be written.
    ///
    /// - Parameter inputs: Files that must not be written over: all vectors and the model.
    init(_ path: String, outputPath: String, refusing inputs: [String]) throws {
        self.path = path
        self.outputPath = outputPath
        self.inputs = inputs
        old = try ControlVector(path: path)
        recipe = try ExtractionRecipe(of: old, path: path)
        try AtomicFile.checkOutput(outputPath, refusing: inputs)
    }

    /// Throws where the recipe brings no questions, with which the new vector could be calibrated.
    func checkQuestions() throws(TillerError) {
        guard recipe.dataset.questions.isEmpty else { return }
        let output = ShellCommand.quoted(outputPath)
        throw .unusableInput(
            path: path, reason: "its recipe brings no questions to calibrate with",
            remedy: "leave out --calibrate, then tiller calibrate -v \(output) --prompts FILE --write")
    }
}

/// One of several vectors that are to be made again; what cannot be read fails in its turn.
struct ReextractionEntry {
    let path: String
    let job: Result<ReextractionJob, any Error>

    /// Reads a vector, and keeps what is wrong with it.
    init(_ path: String, outputPath: String, refusing inputs: [String]) {
        self.path = path
        job = Result { try ReextractionJob(path, outputPath: outputPath, refusing: inputs) }
    }
}

/// A vector that was made again.
struct ReextractionResult {
    var job: ReextractionJob
    var comparison: OldBesideNew
    var words: ExtractionWords

    /// What stands beside the extraction's own report.
    var json: [(String, JSONValue)] {
        [
            ("vector", .string(job.path)), ("old", OldBesideNew.json(comparison.old)),
            ("new", OldBesideNew.json(comparison.new)),
            ("residentBytes", .optional(comparison.residentBytes) { .integer($0) }),
        ]
    }
}

/// Makes vectors again on one model, which is loaded once.
struct ReextractionRun {
    let model: LanguageModel
    /// As the command line writes them; nil where the recipes decide.
    let layers: String?
    let isRaw: Bool
    /// Whether strengths are measured on this model, or estimated from the old vector's.
    let calibrates: Bool
    /// Where the judges are that recipes name.
    let endpoint: ChatEndpoint?
    let threads: Int
    private let work: ExtractionWork

    init(
        model: LanguageModel, layers: String?, isRaw: Bool, calibrates: Bool, endpoint: ChatEndpoint?,
        threads: Int
    ) {
        self.model = model
        self.layers = layers
        self.isRaw = isRaw
        self.calibrates = calibrates
        self.endpoint = endpoint
        self.threads = threads
        work = UnfinishedWork.standard(judge: endpoint)
    }

    /// The job's recipe as it is extracted on this model.
    private func recipe(_ job: ReextractionJob) throws -> ExtractionRecipe {
        var recipe = job.recipe
        if isRaw { recipe.dataset = recipe.dataset.usingRawPrompts() }
        if let layers {
            try recipe.setLayers(layers)
            return recipe
        }
        return try recipe.carriedOver(
            from: job.old.fingerprint, to: model.transformer.configuration.layerCount)
    }

    /// Makes one vector and writes it.
    func make(_ job: ReextractionJob) throws -> ReextractionResult {
        let progress = StagedProgress()
        defer { progress.finish() }
        let recipe = try recipe(job)
        LintWords.warn(
            try DatasetLint.findings(in: recipe.dataset, for: model, readout: recipe.readout).filter {
                $0.severity < .error
            })
        let extraction = try Extraction.run(
            recipe, on: model, threads: threads, toolVersion: Tiller.version, work: work,
            judge: JudgeArguments.question(recipe.judge, at: endpoint), progress: progress.report)
        progress.finish()
        let vector = try withStrengths(extraction.vector, of: job)
        try vector.write(to: job.outputPath, refusing: job.inputs)
        return ReextractionResult(
            job: job,
            comparison: OldBesideNew(
                old: .init(vector: job.old, path: job.path),
                new: .init(vector: vector, path: job.outputPath),
                seconds: extraction.report.seconds, residentBytes: ProcessStatus.peakResidentBytes()),
            words: ExtractionWords(report: extraction.report, outputPath: job.outputPath))
    }

    /// The vector with the strengths that it bears on this model, as measured or as estimated.
    private func withStrengths(_ vector: ControlVector, of job: ReextractionJob) throws -> ControlVector {
        guard calibrates else { return vector.carryingCalibration(of: job.old) }
        var vector = vector
        let run = try CalibrationRun(
            vector, path: job.path, asking: nil, style: try PromptStyle.parse([]), calibrator: Calibrator())
        vector.calibration = try run.calibrate(on: model, threads: threads).strengths(
            on: ModelFingerprint(of: model.file), puttingPromptsAs: run.form)
        return vector
    }

    /// Says what was found of unfinished work, and lets go of it.
    ///
    /// - Parameter isDone: Whether everything is written; what failed goes on from its work the next time.
    func finish(isDone: Bool = true) {
        if isDone { work.finish() }
        work.sayWhatWasFound()
    }

    /// Makes all that are not there yet; those of one dataset one after the other, so that
    /// they share its hidden states.
    ///
    /// - Parameter onFailure: Hears of each failure when it happens.
    func makeAll(
        _ entries: [ReextractionEntry], onFailure: (Failure) -> Void
    ) -> ReextractionSummary {
        let fingerprint = Result { try ModelFingerprint(of: model.file) }
        var outcomes = [ReextractionSummary.Outcome?](repeating: nil, count: entries.count)
        var planned: [(index: Int, job: ReextractionJob, recipe: ExtractionRecipe)] = []
        func fail(_ error: any Error, _ index: Int) {
            let path = entries[index].path
            let failure = Failure(error, at: path)
            onFailure(failure)
            outcomes[index] = .failed(failure, vector: path)
        }
        for (index, entry) in entries.enumerated() {
            do {
                let job = try entry.job.get()
                let recipe = try recipe(job)
                if let done = try? ControlVector(path: job.outputPath),
                    recipe.hasGiven(done, on: try fingerprint.get(), toolVersion: Tiller.version),
                    // Strengths that do not say it were carried over from a vector of an earlier build.
                    try !calibrates
                        || done.calibration?.isCarried != true
                            && done.calibration?.computationDigest == fingerprint.get().computationDigest
                {
                    outcomes[index] = .skipped(
                        OldBesideNew(
                            old: .init(vector: job.old, path: job.path),
                            new: .init(vector: done, path: job.outputPath)))
                } else {
                    if calibrates { try job.checkQuestions() }
                    planned.append((index, job, recipe))
                }
            } catch {
                fail(error, index)
            }
        }
        work.expect(planned.map(\.recipe), on: model)
        var rest = planned[...]
        while let first = rest.first {
            let group = rest.filter { $0.recipe.dataset == first.recipe.dataset }
            rest = rest.filter { $0.recipe.dataset != first.recipe.dataset }[...]
            for (index, job, _) in group {
                do {
                    outcomes[index] = .made(try make(job))
                } catch {
                    fail(error, index)
                }
            }
        }
        return ReextractionSummary(outcomes: outcomes.compactMap { $0 })
    }
}

extension Failure {
    /// The words for an error with one of several files.
    init(_ error: any Error, at path: String) {
        self.init(error)
        if !message.hasPrefix(path) { message = "\(path): \(message)" }
    }
}
