import Testing

@testable import LinearAlgebra

@Suite struct SymmetricEigenproblemTests {
    @Test func aDiagonalMatrixHasItsDiagonalForEigenvaluesLargestFirst() throws {
        var matrix: [Double] = [2, 0, 0, 0, 5, 0, 0, 0, 3]
        let problem = try SymmetricEigenproblem(ofLowerTriangle: &matrix, order: 3, count: 2)
        #expect(zip(problem.values, [5, 3]).allSatisfy { abs($0 - $1) < 1e-14 })
        #expect(problem.vectors.map { $0.map(abs) } == [[0, 1, 0], [0, 0, 1]])
    }

    @Test func onlyTheLowerTriangleOfTheRowMajorMatrixIsRead() throws {
        // [[2, 1], [1, 2]] has 3 along (1, 1) and 1 along (1, −1).
        var matrix: [Double] = [2, .nan, 1, 2]
        let problem = try SymmetricEigenproblem(ofLowerTriangle: &matrix, order: 2, count: 2)
        #expect(abs(problem.values[0] - 3) < 1e-14 && abs(problem.values[1] - 1) < 1e-14)
        #expect(abs(abs(problem.vectors[0][0] + problem.vectors[0][1]) - 2.0.squareRoot()) < 1e-14)
    }

    @Test func aMatrixOfOrderOneIsItsOwnEigenvalue() throws {
        var matrix: [Double] = [7]
        let problem = try SymmetricEigenproblem(ofLowerTriangle: &matrix, order: 1, count: 1)
        #expect(problem.values == [7] && problem.vectors.map { $0.map(abs) } == [[1]])
    }

    @Test func equalEigenvaluesStillGiveOrthonormalVectors() throws {
        var matrix = [Double](repeating: 0, count: 36)
        for index in 0..<6 { matrix[index * 7] = 4 }
        let problem = try SymmetricEigenproblem(ofLowerTriangle: &matrix, order: 6, count: 4)
        for (i, left) in problem.vectors.enumerated() {
            for (j, right) in problem.vectors.enumerated() {
                #expect(abs(dot(left, right) - (i == j ? 1 : 0)) < 1e-12)
            }
        }
    }

    @Test func lapackIsHeardWhenItRefusesAnArgument() {
        // Asking for three of two eigenpairs makes the first index 0, which dsyevr refuses by INFO −9 or −10
        // (LAPACKE counts the layout as an argument of its own).
        var matrix: [Double] = [1, 0, 0, 1]
        do {
            _ = try SymmetricEigenproblem(ofLowerTriangle: &matrix, order: 2, count: 3)
            Issue.record("no error")
        } catch {
            guard case .lapack("dsyevr", let info) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(info < 0)
            #expect(error.message.contains("dsyevr") && error.message.contains("INFO \(info)"))
        }
    }
}
