/// What tells one model from another, and a quantisation of a model from the model.
///
/// Hashes are texts that name their algorithm, `xxh64:0123456789abcdef`; what each covers is said where it is
/// made (`ModelFingerprint+File.swift`). They find accidents, not forgeries.
public struct ModelFingerprint: Sendable, Hashable, Codable {
    /// The architecture, as GGUF names it: `llama`, `qwen2`.
    public var architecture: String
    /// The name that the file gives itself.
    public var name: String?
    /// The width of the residual stream.
    public var hiddenSize: Int
    /// The number of transformer blocks.
    public var layerCount: Int
    /// The number of rows of the embedding.
    public var vocabularySize: Int
    /// Covers the vocabulary, the merges and the special tokens; nil where the file has no tokenizer.
    public var tokenizerHash: String?
    /// Covers the chat template; nil where the file has none.
    public var chatTemplateHash: String?
    /// llama.cpp's number of the quantisation recipe (`general.file_type`); nil where the file has none.
    public var fileType: Int?
    /// Covers the float32 norm tensors, which every quantisation of the same weights keeps bit for bit; nil
    /// where there are none.
    public var normHash: String?
    /// Covers names, shapes, types and samples of the contents of all tensors.
    public var digest: String
    /// Covers all that decides what the model computes (`ModelFingerprint+Computation.swift`); nil where a
    /// vector does not say it, as those of earlier builds.
    public var computationDigest: String?

    /// Puts a fingerprint together from its parts.
    public init(
        architecture: String, name: String?, hiddenSize: Int, layerCount: Int, vocabularySize: Int,
        tokenizerHash: String?, chatTemplateHash: String?, fileType: Int?, normHash: String?, digest: String,
        computationDigest: String? = nil
    ) {
        self.architecture = architecture
        self.name = name
        self.hiddenSize = hiddenSize
        self.layerCount = layerCount
        self.vocabularySize = vocabularySize
        self.tokenizerHash = tokenizerHash
        self.chatTemplateHash = chatTemplateHash
        self.fileType = fileType
        self.normHash = normHash
        self.digest = digest
        self.computationDigest = computationDigest
    }

    /// For example `qwen2, 64 layers × 5120`.
    public var summary: String { "\(architecture), \(layerCount) layers × \(hiddenSize)" }

    /// llama.cpp's name of the quantisation recipe, as `Q4_K_M`; nil where it is not known.
    public var fileTypeName: String? { fileType.flatMap { Self.fileTypeNames[$0] } }

    /// llama.h, `enum llama_ftype`.
    private static let fileTypeNames: [Int: String] = [
        0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
        12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
        19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL",
        26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16",
        36: "TQ1_0",
        37: "TQ2_0", 38: "MXFP4_MOE",
    ]
}
