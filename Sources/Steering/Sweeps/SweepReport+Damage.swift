extension SweepReport.Point {
    /// Perplexity may grow by so much before answers count as damaged, as in a calibration.
    public static let greatestPerplexityRatio = DamageBudget.standard.perplexityRatio

    /// Whether steering has damaged the answers: one of them is broken that is whole without it, or they
    /// surprise the unsteered model beyond the budget.
    public var isDamaged: Bool {
        newlyBrokenCount > 0 || (measures.perplexityRatio ?? 0) > Self.greatestPerplexityRatio
    }
}

extension SweepReport {
    /// What a vector does within the budget of damage.
    public struct Swing: Sendable, Equatable {
        /// The strongest strength against the trait up to which no answer is damaged; 0 where there is none.
        public var lower: Point
        /// The same with the trait.
        public var upper: Point
        /// Whether a strength below `lower` was tried, and found damaged; otherwise
        /// nothing below it was tried.
        public var isDamagedBelow: Bool
        /// The same above `upper`.
        public var isDamagedAbove: Bool

        /// How far the meter moves from the one to the other; nil where it was not read.
        public var meter: Double? {
            guard let from = lower.measures.meterShift, let to = upper.measures.meterShift else { return nil }
            return to - from
        }
    }

    /// The strengths of a vector next to which, on the side of 0, everything is whole; nil
    /// without unsteered answers.
    public func swing(of vector: Int) -> Swing? {
        let points = points(of: vector, .vector)
        guard let zero = points.firstIndex(where: { $0.strength == 0 }) else { return nil }
        let (above, below) = (points[zero...].dropFirst(), points[..<zero].reversed())
        return Swing(
            lower: below.prefix { !$0.isDamaged }.last ?? points[zero],
            upper: above.prefix { !$0.isDamaged }.last ?? points[zero],
            isDamagedBelow: below.contains { $0.isDamaged }, isDamagedAbove: above.contains { $0.isDamaged })
    }

    /// Stretches of strength at which answers are damaged, each reaching half-way to its whole neighbours.
    public func damagedStretches(of vector: Int) -> [ClosedRange<Double>] {
        let points = points(of: vector, .vector)
        var stretches: [ClosedRange<Double>] = []
        for (index, point) in points.enumerated() where point.isDamaged {
            let before = index > 0 ? points[index - 1].strength : point.strength
            let after = index < points.count - 1 ? points[index + 1].strength : point.strength
            let stretch = (before + point.strength) / 2...(point.strength + after) / 2
            if let last = stretches.last, last.upperBound >= stretch.lowerBound {
                stretches[stretches.count - 1] = last.lowerBound...stretch.upperBound
            } else {
                stretches.append(stretch)
            }
        }
        return stretches
    }

    /// How far answers lie along the vector in each of its meter layers at each strength, against the
    /// unsteered answers to the same prompts. [layers, strengths]
    public func layerShifts(of vector: Int, at strengths: [Double]) -> [[Double?]] {
        let baseline = baseline(of: vector)
        let layers = vectors[vector].meterLayers
        var sums = layers.map { _ in [Double](repeating: 0, count: strengths.count) }
        var counts = [Int](repeating: 0, count: strengths.count)
        for answer in answers where answer.cell.vector == vector && answer.cell.arm == .vector {
            guard let column = strengths.firstIndex(of: answer.cell.strength),
                let found = answer.outcome?.measures?.layerMeters, found.count == layers.count,
                let plain = baseline[answer.cell.question]?.layerMeters, plain.count == layers.count
            else { continue }
            for row in layers.indices { sums[row][column] += Double(found[row] - plain[row]) }
            counts[column] += 1
        }
        return sums.map { row in
            zip(row, counts).map { sum, count in count > 0 ? sum / Double(count) : nil }
        }
    }
}
