import ControlVectors

extension PairDifferences {
    /// Where the two sides lie along a unit vector, each pair counted by its weight. The spread is about the
    /// mean of the own side, so that it does not grow with the separation.
    func sides(along unit: [Double]) -> SideProjections? {
        let (positiveMean, positiveSquare) = moments(of: positive, along: unit)
        let (negativeMean, negativeSquare) = moments(of: negative, along: unit)
        return SideProjections(
            negativeMean: negativeMean, positiveMean: positiveMean,
            spread: ((positiveSquare + negativeSquare) / 2).squareRoot())
    }

    /// The weighted mean of one side's projections and their mean squared distance from it.
    private func moments(of side: StateRows, along unit: [Double]) -> (mean: Double, square: Double) {
        let projections = side.projections(on: unit)
        let mean = zip(projections, weights).reduce(0) { $0 + $1.0 * $1.1 } / totalWeight
        let square = zip(projections, weights).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 }
        return (mean, square / totalWeight)
    }
}
