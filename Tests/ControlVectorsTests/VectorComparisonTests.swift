import Terms
import Testing

@testable import ControlVectors

@Suite struct VectorComparisonTests {
    @Test func aVectorHasACosineOfOneToItself() throws {
        var source = RandomSource(seed: 1)
        for _ in 0..<100 {
            let direction = (0..<7).map { _ in Float(source.nextNormal()) }
            let vector = try ControlVector(directions: [3: direction])
            let opposite = try ControlVector(directions: [3: direction.map { -$0 }])
            #expect(try VectorComparison(vector, vector).leastCosine == 1)
            #expect(try VectorComparison(vector, opposite).leastCosine == -1)
        }
    }

    @Test func cosinesAndLengthsAreThoseOfTheDirections() throws {
        let left = try ControlVector(directions: [1: [3, 4], 2: [1, 0], 3: [0, 0], 9: [1, 1]])
        let right = try ControlVector(directions: [1: [6, 8], 2: [0, -2], 3: [1, 0], 4: [1, 1]])
        let comparison = try VectorComparison(left, right)
        #expect(comparison.layers.map(\.layer) == [1, 2, 3])
        #expect(comparison.layers.map(\.cosine) == [1, 0, nil])
        #expect(comparison.layers.map(\.leftNorm) == [5, 1, 0])
        #expect(comparison.layers.map(\.rightNorm) == [10, 2, 1])
        #expect(comparison.onlyLeft == [9] && comparison.onlyRight == [4])
        #expect(comparison.meanCosine == 0.5 && comparison.leastCosine == 0)
    }

    @Test func aVectorAgainstItselfAndItsOpposite() throws {
        let vector = try Planted.vector()
        #expect(try VectorComparison(vector, vector).leastCosine.map { abs($0 - 1) < 1e-12 } == true)
        #expect(try VectorComparison(vector, -vector).meanCosine.map { abs($0 + 1) < 1e-12 } == true)
    }

    @Test func whatHasNothingInCommonCannotBeCompared() throws {
        let one = try ControlVector(directions: [1: [1, 2]])
        #expect(throws: ControlVectorError.differentHiddenSizes(2, 3)) {
            try VectorComparison(one, ControlVector(directions: [1: [1, 2, 3]]))
        }
        #expect(throws: ControlVectorError.noCommonLayer([1], [2, 3])) {
            try VectorComparison(one, ControlVector(directions: [2: [1, 2], 3: [1, 2]]))
        }
    }
}
