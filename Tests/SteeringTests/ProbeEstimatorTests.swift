import Generation
import LinearAlgebra
import Terms
import Testing
import _TestSupport

@testable import Steering

@Suite struct ProbeEstimatorTests {
    /// The stated noise: topics of standard deviation 3 in each of 64 columns, differences with
    /// noise 0.3 around a trait of 2.
    private static let noisy = Planted(pairs: 4000, noise: 0.3)

    @Test(arguments: [DirectionEstimator.mean, .pca, .pcaPairs, .logistic, .lda])
    func aPlantedDirectionIsFoundInNoise(estimator: DirectionEstimator) throws {
        let (positive, negative) = Self.noisy.sides()
        let found = try estimator.estimate(PairDifferences(positive: positive, negative: negative))
        #expect(found.unit[Self.noisy.trait] >= 0.99, "\(found.unit[Self.noisy.trait])")
    }

    @Test func whiteningLeavesOutWhatBothSidesShare() throws {
        // Both sides spread ten times as far along axis 0, and the few pairs happen to differ there.
        let rows = 400
        var random = RandomSource(seed: 3)
        func draw() -> Float { Float(Double(random.next() >> 11) * 0x1p-52 - 1) }
        var sides: [[[Float]]] = [[], []]
        for side in 0..<2 {
            for _ in 0..<rows {
                sides[side].append([
                    20 * draw() + (side == 0 ? 1 : -1), draw() + (side == 0 ? 0.5 : -0.5), draw(),
                ])
            }
        }
        let pairs = PairDifferences(
            positive: try Matrix(rows: sides[0]), negative: try Matrix(rows: sides[1]))
        let mean = try DirectionEstimator.mean.estimate(pairs).unit
        let lda = try DirectionEstimator.lda.estimate(pairs).unit
        #expect(abs(mean[0]) > 0.5)
        #expect(lda[1] > 0.99)
    }

    @Test func chanceIsDrawnByTheSeedAndKnowsNothingOfThePairs() throws {
        let pairs = PairDifferences(
            positive: Planted().sides().positive, negative: Planted().sides().negative)
        let one = try DirectionEstimator.random.estimate(pairs, seed: 1)
        #expect(try DirectionEstimator.random.estimate(pairs, seed: 1) == one)
        #expect(try DirectionEstimator.random.estimate(pairs, seed: 2) != one)
        #expect(abs(one.cosineToMean) < 0.5)
        let flipped = PairDifferences(positive: pairs.negative, negative: pairs.positive)
        #expect(try DirectionEstimator.random.estimate(flipped, seed: 1).unit == one.unit)
    }

    @Test func componentsSpanTheTraitAndTheNuisance() throws {
        let planted = Planted(pairs: 200, separation: 2, nuisance: 1, noise: 0.05)
        let (positive, negative) = planted.sides()
        let found = try DirectionEstimator.pca.estimate(
            PairDifferences(positive: positive, negative: negative), components: 2)
        #expect(found.unit[planted.trait] > 0.99)
        #expect(abs(found.furtherComponents[0][planted.nuisanceAxis]) > 0.99)
        #expect(abs(zip(found.unit, found.furtherComponents[0]).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-9)
        #expect(found.componentShares.count == 2 && found.componentShares[0] > found.componentShares[1])
    }

    @Test func directionsHaveTheSameBitsForAnyNumberOfThreads() throws {
        let model = try DefaultModel.open()
        let dataset = try Dataset(path: fixturePath("smollm2/pairs.json")).usingRawPrompts()
        let pairs = Array(try dataset.pairs(model).prefix(24))
        let set = try ExampleSet(
            pairs, split: HeldOutSplit(sources: pairs.map(\.source), fraction: 0.2, seed: 0))
        let readouts = try ReadoutStates(of: set.prompts, model: model.transformer, layers: 1...3, threads: 2)
        {
            _, _, _ in
        }
        for method in ExtractionMethod.allCases {
            var recipe = ExtractionRecipe(dataset)
            recipe.method = method
            let runs = try [1, 2, 3, 1].map { threads in
                try Extraction.directions(recipe, set, readouts, 1...3, threads: threads) { _, _, _ in }
            }
            for run in runs.dropFirst() {
                #expect(run.map(\.values) == runs[0].map(\.values), "\(method)")
                #expect(run.map(\.evidence) == runs[0].map(\.evidence), "\(method)")
            }
        }
    }
}
