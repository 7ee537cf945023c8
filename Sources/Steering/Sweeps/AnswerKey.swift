public import ControlVectors
import Foundation
public import Generation
import Terms

/// The name of an answer in the memory of sweeps: equal where nothing that decides the answer differs.
public struct AnswerKey: Sendable, Hashable {
    /// 32 hexadecimal digits.
    public let text: String

    /// What decides all answers of a run alike.
    public struct Circumstances: Sendable {
        /// The hash of all that the model computes by (`ModelFingerprint.computationDigest(of:)`).
        public var modelDigest: String
        /// The version of the tool.
        public var toolVersion: String
        /// How tokens are chosen.
        public var sampling: SamplingOptions
        /// The length of an answer in tokens at the most.
        public var maximumTokens: Int
        /// Whether activations are float32 everywhere.
        public var isExact: Bool
        /// Whether positions are turned by the factors for long texts, which models with two sets
        /// take for all texts of a run.
        public var takesLongFactors: Bool

        /// Keeps all of them.
        public init(
            modelDigest: String, toolVersion: String, sampling: SamplingOptions, maximumTokens: Int,
            isExact: Bool, takesLongFactors: Bool = false
        ) {
            self.modelDigest = modelDigest
            self.toolVersion = toolVersion
            self.sampling = sampling
            self.maximumTokens = maximumTokens
            self.isExact = isExact
            self.takesLongFactors = takesLongFactors
        }
    }

    /// The version of what is kept of an answer, and of how it is drawn.
    private static let format = 7

    /// The key of an answer.
    ///
    /// - Parameters:
    ///   - steering: What moves the model, its strength included; nil for nothing.
    ///   - meter: What the answer is measured with; nil for the key of its text alone.
    /// - Throws: What the encoder of the sampling throws.
    init(prompt: [TokenID], steering: String?, meter: String?, in circumstances: Circumstances) throws {
        let sampling = try Self.text(of: circumstances.sampling)
        // Two hashes of 64 bits that begin differently: millions of answers do not meet.
        text = (0..<2).map { lane in
            var hash = XXHash64()
            hash.add(lane)
            hash.add(Self.format)
            for field in [
                circumstances.modelDigest, circumstances.toolVersion, steering ?? "", meter ?? "", sampling,
                "\(circumstances.maximumTokens) \(circumstances.isExact) \(circumstances.takesLongFactors)",
            ] {
                hash.add(field)
            }
            hash.add(prompt.count)
            for token in prompt { hash.add(token.index) }
            return XXHash64.hexadecimal(hash.value)
        }.joined()
    }

    /// All options by their names, whichever there are: an option that a list here forgot would bring old
    /// answers back. Numbers are written by the shortest decimals that read as them, the same on every run.
    private static func text(of sampling: SamplingOptions) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // What is no number is refused where it is sampled with.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(sampling), as: UTF8.self)
    }

    /// The name of a run: equal for runs of equal answers in equal order.
    public static func run(of places: [(cell: SweepCell, key: AnswerKey)]) -> String {
        var hash = XXHash64()
        for place in places { hash.add(place.key.text) }
        return XXHash64.hexadecimal(hash.value)
    }

    /// A key that was kept.
    public init(text: String) {
        self.text = text
    }
}

extension ControlVector {
    /// The hash of what it adds and where: 16 hexadecimal digits.
    public var digest: String {
        var hash = XXHash64()
        for layer in layers {
            hash.add(layer.rawValue)
            (self[layer] ?? []).withUnsafeBytes { hash.update($0) }
        }
        return XXHash64.hexadecimal(hash.value)
    }
}
