import Testing
import _TestSupport

@testable import LinearAlgebra

extension OnBLAS {
    /// scikit-learn on random classes; made by `scripts/goldens/probes.py`.
    @Suite struct ProbeTests {
        private struct Golden: Decodable {
            struct Probe: Decodable {
                var c: Double
                var weights: [Double]
                var intercept: Double
            }
            struct Case: Decodable {
                var name: String
                var rows: Int
                var columns: Int
                var positive: [Float]
                var negative: [Float]
                var probes: [Probe]
                var shrinkage: Double
                var discriminant: [Double]

                func matrix(_ elements: [Float]) throws -> Matrix {
                    try Matrix(rows: rows, columns: columns, elements: elements)
                }

                func slices(_ elements: [Float]) throws -> [ArraySlice<Float>] {
                    let matrix = try matrix(elements)
                    return (0..<rows).map { matrix[row: $0] }
                }
            }
            var cases: [Case]
        }

        private let golden: [Golden.Case]

        init() throws {
            golden = try fixture("LinearAlgebra/probes.json", as: Golden.self).cases
        }

        private func moments(_ matrix: Matrix, weights: [Double]? = nil) -> Moments {
            var moments = Moments(columns: matrix.columns)
            moments.add(
                count: matrix.rows, weights: weights ?? [Double](repeating: 1, count: matrix.rows)
            ) { row, body in matrix[row: row].withUnsafeBufferPointer(body) }
            return moments
        }

        @Test func logisticProbesAreThoseOfScikitLearn() throws {
            for data in golden {
                for expected in data.probes {
                    let probe = try LogisticProbe(
                        positive: data.slices(data.positive), negative: data.slices(data.negative),
                        penaltyInverse: expected.c, unit: 1)
                    let agreement = try #require(cosine(probe.weights, expected.weights))
                    #expect(agreement >= 0.999999, "\(data.name), C \(expected.c)")
                    #expect(abs(norm(probe.weights) / norm(expected.weights) - 1) < 1e-5)
                    #expect(
                        abs(probe.intercept - expected.intercept) < 1e-4 * max(1, abs(expected.intercept)))
                    #expect(probe.steps < 30)
                }
            }
        }

        @Test func theShrunkDiscriminantIsThatOfScikitLearn() throws {
            for data in golden {
                let found = try DiscriminantDirection(
                    positive: moments(data.matrix(data.positive)),
                    negative: moments(data.matrix(data.negative)))
                #expect(abs(found.shrinkage - data.shrinkage) < 1e-9, "\(data.name)")
                let agreement = try #require(cosine(found.direction, data.discriminant))
                #expect(agreement >= 1 - 1e-10, "\(data.name)")
                #expect(abs(norm(found.direction) / norm(data.discriminant) - 1) < 1e-9)
            }
        }

        @Test func rowsMayComeInPiecesAndWithWeights() throws {
            let data = golden[1]
            let positive = try data.matrix(data.positive)
            var pieces = Moments(columns: positive.columns)
            for row in 0..<positive.rows {
                pieces.add(count: 3, weights: [1, 0.5, 1.5]) { _, body in
                    positive[row: row].withUnsafeBufferPointer(body)
                }
            }
            let whole = moments(positive, weights: [Double](repeating: 3, count: positive.rows))
            #expect(abs(pieces.weight - whole.weight) < 1e-9)
            #expect(zip(pieces.mean, whole.mean).allSatisfy { abs($0 - $1) < 1e-12 })
            #expect(zip(pieces.mean, positive.meanOfRows).allSatisfy { abs($0 - $1) < 1e-12 })
            #expect(abs(pieces.centredFourthPowers / whole.centredFourthPowers - 1) < 1e-12)
        }

        @Test func whatCannotBeSeparatedIsRefused() throws {
            let same = try Matrix(rows: [[1, 2], [1, 2]])
            #expect(throws: LinearAlgebraError.rankZero(center: .mean)) {
                try DiscriminantDirection(positive: moments(same), negative: moments(same))
            }
            #expect(throws: LinearAlgebraError.rankZero(center: .mean)) {
                try LogisticProbe(positive: [same[row: 0]], negative: [same[row: 1]])
            }
            #expect(throws: LinearAlgebraError.tooFewRows(found: 1)) {
                try LogisticProbe(positive: [same[row: 0]], negative: [])
            }
        }
    }
}
