import LinearAlgebra
import Testing
import _TestSupport

@testable import Steering

@Suite struct DirectionEstimatorTests {
    private func estimate(_ estimator: DirectionEstimator, _ planted: Planted) throws -> EstimatedDirection {
        let (positive, negative) = planted.sides()
        return try estimator.estimate(PairDifferences(positive: positive, negative: negative))
    }

    @Test(arguments: [DirectionEstimator.mean, .pca, .pcaPairs], [2.0, -2.0])
    func aPlantedDirectionIsFoundWithItsSignAndSize(estimator: DirectionEstimator, separation: Double) throws
    {
        let planted = Planted(separation: separation)
        let direction = try estimate(estimator, planted)
        #expect(direction.unit[planted.trait] * (separation > 0 ? 1 : -1) > 0.999)
        #expect(abs(direction.separation - 2) < 0.02)
        #expect(direction.explainedVarianceRatio > 0.98)
        #expect(direction.cosineToMean > 0.999)
    }

    @Test func centredPairsGiveTheComponentAboutTheOrigin() throws {
        let planted = Planted(nuisance: 1, noise: 0.3)
        let one = try estimate(.pca, planted)
        let other = try estimate(.pcaPairs, planted)
        #expect(one.unit == other.unit)

        // The rows that pca-pairs stands for: p − m and n − m with m the midpoint, whose mean is 0.
        let (positive, negative) = planted.sides()
        let rows = (0..<planted.pairs).flatMap { pair in
            let half = zip(positive[row: pair], negative[row: pair]).map { ($0 - $1) / 2 }
            return [half, half.map { -$0 }]
        }
        let components = try PrincipalComponents(of: Matrix(rows: rows), about: .mean)
        #expect(abs(cosine(components.directions[0].map(Float.init), one.unit.map(Float.init))) > 0.999999)
        #expect(abs(components.explainedVarianceRatios[0] - one.explainedVarianceRatio) < 1e-6)
    }

    @Test func centringRemovesTheTraitAndFindsTheNuisance() throws {
        let planted = Planted(separation: 5, nuisance: 1)
        let about = try estimate(.pca, planted)
        let centred = try estimate(.pcaCentered, planted)
        #expect(about.unit[planted.trait] > 0.98)
        #expect(abs(centred.unit[planted.nuisanceAxis]) > 0.999)
        #expect(abs(centred.cosineToMean) < 0.2)
    }

    @Test func aStrongNuisanceTakesTheComponentButNotTheMean() throws {
        let planted = Planted(pairs: 400, separation: 1, nuisance: 3)
        #expect(abs(try estimate(.pca, planted).unit[planted.nuisanceAxis]) > 0.98)
        #expect(try estimate(.mean, planted).unit[planted.trait] > 0.98)
    }

    @Test func theSignDoesNotDependOnTheOrderOfPairs() throws {
        let (positive, negative) = Planted(nuisance: 1).sides()
        let order = Array((0..<40).reversed())
        let one = try DirectionEstimator.pca.estimate(PairDifferences(positive: positive, negative: negative))
        let other = try DirectionEstimator.pca.estimate(
            PairDifferences(
                positive: Matrix(rows: order.map { Array(positive[row: $0]) }),
                negative: Matrix(rows: order.map { Array(negative[row: $0]) })))
        #expect(cosine(one.unit.map(Float.init), other.unit.map(Float.init)) > 0.999999)
    }

    @Test func theMajorityDecidesWhereTheMeanIsZero() throws {
        let positive = try Matrix(rows: [[-3, 0], [1, 0], [1, 0], [1, 0]])
        let negative = try Matrix(rows: [[0, 0], [0, 0], [0, 0], [0, 0]])
        let direction = try DirectionEstimator.pca.estimate(
            PairDifferences(positive: positive, negative: negative))
        #expect(direction.unit == [1, 0])
        #expect(direction.separation == 0)
        #expect(direction.cosineToMean == 0)
    }

    @Test(arguments: DirectionEstimator.allCases) func pairsWithoutADifferenceAreRefused(
        estimator: DirectionEstimator
    ) throws {
        let same = try Matrix(rows: [[1, 2], [3, 4]])
        let error = #expect(throws: SteeringError.self) {
            try estimator.estimate(PairDifferences(positive: same, negative: same))
        }
        #expect(error?.kind == .degenerateDirections)
    }

    @Test(arguments: DirectionEstimator.allCases) func numbersThatAreNotFiniteAreRefused(
        estimator: DirectionEstimator
    ) throws {
        let zero = try Matrix(rows: [[0, 0], [0, 0]])
        for bad in [Float.nan, .infinity] {
            let error = #expect(throws: SteeringError.self) {
                try estimator.estimate(
                    PairDifferences(positive: Matrix(rows: [[1, bad], [3, 4]]), negative: zero))
            }
            #expect(error?.kind == .nonFiniteValue)
        }
    }
}
