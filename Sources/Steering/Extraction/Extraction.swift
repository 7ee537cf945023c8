public import ControlVectors
import Dispatch
public import Generation
import LinearAlgebra
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
    /// It computes on the calling thread and the model's workers for as long as it takes: never call it from Swift's
    /// cooperative pool.
    ///
    /// - Parameters:
    ///   - toolVersion: What the vector's file says that it was made by.
    ///   - progress: Hears of tokens, then of layers.
    /// - Throws: `SteeringError`, errors of the model, or what `progress` throws.
    public static func run(
        _ recipe: ExtractionRecipe, on model: LanguageModel, threads: Int, toolVersion: String,
        progress: ProgressReport = { _, _, _ in }
    ) throws -> Extraction {
        let start = DispatchTime.now()
        let layers = try Self.layers(recipe.layers, layerCount: model.transformer.configuration.layerCount)
        let examples = try recipe.dataset.pairs(model)
        let split = HeldOutSplit(
            sources: examples.map(\.source), fraction: recipe.heldOutShare, seed: recipe.seed)
        let set = ExampleSet(examples, split: split)
        let readouts = try ReadoutStates(
            of: set.prompts, model: model.transformer, layers: layers, threads: threads, progress: progress)
        let directions = try Self.directions(recipe, set, readouts, layers, progress)

        let record = ExtractionRecord(
            toolVersion: toolVersion, method: recipe.method.rawValue, readout: recipe.readout.rawValue,
            scale: recipe.scale, layers: recipe.layers,
            evidence: directions.reduce(into: [:]) { $0[$1.evidence.layer] = $1.evidence.record },
            recipe: try recipe.json())
        let vector = try ControlVector(
            directions: directions.reduce(into: [:]) { $0[$1.evidence.layer] = $1.values },
            fingerprint: ModelFingerprint(of: model.file), extraction: record)
        let report = ExtractionReport(
            method: recipe.method, prompts: set.promptCount, tokens: set.tokenCount,
            computedTokens: readouts.computedTokens, pairs: examples.count, distinctPairs: set.pairs.count,
            heldOutPairs: directions.first?.evidence.heldOutPairs ?? 0,
            seconds: Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9,
            layers: directions.map(\.evidence))
        return Extraction(vector: vector, report: report)
    }

    /// One direction for each layer, from the states that were read.
    static func directions(
        _ recipe: ExtractionRecipe, _ set: ExampleSet, _ readouts: ReadoutStates,
        _ layers: ClosedRange<LayerIndex>, _ progress: ProgressReport
    ) throws -> [LayerDirection] {
        var directions: [LayerDirection] = []
        for layer in layers {
            try progress(directions.count, layers.count, "directions")
            guard let states = readouts.states[layer] else { continue }
            directions.append(
                try LayerDirection(
                    layer: layer,
                    positive: ReadoutStates.gather(set.pairs.map(\.positive), from: states),
                    negative: ReadoutStates.gather(set.pairs.map(\.negative), from: states),
                    pairs: set.pairs, method: recipe.method, scale: recipe.scale))
        }
        try progress(layers.count, layers.count, "directions")
        return directions
    }

    /// The layers of this model that the selection means; never block 0, which vector files cannot hold.
    ///
    /// A share that begins at block 0 begins at block 1 instead; a 0 that the user has written is an error.
    private static func layers(
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

extension DirectionEvidence {
    /// The numbers that the vector's file keeps.
    var record: LayerEvidence {
        LayerEvidence(
            estimator: estimator.rawValue, scale: scale, norm: norm,
            explainedVarianceRatio: explainedVarianceRatio, pairAccuracy: pairAccuracy,
            cosineToMean: cosineToMean, dose: dose)
    }
}
