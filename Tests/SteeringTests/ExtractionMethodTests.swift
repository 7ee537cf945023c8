import Foundation
import Steering
import Testing

@Suite struct ExtractionMethodTests {
    @Test func theNamesAreThoseOfTheCommandLine() {
        #expect(
            ExtractionMethod.allCases.map(\.rawValue) == [
                "auto", "mean", "pca", "pca-centered", "pca-pairs", "logistic", "lda", "random",
            ])
        for method in ExtractionMethod.allCases {
            #expect(ExtractionMethod(rawValue: method.rawValue) == method)
        }
        #expect(ExtractionMethod(rawValue: "umap") == nil)
    }

    @Test func aMethodIsWrittenAsItsName() throws {
        #expect(
            String(decoding: try JSONEncoder().encode([ExtractionMethod.always(.pcaCentered)]), as: UTF8.self)
                == "[\"pca-centered\"]")
    }
}
