import LinearAlgebra
import Terms

/// How well a direction separates pairs that it has not seen, with intervals of chance.
///
/// - *Accuracy* is the share of pairs whose positive side projects higher than its own negative side.
/// - *AUC* is the chance that any positive state projects higher than any negative one, whatever their pairs:
///   what a threshold on the projection could do. Ties count half.
///
/// Intervals are percentiles 2.5 and 97.5 of 1,000 bootstrap resamples. Pairs of one source (one suffix, one
/// question) are no independent evidence, so sources are drawn, with replacement; where there are fewer than
/// 5, whole pairs (of one source and one persona), with all of their prefixes and tokens.
///
/// Where nearly all pairs fall on one side the bootstrap knows hardly another outcome and is too sure of
/// itself, so both ends reach at least as far as those of Wilson's interval for as many independent pairs as
/// tell as much (`effectiveCount`). That holds whatever the share is: neither end falls when a pair that was
/// missed is separated. An AUC varies no more than a share of as many pairs does (Birnbaum and Klose 1957).
struct HeldOutMeasurement: Equatable {
    static let resamples = 1000

    /// How alike pairs of one source are in being separated or not (intraclass correlation): more than nine
    /// of ten layers have of four traits on two models (this module's page).
    static let accuracyCorrelation = 0.1

    /// The same of what a pair adds to the AUC, which its topic moves: more than three of four layers have.
    static let areaCorrelation = 0.25

    let accuracy: Double
    let auc: Double
    let accuracyInterval: ClosedRange<Double>
    let aucInterval: ClosedRange<Double>

    /// - Parameters:
    ///   - isHigher: for each pair whether its positive side projects higher.
    ///   - positive, negative: projections of the two sides, all of them numbers. [pairs]
    ///   - weights: how much each pair counts, positive. [pairs]
    ///   - sources: what each pair was made from. [pairs]
    ///   - wholes: the number of the whole pair that each belongs to; nil where each is one. [pairs]
    init(
        isHigher: [Bool], positive: [Double], negative: [Double], weights: [Double], sources: [Int],
        wholes: [Int]? = nil, seed: UInt64
    ) {
        let ranking = Ranking(positive: positive, negative: negative)
        func accuracy(_ weights: [Double]) -> Double {
            var right = 0.0
            var total = 0.0
            for (weight, isHigher) in zip(weights, isHigher) {
                total += weight
                if isHigher { right += weight }
            }
            return right / total
        }
        self.accuracy = accuracy(weights)
        auc = ranking.areaUnderCurve(weights)

        let distinct = Set(sources).sorted()
        let bySource = distinct.count >= 5
        let places = Dictionary(uniqueKeysWithValues: zip(distinct, 0...))
        let clusters =
            bySource ? sources.map { places[$0] ?? 0 } : Self.numbered(wholes ?? Array(weights.indices))
        let clusterCount = (clusters.max() ?? -1) + 1
        var generator = RandomSource(seed: seed)
        var accuracies: [Double] = []
        var areas: [Double] = []
        for _ in 0..<Self.resamples {
            var counts = [Double](repeating: 0, count: clusterCount)
            for _ in 0..<clusterCount { counts[generator.next(below: clusterCount)] += 1 }
            let drawn = zip(weights, clusters).map { $0 * counts[$1] }
            accuracies.append(accuracy(drawn))
            areas.append(ranking.areaUnderCurve(drawn))
        }
        func interval(
            _ values: [Double], _ value: Double, correlation: Double
        ) -> ClosedRange<Double> {
            let sorted = values.sorted()
            // Tokens of one whole pair tell no more than one of them.
            let trials = Self.effectiveCount(
                weights, in: clusters, correlation: bySource ? correlation : 1)
            let wilson = Self.wilson(value, of: trials)
            let low = min(sorted[Self.resamples * 25 / 1000], wilson.lowerBound)
            let high = max(sorted[Self.resamples * 975 / 1000 - 1], wilson.upperBound)
            return min(low, value)...max(high, value)
        }
        accuracyInterval = interval(accuracies, self.accuracy, correlation: Self.accuracyCorrelation)
        aucInterval = interval(areas, auc, correlation: Self.areaCorrelation)
    }

    /// Numbers from 0, in the order in which values come.
    private static func numbered(_ values: [Int]) -> [Int] {
        var places: [Int: Int] = [:]
        return values.map { value in
            let place = places[value] ?? places.count
            places[value] = place
            return place
        }
    }

    /// How many independent pairs of equal weight tell a share as well as pairs in clusters do: (Σw)² / ((1 −
    /// ρ)·Σw² + ρ·ΣW²), where W is the weight of a cluster and ρ the correlation of pairs within one. Of n
    /// equal pairs in clusters of m that is n / (1 + (m − 1)·ρ), by the design effect (Kish 1965).
    ///
    /// - Parameters:
    ///   - weights: how much each pair counts, positive. [pairs]
    ///   - clusters: the number of the cluster that each belongs to, from 0. [pairs]
    ///   - correlation: 0…1.
    static func effectiveCount(_ weights: [Double], in clusters: [Int], correlation: Double) -> Double {
        var sums = [Double](repeating: 0, count: (clusters.max() ?? -1) + 1)
        for (weight, cluster) in zip(weights, clusters) { sums[cluster] += weight }
        let total = weights.reduce(0, +)
        let own = weights.reduce(0) { $0 + $1 * $1 }
        let shared = sums.reduce(0) { $0 + $1 * $1 }
        return total * total / ((1 - correlation) * own + correlation * shared)
    }

    /// Wilson's 95 % interval for a share of so many independent trials.
    static func wilson(_ share: Double, of count: Double) -> ClosedRange<Double> {
        let z = 1.96
        let center = (share + z * z / (2 * count)) / (1 + z * z / count)
        let spread = share * (1 - share) / count + z * z / (4 * count * count)
        let half = z * spread.squareRoot() / (1 + z * z / count)
        return max(center - half, 0)...min(center + half, 1)
    }

    /// All projections in order, once; each resample is then one walk.
    private struct Ranking {
        private struct Entry {
            let value: Double
            let pair: Int
            let isPositive: Bool
        }
        private let entries: [Entry]

        init(positive: [Double], negative: [Double]) {
            entries =
                (positive.enumerated().map { Entry(value: $1, pair: $0, isPositive: true) }
                + negative.enumerated().map { Entry(value: $1, pair: $0, isPositive: false) })
                .sorted { ($0.value, $0.pair) < ($1.value, $1.pair) }
        }

        func areaUnderCurve(_ weights: [Double]) -> Double {
            var area = 0.0
            var below = 0.0
            var total = 0.0
            var index = 0
            while index < entries.count {
                var tiedPositive = 0.0
                var tiedNegative = 0.0
                let value = entries[index].value
                while index < entries.count, entries[index].value == value {
                    let weight = weights[entries[index].pair]
                    if entries[index].isPositive { tiedPositive += weight } else { tiedNegative += weight }
                    index += 1
                }
                area += tiedPositive * (below + tiedNegative / 2)
                below += tiedNegative
                total += tiedPositive
            }
            return area / (total * below)
        }
    }
}

extension PairDifferences {
    /// The measurement of a direction on these pairs. `sources` and `wholes` are those of all rows that
    /// were given, in their order.
    func measure(_ unit: [Double], sources: [Int], wholes: [Int], seed: UInt64) -> HeldOutMeasurement {
        HeldOutMeasurement(
            isHigher: projections(on: unit).map { $0 > 0 },
            positive: positive.projections(on: unit), negative: negative.projections(on: unit),
            weights: weights,
            sources: rows.map { sources[$0] }, wholes: rows.map { wholes[$0] }, seed: seed)
    }

    /// The accuracy on personas that a mean difference has not seen: for each persona the mean difference of
    /// the others' train pairs, tried on that persona's pairs in `tests`; the mean over all of them. Nil
    /// with fewer than two personas.
    ///
    /// A held-out suffix tells whether a direction holds for new text. It cannot tell whether the labels make
    /// sense: with half of the personas swapped, a direction that knows them all separates them all, and only
    /// a persona that it has not met gives it away.
    ///
    /// - Parameter personas: those of all rows that were given, in their order.
    func accuracyOnUnseenPersonas(_ personas: [Int?], tests: PairDifferences) -> Double? {
        let own = rows.compactMap { personas[$0] }
        guard own.count == count else { return nil }
        let places = Dictionary(uniqueKeysWithValues: zip(Set(own).sorted(), 0...))
        var sums = [[Double]](repeating: [Double](repeating: 0, count: hiddenSize), count: places.count)
        var total = [Double](repeating: 0, count: hiddenSize)
        forEach { index, difference in
            guard let place = places[own[index]] else { return }
            Self.add(difference, times: weights[index], to: &sums[place])
            Self.add(difference, times: weights[index], to: &total)
        }
        guard sums.count >= 2 else { return nil }
        var right = 0.0
        var all = 0.0
        tests.forEach { index, difference in
            guard let place = personas[tests.rows[index]].flatMap({ places[$0] }) else { return }
            // (Σ all − Σ own) · d, without the vector of the others.
            if dot(difference, total) - dot(difference, sums[place]) > 0 { right += tests.weights[index] }
            all += tests.weights[index]
        }
        return all > 0 ? right / all : nil
    }
}
