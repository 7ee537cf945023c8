import ControlVectors
import Testing
import _TestSupport

@testable import tiller

/// What is said of vectors that fit less than exactly, through the built binary.
@Suite struct FittingVectorTests {
    /// A vector says what it means for it that it was made on another quantisation, and
    /// what makes an exact one.
    @Test func aVectorOfAnotherQuantisationSaysThatItCanBeUsed() throws {
        let folder = try TemporaryFolder()
        let own = try ControlVector(path: MeterCommandTests.vector)
        var fingerprint = try #require(own.fingerprint)
        fingerprint.digest = String(fingerprint.digest.reversed())
        fingerprint.fileType = 7
        var vector = try ControlVector(directions: own.directions, fingerprint: fingerprint)
        vector.extraction = own.extraction
        let path = folder.file("v.gguf")
        try vector.write(to: path)
        let run = try TillerProcess(["generate", "-p", "Hi", "-n", "1", "-v", path + ":0.1"])
        #expect(run.status == 0)
        #expect(run.errors.contains("another quantisation (Q8_0 vs "), "\(run.errors)")
        #expect(
            run.errors.contains("it can be used as it is, and tiller reextract \(path) -m "), "\(run.errors)")
        // No command makes a sum.
        vector.extraction = nil
        try vector.write(to: path)
        let sum = try TillerProcess(["generate", "-p", "Hi", "-n", "1", "-v", path + ":0.1"])
        #expect(sum.errors.contains("it can be used as it is") && !sum.errors.contains("makes an exact one"))
    }
}
