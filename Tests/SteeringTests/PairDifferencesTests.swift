import LinearAlgebra
import Testing
import _TestSupport

@testable import Steering

@Suite struct PairDifferencesTests {
    private func matrix(_ rows: [[Float]]) throws -> Matrix { try Matrix(rows: rows) }

    @Test func differencesArePositiveMinusNegative() throws {
        let pairs = PairDifferences(
            positive: try matrix([[3, 1], [5, 5]]), negative: try matrix([[1, 1], [1, 8]]))
        #expect(pairs.differences == [[2, 0], [4, -3]])
        #expect(pairs.mean == [3, -1.5])
        #expect(pairs.projections(on: [0, 1]) == [0, -3])
        #expect(pairs.accuracy(along: [1, 0]) == 1)
        #expect(pairs.accuracy(along: [0, -1]) == 0.5)
    }

    @Test func pairsOfWeightZeroAreLeftOut() throws {
        let pairs = PairDifferences(
            positive: try matrix([[1], [5], [9]]), negative: try matrix([[0], [0], [0]]), weights: [3, 0, 1])
        #expect(pairs.count == 2)
        #expect(pairs.totalWeight == 4)
        #expect(pairs.mean == [3])
    }

    @Test(arguments: DirectionEstimator.allCases) func aWeightEqualsThatManyRows(
        estimator: DirectionEstimator
    ) throws {
        let (positive, negative) = Planted(pairs: 12, nuisance: 1.5, noise: 0.4).sides()
        let weights = (0..<12).map { $0 % 4 }
        let indices = weights.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
        let weighted = PairDifferences(
            positive: positive, negative: negative, weights: weights.map(Double.init))
        let repeated = PairDifferences(
            positive: try matrix(indices.map { Array(positive[row: $0]) }),
            negative: try matrix(indices.map { Array(negative[row: $0]) }))
        let one = try estimator.estimate(weighted)
        let other = try estimator.estimate(repeated)
        expectClose(one.unit.map(Float.init), other.unit.map(Float.init), relativeError: 1e-6)
        #expect(abs(one.separation - other.separation) < 1e-6)
        #expect(abs(one.explainedVarianceRatio - other.explainedVarianceRatio) < 1e-6)
        #expect(abs(one.cosineToMean - other.cosineToMean) < 1e-6)
        #expect(abs(weighted.accuracy(along: one.unit) - repeated.accuracy(along: one.unit)) < 1e-12)
    }
}
