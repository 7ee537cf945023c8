/// Whether a direction is good for steering, by the evidence that a file keeps.
///
/// The rules, for a layer, in this order. *not*:
/// 1. it was drawn at random;
/// 2. it separates less than 60 % of held-out pairs, or its 95 % interval begins at 50 % or below: no better than a coin;
/// 3. mean differences of the other personas separate less than 60 % of a persona's pairs: the labels do not agree;
/// 4. its cosine to the mean difference is below 0.5 for a principal component (a nuisance), below 0.1 for any method.
///
/// *marginal*: what is not *not* and misses one of
/// 5. at least 80 % of held-out pairs, with an interval that begins at 60 % or above;
/// 6. at least 70 % on unseen personas, where that is known;
/// 7. an AUC of at least 0.7;
/// 8. pairs that were held out: an accuracy on the pairs of the fit itself proves nothing.
///
/// *steerable* is the rest. A vector has the verdict of its median layer (of two middle ones, the better).
public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// Nothing speaks against it.
    case steerable
    /// It may work; try it before relying on it.
    case marginal
    /// It will do nothing, or something else than the trait.
    case not
}

/// A verdict and the number that says so.
public struct Assessment: Sendable, Equatable {
    /// The verdict.
    public let verdict: Verdict
    /// The first rule that keeps it from a better verdict, in words; empty for steerable.
    public let reason: String

    /// Keeps both.
    public init(verdict: Verdict, reason: String) {
        self.verdict = verdict
        self.reason = reason
    }
}

extension LayerEvidence {
    /// The verdict on this layer; nil where neither accuracy nor interval is known, as in files of earlier versions.
    public var assessment: Assessment? {
        guard let accuracy = pairAccuracy, let interval = accuracyInterval else { return nil }
        func share(_ value: Float) -> String { "\(Int((value * 100).rounded())) %" }
        func hundredths(_ value: Float) -> String { "\((value * 100).rounded() / 100)" }
        func not(_ reason: String) -> Assessment { Assessment(verdict: .not, reason: reason) }
        func marginal(_ reason: String) -> Assessment { Assessment(verdict: .marginal, reason: reason) }

        if estimator == "random" { return not("a random direction, for control") }
        let range = "\(share(accuracy)) (\(share(interval.lowerBound)) to \(share(interval.upperBound)))"
        if accuracy < 0.6 || interval.lowerBound <= 0.5 {
            let pairs = isHeldOut == false ? "the pairs of the fit" : "unseen pairs"
            return not("separates \(range) of \(pairs); a coin separates 50 %")
        }
        if let persona = personaAccuracy, persona < 0.6 {
            return not(
                "the other personas separate \(share(persona)) of a persona's pairs: the labels do not agree")
        }
        if let cosine = cosineToMean {
            if estimator?.hasPrefix("pca") == true, abs(cosine) < 0.5 {
                return not("cosine \(hundredths(cosine)) to the mean difference: it follows something else")
            }
            if abs(cosine) < 0.1 {
                return not("cosine \(hundredths(cosine)) to the mean difference")
            }
        }
        if isHeldOut == false { return marginal("no pairs were held out: \(share(accuracy)) flatters") }
        if accuracy < 0.8 || interval.lowerBound < 0.6 {
            return marginal("separates \(range) of unseen pairs")
        }
        if let persona = personaAccuracy, persona < 0.7 {
            return marginal("the other personas separate \(share(persona)) of a persona's pairs")
        }
        if let auc, auc < 0.7 { return marginal("AUC \(hundredths(auc)): topics hide the trait") }
        return Assessment(verdict: .steerable, reason: "")
    }
}

extension ExtractionRecord {
    /// The verdict on the whole vector: that of its median layer, with the reason of the first layer that has it;
    /// nil where a layer has none.
    public var assessment: Assessment? {
        let order: [Verdict] = [.not, .marginal, .steerable]
        let layers = evidence.sorted { $0.key < $1.key }.map { ($0.key, $0.value.assessment) }
        let known = layers.compactMap { layer, found in found.map { (layer: layer, assessment: $0) } }
        guard !known.isEmpty, known.count == layers.count else { return nil }
        let verdicts = known.map { order.firstIndex(of: $0.assessment.verdict) ?? 0 }.sorted()
        let verdict = order[verdicts[verdicts.count / 2]]
        let count = known.count { $0.assessment.verdict == .steerable }
        let shares = "\(count) of \(known.count) layers are steerable"
        guard let example = known.first(where: { $0.assessment.verdict == verdict }) else { return nil }
        return Assessment(
            verdict: verdict,
            reason: verdict == .steerable
                ? shares : "\(shares); layer \(example.layer): \(example.assessment.reason)")
    }
}
