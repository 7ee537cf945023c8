import Terms
import Testing
import _TestSupport

@testable import ControlVectors

@Suite struct OrthogonalizedTests {
    @Test func nothingIsLeftAlongTheOthers() throws {
        let vector = try ControlVector(directions: [3: [1, 2, 3, 4], 5: [1, 0, 0, 0]])
        let others = [
            try ControlVector(directions: [3: [1, 1, 0, 0], 4: [1, 0, 0, 0]]),
            try ControlVector(directions: [3: [0, 1, 1, 0], 5: [2, 0, 0, 1]]),
        ]
        let left = try vector.orthogonalized(against: others)
        for other in others {
            #expect(abs(cosine(try #require(left[3]), try #require(other[3]))) < 1e-6)
        }
        // (1,2,3,4) − its projection on the plane: (2/3)(1,−1,1) in the first three places.
        let expected: [Float] = [2.0 / 3, -2.0 / 3, 2.0 / 3, 4]
        for (found, wanted) in zip(try #require(left[3]), expected) { #expect(abs(found - wanted) < 1e-6) }
        #expect(left.layers == vector.layers)
        #expect(try vector.orthogonalized(against: []).directions == vector.directions)
    }

    @Test func whatLiesWithinTheOthersIsZero() throws {
        let vector = try ControlVector(directions: [3: [0.1, 0.3], 4: [1, 1]])
        let same = try (vector * -7).without([4])
        let left = try vector.orthogonalized(against: [same, same])
        #expect(left.zeroLayers == [3] && left[4] == [1, 1])
        #expect(throws: ControlVectorError.self) {
            try vector.orthogonalized(against: [ControlVector(directions: [3: [1, 2, 3]])])
        }
    }
}
