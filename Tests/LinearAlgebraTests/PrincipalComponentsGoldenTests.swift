import Testing
import _TestSupport

@testable import LinearAlgebra

extension OnBLAS {
    /// numpy's SVD on random matrices; made by `scripts/goldens/linear_algebra.py`.
    @Suite struct PrincipalComponentsGoldenTests {
        private struct Case: Decodable {
            struct Components: Decodable {
                var about: PrincipalComponents.Center
                var directions: [[Double]]
                var ratios: [Double]
                var total: Double
            }
            var name: String
            var rows: Int
            var columns: Int
            var elements: [Float]
            var components: [Components]
        }

        @Test func directionsAndSharesAreThoseOfNumpy() throws {
            let cases = try fixture("LinearAlgebra/principal_components.json", as: [Case].self)
            #expect(cases.count == 3)
            for golden in cases {
                let matrix = try Matrix(rows: golden.rows, columns: golden.columns, elements: golden.elements)
                for expected in golden.components {
                    let found = try PrincipalComponents(of: matrix, count: 3, about: expected.about)
                    for k in 0..<3 {
                        // The sign rule is applied in the script too, so the cosine itself must be 1.
                        let agreement = try #require(cosine(found.directions[k], expected.directions[k]))
                        let ratioError = abs(found.explainedVarianceRatios[k] - expected.ratios[k])
                        #expect(
                            agreement >= 1 - 1e-12,
                            "\(golden.name) about the \(expected.about), component \(k)")
                        #expect(
                            ratioError <= 1e-12, "\(golden.name) about the \(expected.about), component \(k)")
                    }
                    #expect(abs(found.totalSquaredSum / expected.total - 1) <= 1e-13)
                }
            }
        }
    }
}
