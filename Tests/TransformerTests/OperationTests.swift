import Foundation
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// The algebra of the operations, on rows of their own.
@Suite struct OperationTests {
    private static let width = 576

    /// Values of both signs, some of them far larger than the rest, as hidden states have them.
    private func row(_ seed: Int, size: Float = 1) -> [Float] {
        (0..<Self.width).map { index in
            let value = Float((index &* 37 &+ seed &* 101) % 211) / 105 - 1
            return value * size * (index % 97 == seed % 97 ? 60 : 1)
        }
    }

    private func applied(_ operations: Intervention.Operation..., to row: [Float]) -> [Float] {
        var row = row
        row.withUnsafeMutableBufferPointer { buffer in
            for operation in operations { operation.apply(to: buffer) }
        }
        return row
    }

    private func dot(_ left: [Float], _ right: [Float]) -> Double {
        zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    private func norm(_ row: [Float]) -> Double { dot(row, row).squareRoot() }

    private var plane: Subspace { get throws { try Subspace(spanning: [row(1), row(2)]) } }
    private var solid: Subspace { get throws { try Subspace(spanning: [row(1), row(2), row(3), row(4)]) } }

    private var everyOperation: [Intervention.Operation] {
        get throws {
            [
                .add(row(5)), .addKeepingNorm(row(5)), .projectOut(try solid, amount: 1),
                .clamp(
                    try Subspace(spanning: [row(1)]), ProjectionBounds(lower: -0.5, upper: 0.5), amount: 1),
                .rotate(try plane, try Rotation(angle: 0.7)),
                .rotate(try solid, try Rotation(dimension: 4, generator: [0.3, -1, 2, 0.1, 0.5, -0.7])),
            ]
        }
    }

    @Test(arguments: 1..<6) func nothingOfAnOperationIsTheIdentityBitForBit(_ index: Int) throws {
        let state = row(9) + []
        let none = try everyOperation[index].scaled(by: 0)
        #expect(applied(none, to: state).map(\.bitPattern) == state.map(\.bitPattern))
        #expect(applied(try everyOperation[index], to: state) != state)
    }

    @Test(arguments: [Float(0.1), 1, 30]) func addingWithTheNormKeptKeepsIt(_ size: Float) throws {
        for seed in 0..<8 {
            let (state, vector) = (row(seed), row(seed + 20, size: size))
            let moved = applied(.addKeepingNorm(vector), to: state)
            #expect(abs(norm(moved) / norm(state) - 1) < 1e-5)
            let sum = zip(state, vector).map { $0 + $1 }
            #expect(cosine(moved, sum) > 1 - 1e-9)
        }
        let state = row(3)
        #expect(applied(.addKeepingNorm(state.map { -$0 }), to: state) == state)
    }

    @Test func projectingOutLeavesNothingThere() throws {
        for seed in 30..<40 {
            let state = row(seed, size: 20)
            let rest = applied(.projectOut(try solid, amount: 1), to: state)
            for direction in try solid.basis {
                #expect(abs(dot(rest, direction)) <= 1e-5 * norm(state), "\(dot(rest, direction))")
            }
            let again = applied(.projectOut(try solid, amount: 1), to: rest)
            expectClose(again, rest, relativeError: 1e-6, "projecting out twice is once")
            let half = applied(.projectOut(try solid, amount: 0.5), to: state)
            expectClose(zip(state, rest).map { ($0 + $1) / 2 }, half, relativeError: 1e-6)
        }
    }

    @Test func clampingPutsTheProjectionWithinItsBoundsAndNothingElse() throws {
        let axis = try Subspace(spanning: [row(1)])
        func projection(_ state: [Float]) -> Double { dot(state, axis.basis[0]) }
        let state = row(7)
        let found = projection(state)
        for (bounds, expected) in [
            (ProjectionBounds(lower: Float(found) + 2), found + 2),
            (ProjectionBounds(upper: Float(found) - 3), found - 3),
            (ProjectionBounds(lower: Float(found) - 1, upper: Float(found) + 1), found),
            (ProjectionBounds(lower: 4, upper: 4), 4),
        ] {
            let moved = applied(.clamp(axis, bounds, amount: 1), to: state)
            #expect(abs(projection(moved) - expected) < 1e-4)
            let rest = applied(.projectOut(axis, amount: 1), to: state)
            expectClose(applied(.projectOut(axis, amount: 1), to: moved), rest, relativeError: 1e-6)
        }
        let within = ProjectionBounds(lower: Float(found) - 1)
        #expect(applied(.clamp(axis, within, amount: 1), to: state) == state)
        let half = applied(.clamp(axis, ProjectionBounds(lower: Float(found) + 2), amount: 0.5), to: state)
        #expect(abs(projection(half) - found - 1) < 1e-4)
    }

    @Test func aTurnInAPlaneGoesFromTheFirstAxisToTheSecond() throws {
        let plane = try plane
        let quarter = try Rotation(angle: .pi / 2)
        let turned = applied(.rotate(plane, quarter), to: plane.basis[0].map { $0 * 5 })
        expectClose(turned, plane.basis[1].map { $0 * 5 }, relativeError: 1e-6)
        let outside = applied(.projectOut(plane, amount: 1), to: row(8))
        expectClose(applied(.rotate(plane, quarter), to: outside), outside, relativeError: 1e-6)
    }

    @Test(arguments: [0.01, 0.7, .pi, 5, -40]) func aTurnAndItsOppositeAreTheIdentity(_ angle: Double) throws
    {
        let generator = [0.3, -1, 2, 0.1, 0.5, -0.7].map { $0 * angle }
        for (subspace, there, back) in [
            (try plane, try Rotation(angle: angle), try Rotation(angle: -angle)),
            (
                try solid, try Rotation(dimension: 4, generator: generator),
                try Rotation(dimension: 4, generator: generator.map { -$0 })
            ),
        ] {
            let state = row(6)
            let turned = applied(.rotate(subspace, there), to: state)
            #expect(abs(norm(turned) / norm(state) - 1) < 1e-5)
            expectClose(applied(.rotate(subspace, back), to: turned), state, relativeError: 1e-6)
        }
    }

    @Test func theExponentialOfATurnIsItsCosineAndSine() throws {
        for angle in [0, 1e-8, 0.3, 1.5, 3, 20, -900] {
            let rotation = try Rotation(angle: angle)
            let expected = [cos(angle), -sin(angle), sin(angle), cos(angle)]
            for (found, wanted) in zip(rotation.matrix, expected) { #expect(abs(found - wanted) < 1e-11) }
        }
        // About the axis (1, 1, 1), a third of a turn exchanges the axes: 0 → 1 → 2 → 0.
        let third = 2 * Double.pi / 3 / 3.0.squareRoot()
        let cycle = try Rotation(dimension: 3, generator: [third, -third, third])
        for (found, wanted) in zip(cycle.matrix, [0, 0, 1, 1, 0, 0, 0, 1, 0.0]) {
            #expect(abs(found - wanted) < 1e-12)
        }
    }

    @Test func theErrorOfARotationIsReportedAndSmall() throws {
        for dimension in [2, 3, 8, 32] {
            let count = dimension * (dimension - 1) / 2
            let rotation = try Rotation(
                dimension: dimension, generator: (0..<count).map { Double(($0 * 31) % 17) / 4 - 2 })
            #expect(rotation.orthogonalityError < 1e-12 && rotation.orthogonalityError >= 0)
        }
    }

    @Test func twoTurnsInEitherOrderDifferByTheirCommutator() throws {
        let space = try Subspace(spanning: [row(1), row(2), row(3)])
        let (first, second) = (
            try Rotation(dimension: 3, generator: [0.9, 0, 0]),
            try Rotation(dimension: 3, generator: [0, 0, 1.3])
        )
        let state = row(6)
        let (one, other) = (
            applied(.rotate(space, first), .rotate(space, second), to: state),
            applied(.rotate(space, second), .rotate(space, first), to: state)
        )
        // (R₂R₁ − R₁R₂) on the coordinates, written out with cosines and sines.
        let r1 = [[cos(0.9), -sin(0.9), 0], [sin(0.9), cos(0.9), 0], [0, 0, 1]]
        let r2 = [[1, 0, 0], [0, cos(1.3), -sin(1.3)], [0, sin(1.3), cos(1.3)]]
        func times(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
            matrix.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        let parts = space.basis.map { dot(state, $0) }
        let difference = zip(times(r2, times(r1, parts)), times(r1, times(r2, parts))).map { $0 - $1 }
        let expected = (0..<Self.width).map { index in
            Float(zip(difference, space.basis).reduce(0) { $0 + $1.0 * Double($1.1[index]) })
        }
        #expect(norm(expected) > 0.1)
        #expect(norm(zip(zip(one, other).map { $0 - $1 }, expected).map { $0 - $1 }) < 1e-5 * norm(state))
        // Turns in planes that share no axis commute.
        let apart = [[0.9, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1.3]]
        let turns = try apart.map { try Rotation(dimension: 4, generator: $0) }
        expectClose(
            applied(.rotate(try solid, turns[0]), .rotate(try solid, turns[1]), to: state),
            applied(.rotate(try solid, turns[1]), .rotate(try solid, turns[0]), to: state),
            relativeError: 1e-6)
    }

    @Test func everyOperationDoesWhatItsDefinitionSays() throws {
        for operation in try everyOperation {
            let state = row(11, size: 3)
            expectClose(
                applied(operation, to: state), operation.meant(state.map(Double.init)).map(Float.init),
                relativeError: 1e-6, "\(operation)")
        }
    }

    @Test func operationsAreReadBackFromTheirOwnText() throws {
        let program = try everyOperation.map { Intervention(at: .residualPost(3), $0) }
        let text = try JSONEncoder().encode(program)
        #expect(try JSONDecoder().decode([Intervention].self, from: text) == program)
    }

    @Test func aSubspaceIsOrthonormalAndKeepsItsFirstDirection() throws {
        let solid = try solid
        for (index, direction) in solid.basis.enumerated() {
            for (other, second) in solid.basis.enumerated() {
                #expect(abs(dot(direction, second) - (index == other ? 1 : 0)) < 1e-6)
            }
        }
        #expect(cosine(solid.basis[0], row(1)) > 1 - 1e-9)
    }

    @Test func aDirectionThatIsReadTwiceIsNoSubspace() throws {
        func read(_ text: String) throws -> Subspace {
            try JSONDecoder().decode(Subspace.self, from: Data(text.utf8))
        }
        #expect(throws: TransformerError.self) { try read("[[1, 0], [1, 0]]") }
        #expect(try read("[[1, 0], [0, 1]]").basis == [[1, 0], [0, 1]])
    }

    @Test func aShareOfATurnGoesThatFarAndBackwardsBelow0() throws {
        let turn = try Rotation(angle: 0.8)
        for share in [-1, -0.25, 0, 0.5, 1] {
            #expect(turn.scaled(by: share) == (try Rotation(angle: 0.8 * share)))
        }
    }

    @Test func moreThanAWholeTurnIsNoShareOfIt() async {
        await #expect(processExitsWith: .failure) { _ = try Rotation(angle: 0.8).scaled(by: 2) }
    }

    @Test func whatSpansNothingIsRefused() throws {
        for vectors: [[Float]] in [
            [], [[]], [[0, 0]], [[1, 2], [2, 4]], [[1, 2], [1]], [[.nan, 1]], [[1, 0], [0, 1], [1, 1]],
        ] {
            #expect(throws: TransformerError.self) { try Subspace(spanning: vectors) }
        }
        #expect(throws: TransformerError.self) { try Rotation(angle: .nan) }
        #expect(throws: TransformerError.self) { try Rotation(dimension: 3, generator: [1, 2]) }
        #expect(throws: TransformerError.self) { try Rotation(dimension: 1, generator: []) }
    }

    @Test func anOperationWithoutSenseIsRefusedBeforeThePass() throws {
        let axis = try Subspace(spanning: [row(1)])
        let operations: [Intervention.Operation] = [
            .add([1]), .projectOut(axis, amount: .nan), .clamp(axis, ProjectionBounds(), amount: 1),
            .clamp(axis, ProjectionBounds(lower: 2, upper: 1), amount: 1),
            .clamp(try plane, ProjectionBounds(lower: 0), amount: 1),
            .rotate(try solid, try Rotation(angle: 1)),
        ]
        for operation in operations { #expect(operation.misfit(width: Self.width) != nil) }
        for operation in try everyOperation {
            #expect(operation.misfit(width: Self.width) == nil)
            #expect(operation.misfit(width: 640) == "576 values")
        }
    }
}
