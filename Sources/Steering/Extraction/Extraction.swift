public import ControlVectors
import Dispatch
public import Generation
import LinearAlgebra
import Synchronization
import Terms
import Transformer

/// A vector extracted from a model, and the report of it.
public struct Extraction: Sendable {
    /// The directions, with their evidence, the recipe and the model's fingerprint.
    public let vector: ControlVector

    /// What was done and found.
    public let report: ExtractionReport

    /// Extracts a vector: pairs → hidden states at the readout → one direction a layer.
    ///
    /// It computes on the calling thread and the model's workers for as long as it takes: never call it
    /// from Swift's cooperative pool.
    ///
    /// - Parameters:
    ///   - toolVersion: What the vector's file says that it was made by.
    ///   - work: What it shares with other extractions, and where it keeps its unfinished work.
    ///   - judge: Who is asked where the recipe has a judge.
    ///   - progress: Hears of tokens, then of layers.
    /// - Throws: `SteeringError`, errors of the model, or what `progress` throws.
    public static func run(
        _ recipe: ExtractionRecipe, on model: LanguageModel, threads: Int, toolVersion: String,
        work: ExtractionWork = ExtractionWork(), judge: JudgeQuestion? = nil,
        progress: ProgressReport = { _, _, _ in }
    ) throws -> Extraction {
        let start = DispatchTime.now()
        try recipe.check()
        try recipe.checkJudge(isThere: judge != nil)
        let layers = try Self.layers(
            readBy: recipe, layerCount: model.transformer.configuration.layerCount)
        var answers: OwnAnswers?
        if case .instructions(let prompts) = recipe.dataset.content {
            answers = try OwnAnswers(
                to: prompts, dataset: recipe.dataset, options: recipe.answers, seed: recipe.seed,
                judge: try recipe.judge.flatMap { options in
                    try judge.map {
                        AnswerJudge(
                            options: options,
                            kept: try work.replies(of: options, to: recipe.dataset, on: model), ask: $0)
                    }
                },
                model: model, threads: threads, progress: progress)
        }
        let examples = try answers?.pairs ?? recipe.dataset.pairs(model)
        let split = HeldOutSplit(
            sources: examples.map(\.source), fraction: recipe.heldOutShare, seed: recipe.seed)
        let set = try ExampleSet(examples, split: split, readout: recipe.readout)
        let readouts = try work.states(
            recipe, set, on: model, toolVersion: toolVersion, layers: layers, threads: threads,
            progress: progress)
        var directions = try Self.directions(
            recipe, set, readouts, layers, threads: threads, progress)
        var selection = recipe.layers
        if recipe.choosesLayers {
            let chosen = try Self.chosenLayers(directions.map(\.evidence))
            directions.removeAll { !chosen.contains($0.evidence.layer) }
            directions[0].evidence.cosineToPrevious = nil
            selection = LayerSelection(chosen)
        }

        let record = ExtractionRecord(
            toolVersion: toolVersion, method: recipe.method.rawValue, readout: recipe.readout.rawValue,
            scale: recipe.scale, layers: selection,
            evidence: directions.reduce(into: [:]) { $0[$1.evidence.layer] = $1.evidence.record },
            recipe: try recipe.json(), judgement: answers?.judgement)
        var vector = try ControlVector(
            directions: directions.reduce(into: [:]) { $0[$1.evidence.layer] = $1.values },
            fingerprint: ModelFingerprint(of: model.file), extraction: record)
        for direction in directions where !direction.components.isEmpty {
            vector.components[direction.evidence.layer] = direction.components
        }
        let report = ExtractionReport(
            method: recipe.method, prompts: set.promptCount, tokens: set.tokenCount,
            computedTokens: readouts.computedTokens, pairs: examples.count, distinctPairs: set.pairs.count,
            heldOutPairs: directions.first?.evidence.heldOutPairs ?? 0,
            seconds: Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9,
            layers: directions.map(\.evidence), answers: answers?.summary,
            judgement: answers?.judgement, assessment: record.assessment)
        return Extraction(vector: vector, report: report)
    }

    /// One direction for each layer, from the states that were read; as many layers at a
    /// time as there are threads.
    static func directions(
        _ recipe: ExtractionRecipe, _ set: ExampleSet, _ readouts: ReadoutStates,
        _ layers: ClosedRange<LayerIndex>, threads: Int, _ progress: ProgressReport
    ) throws -> [LayerDirection] {
        let positive = set.pairs.map(\.positive)
        let negative = set.pairs.map(\.negative)
        let layers = readouts.layers.filter(layers.contains)
        var directions: [LayerDirection] = []
        while directions.count < layers.count {
            try progress(directions.count, layers.count, "directions")
            let group = layers[directions.count..<min(directions.count + max(threads, 1), layers.count)]
            let found = Mutex<[LayerIndex: Result<LayerDirection, any Error>]>([:])
            DispatchQueue.concurrentPerform(iterations: group.count) { iteration in
                let layer = group[group.startIndex + iteration]
                guard let left = readouts.rows(of: positive, at: layer),
                    let right = readouts.rows(of: negative, at: layer)
                else { return }
                let result = Result {
                    try LayerDirection(
                        layer: layer, positive: left, negative: right, pairs: set.pairs,
                        method: recipe.method,
                        scale: recipe.scale, components: recipe.components, seed: recipe.seed)
                }
                readouts.letGo(of: layer)
                found.withLock { $0[layer] = result }
            }
            let results = found.withLock { $0 }
            directions += try group.compactMap { try results[$0]?.get() }
        }
        try progress(layers.count, layers.count, "directions")
        for index in directions.indices.dropFirst() {
            let (previous, own) = (directions[index - 1], directions[index])
            guard previous.evidence.layer.rawValue + 1 == own.evidence.layer.rawValue else { continue }
            directions[index].evidence.cosineToPrevious = cosine(previous.values, own.values)
        }
        return directions
    }

    /// The layers that evidence speaks for.
    ///
    /// - Throws: `notSteerable` with the numbers of the best layer.
    private static func chosenLayers(
        _ evidence: [DirectionEvidence]
    ) throws(SteeringError) -> ClosedRange<LayerIndex> {
        if let range = LayerChoice.range(of: evidence) { return range }
        guard let best = evidence.max(by: { $0.pairAccuracy < $1.pairAccuracy }) else {
            throw SteeringError(.notSteerable, "not steerable: there is no layer to choose from")
        }
        throw SteeringError(
            .notSteerable, "not steerable in any layer; the best is \(best.layer): \(best.assessment.reason)",
            remedy:
                "check the labels of the dataset, or name the layers with --layers to see the numbers of each"
        )
    }

    /// The layers whose states a recipe reads: those that get a direction, or those that
    /// evidence chooses from.
    static func layers(
        readBy recipe: ExtractionRecipe, layerCount: Int
    ) throws -> ClosedRange<LayerIndex> {
        if recipe.choosesLayers { return LayerChoice.candidates(layerCount: layerCount) }
        return try layers(recipe.layers, layerCount: layerCount)
    }

    /// The layers of this model that the selection means; never block 0, which vector files cannot hold.
    ///
    /// A share that begins at block 0 begins at block 1 instead; a 0 that the user has written is an error.
    static func layers(
        _ selection: LayerSelection, layerCount: Int
    ) throws -> ClosedRange<LayerIndex> {
        let range = try selection.resolve(layerCount: layerCount)
        guard range.lowerBound.rawValue == 0 else { return range }
        guard case .share = selection.lower, range.upperBound.rawValue >= 1 else {
            throw SteeringError(
                .unknownLayer, "layers \(selection): vector files cannot hold a direction for block 0",
                remedy: "begin at layer 1")
        }
        return LayerIndex(1)...range.upperBound
    }
}
