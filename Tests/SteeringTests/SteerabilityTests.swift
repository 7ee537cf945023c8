import Testing

@testable import Steering

@Suite struct SteerabilityTests {
    @Test func slopesAreThoseOfTheLines() {
        let strengths = [-1.0, -0.5, 0, 0.5, 1]
        let found = Steerability(
            strengths: strengths,
            propensities: [
                strengths.map { 3 * $0 - 7 }, strengths.map { -0.5 * $0 }, strengths.map { 1 + $0 },
                strengths.map { _ in 4 },
            ])
        #expect(zip(found.slopes, [3, -0.5, 1, 0]).allSatisfy { abs(($0 ?? .nan) - $1) < 1e-12 })
        #expect(abs((found.meanSlope ?? 0) - 0.875) < 1e-12)
        #expect(found.antiSteerableShare == 0.25)
    }

    @Test func whatIsNotKnownIsLeftOut() {
        let found = Steerability(
            strengths: [-1, 0, 1], propensities: [[nil, 0, 2], [nil, 1, nil], [5, nil, 1]])
        #expect(found.slopes == [2, nil, -2])
        #expect(found.meanSlope == 0 && found.antiSteerableShare == 0.5)
        let none = Steerability(strengths: [1, 1], propensities: [[2, 3]])
        #expect(none.slopes == [nil] && none.meanSlope == nil && none.antiSteerableShare == nil)
    }

    /// Noise that is orthogonal to the strengths does not move the slope of least squares.
    @Test func theLineIsThatOfLeastSquares() {
        let found = Steerability(strengths: [-1, 0, 1], propensities: [[-2 + 1, -2, 2 + 1]])
        #expect(abs((found.slopes[0] ?? 0) - 2) < 1e-12)
    }
}
