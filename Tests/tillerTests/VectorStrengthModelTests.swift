import ControlVectors
import Testing
import _TestSupport

@testable import tiller

/// What is said of strengths on a model, through the built binary.
@Suite struct VectorStrengthModelTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A vector whose calibration found these bands, on the default model or on another one.
    private func calibrated(
        breaking: Float? = 0.4, strong: Float = 0.26663554, modelDigest: String? = nil
    ) throws -> String {
        var vector = try ControlVector(path: MeterCommandTests.vector)
        vector.calibration = CalibratedStrengths(
            negative: StrengthBand(strong: 0, safe: 0, breaking: -0.1),
            positive: StrengthBand(strong: strong, safe: 0.1, breaking: breaking), modelDigest: modelDigest)
        let path = folder.file("v.gguf")
        try vector.write(to: path)
        return path
    }

    private func errors(_ vector: String, _ more: [String] = []) throws -> String {
        try TillerProcess(["generate", "-p", "Hi", "-n", "1", "-v", vector] + more).errors
    }

    @Test func anEstimateIsRoundedWhereItIsSaid() throws {
        let path = try calibrated(modelDigest: "another")
        #expect(try errors(path + ":auto").contains("\(path):auto is +0.27, estimated from "))
    }
}
