import Testing

@testable import LinearAlgebra

@Suite struct InnerProductTests {
    @Test(arguments: 0..<40)
    func theDotProductIsExactOnSmallIntegersOfEveryLength(length: Int) {
        let left = (0..<length).map { Float($0 - 7) }
        let right = (0..<length).map { Double(3 - $0) }
        let expected = (0..<length).reduce(0) { $0 + ($1 - 7) * (3 - $1) }
        #expect(dot(left, right) == Double(expected))
    }

    @Test func theDotProductKeepsWhatFloat32WouldLose() {
        #expect(dot([Float(1e7), 1, -1e7], [Float(1e7), 1, 1e7]) == 1)
    }

    @Test func slicesAndArraysMix() {
        let row: [Float] = [9, 1, 2, 9]
        #expect(dot(row[1..<3], [Float(3), 4]) == 11)
        #expect(dot([1.0, 2.0].lazy.map { $0 * 2 }, [1.0, 1.0]) == 6)
    }

    @Test func theNormNeitherOverflowsNorUnderflowsOnFloat32() {
        #expect(norm([Float(3), 4]) == 5)
        #expect(norm([Float.greatestFiniteMagnitude]) == Double(Float.greatestFiniteMagnitude))
        #expect(norm([Float.leastNonzeroMagnitude]) == Double(Float.leastNonzeroMagnitude))
    }

    @Test func theCosineOfEqualAndOppositeVectorsStaysWithinOne() throws {
        let vector: [Float] = [0.1, 0.2, 0.7]
        let same = try #require(cosine(vector, vector))
        let opposite = try #require(cosine(vector, vector.map { -$0 }))
        #expect(same <= 1 && same > 1 - 1e-15)
        #expect(opposite >= -1 && opposite < -1 + 1e-15)
        #expect(cosine([Float(1), 0], [Float(0), 2]) == 0)
    }

    @Test func aZeroVectorHasNoCosine() {
        #expect(cosine([Float(0), 0], [Float(1), 0]) == nil)
    }
}
