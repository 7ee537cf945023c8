import ControlVectors
import LinearAlgebra
import Terms
import Testing

@testable import Steering

@Suite struct RecipeAccuracyTests {
    private let planted = Planted()

    private func accuracies(_ change: (inout [[[Float]]]) -> Void = { _ in }) throws -> [Double?] {
        let (positive, negative) = planted.sides()
        var sides = [positive, negative].map { side in (0..<side.rows).map { Array(side[row: $0]) } }
        change(&sides)
        let trait = (0..<planted.hiddenSize).map { $0 == planted.trait ? Float(1) : 0 }
        let differences = try PairDifferences(
            positive: Matrix(rows: sides[0]), negative: Matrix(rows: sides[1]))
        return try RecipeAccuracy.accuracies(
            of: [
                ControlVector(directions: [9: trait]), ControlVector(directions: [9: trait.map { -2 * $0 }]),
                ControlVector(directions: [8: trait]),
            ], on: differences, at: 9)
    }

    @Test func aVectorSeparatesWhatItPointsAlong() throws {
        #expect(try accuracies() == [1, 0, nil])
    }

    @Test(arguments: [Float.nan, .infinity]) func statesThatAreNoNumbersAreNotCounted(bad: Float) {
        let error = #expect(throws: SteeringError.self) { try accuracies { $0[1][7][2] = bad } }
        #expect(error?.kind == .nonFiniteValue && error?.message.hasPrefix("layer 9: ") == true)
    }
}
