import ControlVectors
public import Terms

/// Which layers a vector should have, by what held-out pairs say: the rule of `--layers auto`.
///
/// Of the layers from 15 % to 85 % of the depth (the first are about words, the last about the next token),
/// those that are not *not steerable* are worth *score − (best score − 0.1)*, where a score is the layer's
/// held-out AUC less a tenth if it is marginal; a layer that is not steerable costs 0.1. The range with the
/// largest sum is taken: one weak layer does not cut a good range in two, and layers that are nearly as
/// good as the best are wanted, because steering adds up over layers. Of equal sums the longer range, and
/// then the earlier, is taken.
public enum LayerChoice {
    /// The layers that are measured.
    public static func candidates(layerCount: Int) -> ClosedRange<LayerIndex> {
        let first = max((15 * layerCount + 99) / 100, 1)
        let last = min(85 * layerCount / 100, layerCount - 1)
        return LayerIndex(min(first, max(last, 1)))...LayerIndex(max(last, 1))
    }

    /// The range that evidence, ascending by layer, speaks for; nil where no layer is worth having.
    public static func range(of evidence: [DirectionEvidence]) -> ClosedRange<LayerIndex>? {
        let scores = evidence.map { layer -> Double? in
            switch layer.assessment.verdict {
            case .steerable: layer.auc
            case .marginal: layer.auc - 0.1
            case .not: nil
            }
        }
        guard let best = scores.compactMap({ $0 }).max() else { return nil }
        let values = scores.map { score in score.map { $0 - best + 0.1 } ?? -0.1 }
        var chosen: (sum: Double, range: ClosedRange<Int>)?
        for first in values.indices {
            var sum = 0.0
            for last in first..<values.count {
                sum += values[last]
                let isBetter =
                    chosen.map {
                        sum > $0.sum + 1e-12 || (sum > $0.sum - 1e-12 && last - first + 1 > $0.range.count)
                    }
                    ?? true
                if isBetter { chosen = (sum, first...last) }
            }
        }
        return chosen.map { evidence[$0.range.lowerBound].layer...evidence[$0.range.upperBound].layer }
    }
}
