/// Whether a direction is good for steering, by the evidence that a file keeps.
///
/// The rules, for a layer, in this order. *not*: 1. it was drawn at random; 2. it separates less than 60 % of
/// held-out pairs, or its 95 % interval begins at 50 % or below: no better than a coin; 3. mean differences
/// of the other personas separate less than 60 % of a persona's pairs: the labels do not agree; 4. its cosine
/// to the mean difference is below 0.5 for a principal component (a nuisance), below 0.1 for any method.
///
/// *marginal*: what is not *not* and misses one of
/// 5. at least 80 % of held-out pairs, with an interval that begins at 60 % or above;
/// 6. at least 70 % on unseen personas, where that is known;
/// 7. an AUC of at least 0.7;
/// 8. pairs that were held out: an accuracy on the pairs of the fit itself proves nothing.
///
/// *steerable* is the rest. A vector has the verdict of its median layer (of two middle ones, the better),
/// and the reason that most of the layers with this verdict have.
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
    /// Which rule that is; nil for steerable, and for a whole vector.
    let rule: Rule?

    /// What the rules look at, by which layers are counted that have the same against them.
    enum Rule {
        case random, pairs, personas, cosine, heldOut, area
    }

    /// Keeps both.
    public init(verdict: Verdict, reason: String) {
        self.init(verdict, reason: reason, rule: nil)
    }

    init(_ verdict: Verdict, reason: String, rule: Rule?) {
        self.verdict = verdict
        self.reason = reason
        self.rule = rule
    }
}

extension LayerEvidence {
    /// The verdict on this layer; nil where neither accuracy nor interval is known, as in
    /// files of earlier versions.
    public var assessment: Assessment? {
        guard let accuracy = pairAccuracy, let interval = accuracyInterval else { return nil }
        func share(_ value: Float) -> String { EvidenceNumber.percent(Double(value)) }
        func hundredths(_ value: Float) -> String { EvidenceNumber.hundredths(Double(value)) }
        func not(_ rule: Assessment.Rule, _ reason: String) -> Assessment {
            Assessment(.not, reason: reason, rule: rule)
        }
        func marginal(_ rule: Assessment.Rule, _ reason: String) -> Assessment {
            Assessment(.marginal, reason: reason, rule: rule)
        }

        if estimator == "random" { return not(.random, "a random direction, for control") }
        let range = "\(share(accuracy)) (\(share(interval.lowerBound)) to \(share(interval.upperBound)))"
        if accuracy < 0.6 || interval.lowerBound <= 0.5 {
            let pairs = isHeldOut == false ? "the pairs of the fit" : "unseen pairs"
            return not(.pairs, "separates \(range) of \(pairs); a coin separates 50%")
        }
        if let persona = personaAccuracy, persona < 0.6 {
            return not(
                .personas,
                "the other personas separate \(share(persona)) of a persona's pairs: the labels do not agree")
        }
        if let cosine = cosineToMean {
            if estimator?.hasPrefix("pca") == true, abs(cosine) < 0.5 {
                return not(
                    .cosine,
                    "cosine \(hundredths(cosine)) to the mean difference: it follows something else")
            }
            if abs(cosine) < 0.1 {
                return not(.cosine, "cosine \(hundredths(cosine)) to the mean difference")
            }
        }
        if isHeldOut == false {
            return marginal(.heldOut, "no pairs were held out: \(share(accuracy)) flatters")
        }
        if accuracy < 0.8 || interval.lowerBound < 0.6 {
            return marginal(.pairs, "separates \(range) of unseen pairs")
        }
        if let persona = personaAccuracy, persona < 0.7 {
            return marginal(
                .personas, "the other personas separate \(share(persona)) of a persona's pairs")
        }
        if let auc, auc < 0.7 {
            return marginal(.area, "AUC \(hundredths(auc)): topics hide the trait")
        }
        return Assessment(verdict: .steerable, reason: "")
    }
}

extension ExtractionRecord {
    /// The verdict on the whole vector: that of its median layer, with the rule that most of the layers with
    /// this verdict fail by, and the first of them as the example; nil where a layer has none.
    public var assessment: Assessment? {
        let order: [Verdict] = [.not, .marginal, .steerable]
        let layers = evidence.sorted { $0.key < $1.key }.map { ($0.key, $0.value.assessment) }
        let known = layers.compactMap { layer, found in found.map { (layer: layer, assessment: $0) } }
        guard !known.isEmpty, known.count == layers.count else { return nil }
        let verdicts = known.map { order.firstIndex(of: $0.assessment.verdict) ?? 0 }.sorted()
        let verdict = order[verdicts[verdicts.count / 2]]
        let count = known.count { $0.assessment.verdict == .steerable }
        let shares = "\(count) of \(known.count) layers are steerable"
        guard verdict != .steerable else { return Assessment(verdict: verdict, reason: shares) }
        let alike = Dictionary(
            grouping: known.filter { $0.assessment.verdict == verdict }, by: \.assessment.rule)
        // Of two rules with as many layers, the one whose layers begin earlier.
        let most = alike.values.max { ($0.count, $1[0].layer) < ($1.count, $0[0].layer) }
        guard let most, let example = most.first else { return nil }
        let others = most.count - 1
        let more = others == 0 ? "" : " (\(others) more \(others == 1 ? "is" : "are") like it)"
        return Assessment(
            verdict: verdict,
            reason: "\(shares); layer \(example.layer)\(more): \(example.assessment.reason)")
    }
}
