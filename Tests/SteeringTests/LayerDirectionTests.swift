import ControlVectors
import LinearAlgebra
import Terms
import Testing
import _TestSupport

@testable import Steering

@Suite struct LayerDirectionTests {
    /// Every fourth pair is held out.
    private func pairs(_ count: Int, heldOut: Bool = true) -> [ExampleSet.Pair] {
        (0..<count).map { index in
            let isHeldOut = heldOut && index % 4 == 0
            return .init(
                positive: index * 2, negative: index * 2 + 1, weight: 1, trainWeight: isHeldOut ? 0 : 1,
                heldOutWeight: isHeldOut ? 1 : 0)
        }
    }

    private func direction(
        _ planted: Planted, _ method: ExtractionMethod, scale: ScaleConvention = .natural,
        heldOut: Bool = true
    ) throws -> LayerDirection {
        let (positive, negative) = planted.sides()
        return try LayerDirection(
            layer: 9, positive: positive, negative: negative, pairs: pairs(planted.pairs, heldOut: heldOut),
            method: method, scale: scale)
    }

    @Test func naturalScaleIsTheMeanSeparationOfThePairs() throws {
        let natural = try direction(Planted(), .always(.pca))
        let unit = try direction(Planted(), .always(.pca), scale: .unit)
        #expect(abs(natural.evidence.scale - 2) < 0.02)
        #expect(natural.evidence.norm == natural.evidence.scale)
        #expect(unit.evidence.norm == 1)
        #expect(unit.evidence.scale == natural.evidence.scale)
        #expect(
            abs(relativeError(natural.values, [Float](repeating: 0, count: 64)) - natural.evidence.norm)
                < 1e-5)
        #expect(cosine(natural.values, unit.values) > 0.999999)
    }

    @Test func atNaturalScaleTheMeanDirectionIsTheMeanDifference() throws {
        let (positive, negative) = Planted(nuisance: 1).sides()
        let mean = PairDifferences(positive: positive, negative: negative).mean
        let direction = try direction(Planted(nuisance: 1), .always(.mean))
        expectClose(direction.values, mean.map(Float.init), relativeError: 1e-6)
    }

    @Test func theSidesAreMeasuredAlongTheUnitDirectionWhateverItsLength() throws {
        // Along the trait a hidden state is a common part of deviation 3, and half of the
        // separation either way.
        for scale in [ScaleConvention.natural, .unit] {
            let evidence = try direction(Planted(), .always(.mean), scale: scale).evidence
            let sides = try #require(evidence.sides)
            #expect(abs(sides.separation - evidence.scale) < 1e-5)
            #expect((1.5...4.5).contains(sides.spread))
            #expect(evidence.record.sides == sides)
        }
        let (positive, negative) = Planted(noise: 0).sides()
        let unit = (0..<64).map { $0 == 3 ? 1.0 : 0 }
        // A pair that counts three times, and one that does not count.
        let weights = [3, 0] + [Double](repeating: 1, count: 38)
        let sides = try #require(
            PairDifferences(positive: positive, negative: negative, weights: weights).sides(along: unit))
        let rows = [0, 0, 0] + Array(2..<40)
        let mean = rows.reduce(0) { $0 + Double(positive[row: $1][positive[row: $1].startIndex + 3]) } / 41
        #expect(abs(Double(sides.positiveMean) - mean) < 1e-5)
        #expect(abs(sides.separation - 2) < 1e-5)
    }

    @Test func aPlantedTraitSeparatesUnseenPairs() throws {
        let evidence = try direction(Planted(), .automatic).evidence
        #expect(evidence.layer == 9)
        #expect(evidence.pairAccuracy == 1)
        #expect(evidence.heldOutPairs == 10)
        #expect(evidence.notes.isEmpty)
        #expect(abs(evidence.cosineToMean) >= DirectionEvidence.nuisanceCosine)
    }

    @Test func theTokensOfOneTrainPairAreNotTwoPairs() throws {
        // The tokens of two pairs, of which the first is held out: nothing is left that
        // two pairs have in common.
        let (positive, negative) = Planted().sides()
        func evidence(wholes: Int) throws -> DirectionEvidence {
            let pairs = pairs(40).enumerated().map { index, pair in
                var pair = pair
                pair.whole = pair.heldOutWeight > 0 ? 0 : 1 + index % wholes
                return pair
            }
            return try LayerDirection(
                layer: 9, positive: positive, negative: negative, pairs: pairs, method: .always(.mean),
                scale: .natural
            ).evidence
        }
        let single = try evidence(wholes: 1)
        #expect(single.heldOutPairs == 0 && single.notes == [.notHeldOut])
        #expect(single.assessment.verdict != .steerable)
        // With two to fit to, one pair that is right in all of its tokens is still one pair.
        let two = try evidence(wholes: 2)
        #expect(two.heldOutPairs == 10 && two.pairAccuracy == 1)
        #expect(two.assessment.verdict == .not, "\(two.assessment.reason)")
    }

    @Test(arguments: [9, 10, 18, 24]) func theTokensOfAPairCountAsOne(tokens: Int) throws {
        // Ten train pairs, and two whose tokens weigh n-ths.
        let (positive, negative) = Planted(pairs: 10 + 2 * tokens).sides()
        let pairs = (0..<10 + 2 * tokens).map { index in
            let (weight, isHeldOut) = (index < 10 ? 1 : 1 / Double(tokens), index >= 10)
            return ExampleSet.Pair(
                positive: 2 * index, negative: 2 * index + 1, weight: weight,
                trainWeight: isHeldOut ? 0 : weight,
                heldOutWeight: isHeldOut ? weight : 0, whole: isHeldOut ? 10 + index % 2 : index)
        }
        let evidence = try LayerDirection(
            layer: 9, positive: positive, negative: negative, pairs: pairs, method: .always(.mean),
            scale: .natural
        ).evidence
        #expect(evidence.heldOutPairs == 2)
    }

    @Test func unseenPairsOfNoiseAreSeparatedByChance() throws {
        // 64 dimensions separate 30 random train pairs perfectly, and say nothing about the others.
        let noise = Planted(pairs: 400, separation: 0, noise: 1)
        let evidence = try direction(noise, .always(.mean)).evidence
        #expect((0.35...0.65).contains(evidence.pairAccuracy))
        let fitted = try direction(noise, .always(.mean), heldOut: false).evidence
        #expect(fitted.pairAccuracy > 0.6)
        #expect(fitted.heldOutPairs == 0)
        #expect(fitted.notes == [.notHeldOut])
    }

    @Test func autoTakesTheComponentWhereItIsAsGoodAsTheMean() throws {
        #expect(try direction(Planted(nuisance: 0.5), .automatic).evidence.estimator == .pca)
    }

    @Test func autoTakesTheMeanWhereTheComponentIsANuisance() throws {
        let evidence = try direction(Planted(pairs: 400, separation: 1, nuisance: 2), .automatic).evidence
        #expect(evidence.estimator == .mean)
        #expect(evidence.pairAccuracy > 0.95)
        guard case .nuisanceComponent(let cosine) = evidence.notes.first else {
            Issue.record("expected a note, found \(evidence.notes)")
            return
        }
        #expect(abs(cosine) < 0.5)
        #expect(abs(evidence.cosineToMean) >= DirectionEvidence.nuisanceCosine)
    }

    @Test func aNuisanceComponentThatWasAskedForIsReported() throws {
        let evidence = try direction(Planted(pairs: 400, separation: 1, nuisance: 2), .always(.pca)).evidence
        #expect(abs(evidence.cosineToMean) < DirectionEvidence.nuisanceCosine)
        #expect(evidence.notes.contains { if case .nuisanceComponent = $0 { true } else { false } })
        #expect(evidence.notes.allSatisfy { !$0.text.isEmpty })
    }

    @Test func theDoseComparesWithTheMedianHiddenState() throws {
        // Rows of length 5 and one outlier; the difference has length 1.
        let positive = try Matrix(rows: [[5, 1], [5, 1], [5, 1], [500, 1]])
        let negative = try Matrix(rows: [[5, 0], [5, 0], [5, 0], [500, 0]])
        let layer = try LayerDirection(
            layer: 0, positive: positive, negative: negative, pairs: pairs(4), method: .always(.mean),
            scale: .natural)
        #expect(abs(layer.evidence.dose - 1 / 26.0.squareRoot()) < 1e-6)
    }

    @Test func oneDistinctPairGivesTheMeanAndNoComponent() throws {
        let positive = try Matrix(rows: [[1, 2]])
        let negative = try Matrix(rows: [[0, 0]])
        let pair = ExampleSet.Pair(positive: 0, negative: 1, weight: 5, trainWeight: 4, heldOutWeight: 0)
        func make(_ method: ExtractionMethod) throws -> LayerDirection {
            try LayerDirection(
                layer: 12, positive: positive, negative: negative, pairs: [pair], method: method,
                scale: .natural)
        }
        #expect(try make(.automatic).values == [1, 2])
        let error = #expect(throws: SteeringError.self) { try make(.always(.pca)) }
        #expect(error?.message.contains("1 distinct pair ") == true)
        #expect(error?.kind == .degenerateDirections)
        #expect(error?.message.hasPrefix("layer 12: ") == true)
    }

    @Test(arguments: [ExtractionMethod.automatic, .always(.mean)], [0, 1])
    func aHeldOutStateThatIsNoNumberIsRefused(_ method: ExtractionMethod, side: Int) throws {
        // The first pair is held out: those that the direction is fitted to are whole.
        var sides = [[[Float]]](repeating: (0..<8).map { [Float($0), 1] }, count: 2)
        for row in sides[0].indices { sides[0][row][1] = 2 }
        sides[side][0][0] = .nan
        let error = #expect(throws: SteeringError.self) {
            try LayerDirection(
                layer: 3, positive: Matrix(rows: sides[0]), negative: Matrix(rows: sides[1]), pairs: pairs(8),
                method: method, scale: .natural)
        }
        #expect(error?.kind == .nonFiniteValue)
        #expect(error?.message.hasPrefix("layer 3: ") == true)
    }

    @Test(arguments: [ExtractionMethod.automatic, .always(.mean), .always(.pca)])
    func pairsThatCancelAreNotSentToTheMean(_ method: ExtractionMethod) throws {
        let rows = try (Matrix(rows: [[1, 2], [0, 0]]), Matrix(rows: [[0, 0], [1, 2]]))
        let error = #expect(throws: SteeringError.self) {
            try LayerDirection(
                layer: 3, positive: rows.0, negative: rows.1, pairs: pairs(2, heldOut: false), method: method,
                scale: .natural)
        }
        #expect(error?.kind == .degenerateDirections)
        #expect(error?.remedy?.contains("--method mean") == false, "\(error?.remedy ?? "")")
    }
}
