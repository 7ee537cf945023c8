/// A threshold of a reading that lets through no more than a stated share of texts that are not meant, and
/// how it does on texts that it has not seen.
///
/// Half of the texts fit the threshold and the other half measure it. Of n negative texts the threshold is
/// the ⌈(n + 1)(1 − rate)⌉-th reading: a further text of the same kind then fires with a probability of at
/// most the rate, whatever the readings' distribution is (split conformal prediction, Vovk et al. 2005).
public struct ConditionFit: Sendable, Equatable {
    /// On which side of the threshold positive texts lie: true for above.
    public let firesAbove: Bool
    /// The threshold.
    public let threshold: Double
    /// The share of negative texts that may fire.
    public let statedRate: Double
    /// The share of negative texts that fire, of those that did not fit the threshold.
    public let falsePositiveRate: Double
    /// The share of positive texts that fire, of those that did not fit the threshold.
    public let hitRate: Double
    /// How many negative and positive texts that share is of.
    public let heldOut: (negative: Int, positive: Int)
    /// The probability that as many of the texts that fire, or more, are positive ones where both kinds fire
    /// alike: Fisher's exact test, one-sided, on the texts that measure.
    public let chance: Double

    /// Whether positive texts clearly fire more often than negative ones: chance alone gives what was
    /// measured once in twenty at the most.
    public var isClear: Bool { chance <= Self.clearChance + 1e-9 }

    /// The greatest `chance` that is clear.
    public static let clearChance = 0.05

    /// Fits a threshold to readings. Texts at even places fit, those at odd places measure.
    ///
    /// - Throws: `invalidValue` for a rate outside of 0…1, readings that are not finite, and
    ///   too few texts for the rate.
    public init(positive: [Double], negative: [Double], rate: Double) throws(SteeringError) {
        guard rate > 0, rate < 1 else {
            throw SteeringError(
                .invalidValue, "the false-positive rate is \(rate), expected more than 0 and less than 1",
                remedy: "0.05 is one negative text in twenty")
        }
        guard (positive + negative).allSatisfy(\.isFinite) else {
            throw SteeringError(.nonFiniteValue, "a reading of a text is not a number", remedy: nil)
        }
        let (fitted, measured) = (Self.halves(positive), Self.halves(negative))
        // Not a whole number yet: that of a tiny rate is more than an integer holds.
        let needed = (1 / rate - 1e-9).rounded(.up) - 1
        guard Double(measured.even.count) >= max(1, needed), measured.odd.count >= 1, fitted.odd.count >= 1
        else {
            let least = Int(exactly: max(2, 2 * needed - 1)).map { "\($0)" } ?? "countless"
            throw SteeringError(
                .tooFewPairs,
                "\(negative.count) negative and \(positive.count) positive texts, of which half fit the threshold; a rate "
                    + "of \(rate) needs \(least) negative texts and 2 positive ones",
                remedy: "add texts, or state a higher rate")
        }
        firesAbove = Self.mean(fitted.even) >= Self.mean(measured.even)
        let sign = firesAbove ? 1.0 : -1
        let sorted = measured.even.map { sign * $0 }.sorted()
        // A little less than the product, which rounding may have pushed over a whole number.
        let place = Int((Double(sorted.count + 1) * (1 - rate) - 1e-9).rounded(.up))
        let threshold = sorted[min(max(place, 1), sorted.count) - 1]
        self.threshold = sign * threshold
        statedRate = rate
        func share(_ readings: [Double]) -> Double {
            Double(readings.count { sign * $0 > threshold }) / Double(readings.count)
        }
        falsePositiveRate = share(measured.odd)
        hitRate = share(fitted.odd)
        heldOut = (measured.odd.count, fitted.odd.count)
        chance = Self.chance(
            of: fitted.odd.count { sign * $0 > threshold }, in: fitted.odd.count,
            beside: measured.odd.count { sign * $0 > threshold }, in: measured.odd.count)
    }

    /// The probability of at least so many hits among positive texts, if the texts that fire
    /// were drawn from all alike.
    static func chance(of hits: Int, in positive: Int, beside misfires: Int, in negative: Int) -> Double {
        let firing = hits + misfires
        let possible = max(0, firing - negative)...min(firing, positive)
        // Hypergeometric terms against that of the likeliest number, so that none is more than 1.
        let likeliest = (firing + 1) * (positive + 1) / (positive + negative + 2)
        let mode = min(max(likeliest, possible.lowerBound), possible.upperBound)
        /// The term of one hit more against that of `count`.
        func growth(_ count: Int) -> Double {
            Double(firing - count) * Double(positive - count)
                / (Double(count + 1) * Double(negative - firing + count + 1))
        }
        var total = 0.0
        var tail = 0.0
        func add(_ count: Int, _ term: Double) {
            total += term
            if count >= hits { tail += term }
        }
        add(mode, 1)
        var term = 1.0
        for count in mode..<possible.upperBound {
            term *= growth(count)
            add(count + 1, term)
        }
        term = 1
        for count in (possible.lowerBound..<mode).reversed() {
            term /= growth(count)
            add(count, term)
        }
        return tail / total
    }

    private static func halves(_ values: [Double]) -> (even: [Double], odd: [Double]) {
        (
            values.enumerated().filter { $0.offset % 2 == 0 }.map(\.element),
            values.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        )
    }

    private static func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(max(values.count, 1))
    }

    /// Equal in all numbers.
    public static func == (left: ConditionFit, right: ConditionFit) -> Bool {
        left.firesAbove == right.firesAbove && left.threshold == right.threshold
            && left.statedRate == right.statedRate && left.falsePositiveRate == right.falsePositiveRate
            && left.hitRate == right.hitRate && left.heldOut == right.heldOut && left.chance == right.chance
    }
}
