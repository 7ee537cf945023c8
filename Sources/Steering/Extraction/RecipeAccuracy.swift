public import ControlVectors
public import Generation
import LinearAlgebra
public import Terms
import Transformer

/// How well finished vectors separate the pairs that a recipe keeps aside, on a model that may
/// be another than their own.
///
/// This is no accuracy on unseen pairs, as the evidence of `LayerDirection` is: when that has been measured,
/// the direction is fitted to all pairs. It says what becomes of vectors on another model or file of it, and
/// how vectors of one recipe differ.
public enum RecipeAccuracy {
    /// The share of the pairs that a recipe keeps aside whose positive side projects higher,
    /// for each vector and layer.
    ///
    /// The pairs are those that `Extraction` keeps aside under the same recipe on the same model.
    /// A vector of that recipe has been fitted to them too, which flatters it beside one of
    /// another dataset, which has not.
    ///
    /// - Parameter vectors: Layers that the model does not have are passed over.
    /// - Returns: One dictionary a vector, in their order.
    /// - Throws: `vectorDoesNotFit`, `tooFewPairs` where nothing is held out or the pairs are the model's own
    ///   answers, `nonFiniteValue` where hidden states are no numbers, and what extractions throw.
    public static func measure(
        _ vectors: [ControlVector], by recipe: ExtractionRecipe, on model: LanguageModel, threads: Int,
        progress: ProgressReport = { _, _, _ in }
    ) throws -> [[LayerIndex: Double]] {
        let configuration = model.transformer.configuration
        for vector in vectors where vector.hiddenSize != configuration.hiddenSize {
            throw SteeringError(
                .vectorDoesNotFit,
                "a vector of width \(vector.hiddenSize) on a model of width \(configuration.hiddenSize)",
                remedy: "tiller reextract makes it again for the model")
        }
        let layers = Set(vectors.flatMap(\.layers)).filter { $0.rawValue < configuration.layerCount }.sorted()
        guard let first = layers.first, let last = layers.last else { return vectors.map { _ in [:] } }

        if case .instructions = recipe.dataset.content {
            throw SteeringError(
                .tooFewPairs,
                "dataset \(recipe.dataset.name): its pairs are the model's own answers, which the vector does not keep",
                remedy: "compare the verdicts of both vectors: tiller inspect")
        }
        let examples = try recipe.dataset.pairs(model)
        let split = HeldOutSplit(
            sources: examples.map(\.source), fraction: recipe.heldOutShare, seed: recipe.seed)
        let set = try ExampleSet(examples, split: split, readout: recipe.readout)
        let pairs = set.pairs.filter { $0.heldOutWeight > 0 }
        guard set.pairs.canBeHeldOut else {
            throw SteeringError(
                .tooFewPairs, "dataset \(recipe.dataset.name): there are too few pairs to hold some out",
                remedy: "add suffixes or pairs")
        }
        let texts = set.prompts.prompts
        let prompts = SortedPrompts(pairs.flatMap { [texts[$0.positive], texts[$0.negative]] })
        let spans = set.spans.map { spans in prompts.prompts.map { spans[set.prompts.index(of: $0)] } }
        let readouts = try ReadoutStates(
            of: prompts, spans: spans, model: model.transformer, layers: first...last, threads: threads,
            progress: progress)
        let positive = pairs.map { prompts.index(of: texts[$0.positive]) }
        let negative = pairs.map { prompts.index(of: texts[$0.negative]) }
        var accuracies: [[LayerIndex: Double]] = vectors.map { _ in [:] }
        for layer in layers {
            guard let left = readouts.rows(of: positive, at: layer),
                let right = readouts.rows(of: negative, at: layer)
            else { continue }
            let differences = PairDifferences(
                positive: left, negative: right, weights: pairs.map(\.heldOutWeight))
            for (index, accuracy) in try Self.accuracies(of: vectors, on: differences, at: layer).enumerated()
            {
                accuracies[index][layer] = accuracy
            }
        }
        return accuracies
    }

    /// The share of pairs that each vector separates at a layer; nil for those without a direction there.
    ///
    /// - Throws: `nonFiniteValue`.
    static func accuracies(
        of vectors: [ControlVector], on differences: PairDifferences, at layer: LayerIndex
    ) throws(SteeringError) -> [Double?] {
        // A projection that is no number is not higher, and would count as a pair that is not separated.
        do {
            _ = try differences.finiteTotalSquare()
        } catch {
            throw SteeringError(error.kind, "layer \(layer): \(error.message)", remedy: error.remedy)
        }
        // The sign of a projection does not depend on the direction's length.
        return vectors.map { $0[layer].map { differences.accuracy(along: $0.map(Double.init)) } }
    }
}
