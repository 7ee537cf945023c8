import ControlVectors
import Terms
import Testing

@testable import Steering

@Suite struct VectorConflictTests {
    private func vector(_ directions: [LayerIndex: [Float]]) throws -> ControlVector {
        try ControlVector(directions: directions)
    }

    private func find(_ terms: SteeringPlan.Term...) throws -> [VectorConflict] {
        try VectorConflict.find(among: terms, layerCount: 30)
    }

    @Test func vectorsThatPullAgainstEachOtherAreFound() throws {
        let happy = try vector([9: [1, 0], 10: [1, 1]])
        let sad = try vector([9: [-2, 0], 10: [-1, -0.9], 11: [3, 3]])
        let conflict = try #require(try find(.init(happy, strength: 0.5), .init(sad, strength: 1)).first)
        #expect(conflict.first == 0 && conflict.second == 1 && conflict.layers == [9, 10])
        #expect(conflict.cosine < -0.99)
        // The other way round they pull together.
        #expect(try find(.init(happy, strength: 0.5), .init(sad, strength: -1)).isEmpty)
        let doubled = try find(.init(happy, strength: 1), .init(happy, strength: -0.1))
        #expect(abs(try #require(doubled.first).cosine + 1) < 1e-9)
    }

    @Test func vectorsThatDoNotMeetDoNotFight() throws {
        let (left, right) = (try vector([9: [1, 0]]), try vector([9: [-1, 0], 12: [1, 0]]))
        #expect(try find(.init(left, strength: 0), .init(right, strength: 1)).isEmpty)
        #expect(
            try find(.init(left, strength: 1), .init(right, strength: 1, layers: LayerSelection("12")))
                .isEmpty)
        #expect(try find(.init(left, strength: 1), .init(vector([9: [0, 1]]), strength: 1)).isEmpty)
        #expect(try find(.init(left, strength: 1), .init(vector([9: [0, 0]]), strength: 1)).isEmpty)
    }
}
