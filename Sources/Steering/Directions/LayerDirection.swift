import ControlVectors
import LinearAlgebra
import Terms

/// One layer's stored direction and the evidence for it.
///
/// The evidence is measured first, by directions fitted to the train pairs and tried on held-out pairs.
/// The direction itself is then fitted to *all* pairs by the estimator that was chosen: holding pairs
/// back from the vector would waste them, and the accuracy of the smaller fit is a fair, slightly low
/// estimate for the larger one.
public struct LayerDirection: Sendable {
    /// The direction at its stored length, positive side up. [hiddenSize]
    public let values: [Float]

    /// How it was found and how well it separates.
    public internal(set) var evidence: DirectionEvidence

    /// The further components of its subspace, at length 1. [components − 1, hiddenSize]
    public let components: [[Float]]

    /// Estimates the direction of one layer.
    ///
    /// - Parameters:
    ///   - positive: hidden states of the positive side, one distinct pair a row. [pairs, hiddenSize]
    ///   - negative: hidden states of the negative side. [pairs, hiddenSize]
    ///   - pairs: the multiplicities of the rows. [pairs]
    ///   - components: how many principal components to keep.
    ///   - seed: what `random` and the bootstrap are drawn by.
    init(
        layer: LayerIndex, positive: StateRows, negative: StateRows, pairs: [ExampleSet.Pair],
        method: ExtractionMethod, scale: ScaleConvention, components: Int = 1, seed: UInt64 = 0
    ) throws {
        do {
            let all = PairDifferences(positive: positive, negative: negative, weights: pairs.map(\.weight))
            var train = PairDifferences(
                positive: positive, negative: negative, weights: pairs.map(\.trainWeight))
            var heldOut = PairDifferences(
                positive: positive, negative: negative, weights: pairs.map(\.heldOutWeight))
            var notes: [LayerNote] = []
            // The tokens of an answer weigh n-ths, whose sum may miss a whole number of
            // pairs by a rounding error.
            let heldOutPairs = pairs.canBeHeldOut ? Int((heldOut.totalWeight - 1e-6).rounded(.up)) : 0
            if heldOutPairs == 0 {
                train = all
                heldOut = all
                notes.append(.notHeldOut)
            }
            let layerSeed = RandomSource.seed(seed, stream: layer.rawValue)
            let (estimator, fitted) = try Self.choose(method, train, heldOut, seed: layerSeed, &notes)
            // Before anything is measured: it refuses what is no number, and only
            // held-out pairs may have that.
            let direction = try estimator.estimate(all, components: components, seed: layerSeed)
            let measured = heldOut.measure(
                fitted, sources: pairs.map(\.source), wholes: pairs.wholes, seed: seed)
            let accuracy = measured.accuracy
            if estimator.isPrincipalComponent, abs(direction.cosineToMean) < DirectionEvidence.nuisanceCosine
            {
                notes.append(.nuisanceComponent(cosineToMean: direction.cosineToMean))
            }
            if accuracy < DirectionEvidence.chanceAccuracy { notes.append(.nearChance(accuracy: accuracy)) }

            let natural = estimator == .random ? all.meanLength : abs(direction.separation)
            let norm = scale == .natural ? natural : 1
            guard norm > 0 else {
                throw SteeringError(
                    .degenerateDirections,
                    "the pairs do not separate along the direction that \(estimator.rawValue) found",
                    // Where pairs cancel each other there is no mean difference either.
                    remedy: all.meanLength > 0
                        ? "use --method mean, or --scale unit"
                        : "check that the positive side has the trait in every pair: these cancel each other")
            }
            values = direction.unit.map { Float($0 * norm) }
            self.components = direction.furtherComponents.map { $0.map(Float.init) }
            evidence = DirectionEvidence(
                layer: layer, estimator: estimator, explainedVarianceRatio: direction.explainedVarianceRatio,
                pairAccuracy: accuracy, heldOutPairs: heldOutPairs, cosineToMean: direction.cosineToMean,
                scale: direction.separation, norm: norm, dose: norm / Self.medianLength(positive, negative),
                notes: notes, accuracyInterval: measured.accuracyInterval, auc: measured.auc,
                aucInterval: measured.aucInterval,
                personaAccuracy: train.accuracyOnUnseenPersonas(pairs.map(\.persona), tests: heldOut),
                componentGap: estimator.isPrincipalComponent ? direction.componentGap : all.componentGap(),
                componentShares: components > 1 ? direction.componentShares : [],
                sides: all.sides(along: direction.unit))
        } catch let error as any ExplainedError {
            let kind = (error as? SteeringError)?.kind ?? .degenerateDirections
            throw SteeringError(kind, "layer \(layer): \(error.message)", remedy: error.remedy)
        }
    }

    /// The estimator for this layer, and its train fit.
    private static func choose(
        _ method: ExtractionMethod, _ train: PairDifferences, _ heldOut: PairDifferences, seed: UInt64,
        _ notes: inout [LayerNote]
    ) throws -> (DirectionEstimator, [Double]) {
        if case .always(let estimator) = method {
            return (estimator, try estimator.estimate(train, seed: seed).unit)
        }
        let mean = try DirectionEstimator.mean.estimate(train).unit
        let meanAccuracy = heldOut.accuracy(along: mean)
        // A single distinct pair has no component but the pair itself.
        guard train.count >= 2 else { return (.mean, mean) }
        let component = try DirectionEstimator.pca.estimate(train)
        let accuracy = heldOut.accuracy(along: component.unit)
        if abs(component.cosineToMean) < DirectionEvidence.nuisanceCosine {
            notes.append(.nuisanceComponent(cosineToMean: component.cosineToMean))
            return (.mean, mean)
        }
        if accuracy < meanAccuracy {
            notes.append(.weakerComponent(accuracy: accuracy, meanAccuracy: meanAccuracy))
            return (.mean, mean)
        }
        return (.pca, component.unit)
    }

    /// The median length of all rows of both sides: what a stored direction's length is compared with.
    private static func medianLength(_ positive: StateRows, _ negative: StateRows) -> Double {
        var lengths: [Double] = []
        for side in [positive, negative] {
            for row in 0..<side.count { lengths.append(side.withRow(row) { norm($0) }) }
        }
        lengths.sort()
        return lengths.isEmpty ? .nan : (lengths[(lengths.count - 1) / 2] + lengths[lengths.count / 2]) / 2
    }
}
