import COpenBLAS
import Testing

@testable import LinearAlgebra

@Suite struct LanczosIterationTests {
    /// Σ of outer products of pseudo-random rows, of which the first few are far longer. [order, order]
    private func scatter(order: Int, spread: [Double]) -> [Double] {
        var state: UInt64 = 7
        func number() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) * 0x1p-52 - 1
        }
        let rows = (0..<order).map { row in
            (0..<order).map { _ in number() * (row < spread.count ? spread[row] : 1) }
        }.flatMap { $0 }
        var matrix = [Double](repeating: 0, count: order * order)
        cblas_dsyrk(
            CblasRowMajor, CblasLower, CblasTrans, Int32(order), Int32(order), 1, rows, Int32(order), 0,
            &matrix, Int32(order))
        return matrix
    }

    private func residual(_ matrix: [Double], _ value: Double, _ vector: [Double]) -> Double {
        var product = vector
        cblas_dsymv(
            CblasRowMajor, CblasLower, Int32(vector.count), 1, matrix, Int32(vector.count), vector, 1, -value,
            &product, 1)
        return norm(product)
    }

    @Test(arguments: [[40.0], [40, 20], [9, 8, 7, 6], [3]])
    func itFindsWhatTheWholeReductionFinds(spread: [Double]) throws {
        let order = 300
        let matrix = scatter(order: order, spread: spread)
        let found = try #require(LanczosIteration(ofLowerTriangle: matrix, order: order, count: 2))
        var copy = matrix
        // All eigenpairs are more than a small subspace holds, so this is LAPACK's reduction.
        let whole = try SymmetricEigenproblem(ofLowerTriangle: &copy, order: order, count: order)
        for place in 0..<2 {
            #expect(abs(found.values[place] - whole.values[place]) <= 1e-12 * whole.values[0])
            let angle = 1 - abs(dot(found.vectors[place], whole.vectors[place]))
            #expect(angle <= 1e-12, "1 − |cosine| is \(angle)")
            #expect(residual(matrix, found.values[place], found.vectors[place]) <= 1e-12 * whole.values[0])
        }
    }

    @Test func theSameMatrixGivesTheSameBits() throws {
        let matrix = scatter(order: 200, spread: [20])
        // As its callers do: OpenBLAS splits sums over its threads, whose number other
        // tests change meanwhile.
        let pair = SingleThreadedBLAS.perform {
            (0..<2).map { _ in LanczosIteration(ofLowerTriangle: matrix, order: 200, count: 2) }
        }
        let (first, second) = (try #require(pair[0]), try #require(pair[1]))
        #expect(first.values == second.values && first.vectors == second.vectors)
    }

    @Test func aSubspaceThatClosesGivesNoAnswerAndTheWholeProblemDoes() throws {
        // Every vector is an eigenvector of the identity, so the first one already spans a closed subspace.
        let order = 160
        var matrix = [Double](repeating: 0, count: order * order)
        for index in 0..<order { matrix[index * (order + 1)] = 3 }
        #expect(LanczosIteration(ofLowerTriangle: matrix, order: order, count: 2) == nil)
        let problem = try SymmetricEigenproblem(ofLowerTriangle: &matrix, order: order, count: 2)
        #expect(problem.values == [3, 3])
    }

    @Test func smallMatricesAreLeftToTheReduction() {
        let matrix = scatter(order: 20, spread: [5])
        #expect(LanczosIteration(ofLowerTriangle: matrix, order: 20, count: 1) == nil)
    }

    @Test func nearlyEqualLeadingEigenvaluesAreNotTakenForOne() throws {
        let order = 200
        var matrix = [Double](repeating: 0, count: order * order)
        for index in 0..<order { matrix[index * (order + 1)] = 1 / Double(index + 1) }
        matrix[order + 1] = 1 - 1e-7
        let problem = try SymmetricEigenproblem(ofLowerTriangle: &matrix, order: order, count: 2)
        #expect(abs(problem.values[0] - 1) < 1e-13 && abs(problem.values[1] - (1 - 1e-7)) < 1e-13)
    }
}
