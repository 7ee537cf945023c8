public import GGUF
import Quantization

/// Goals, in order: a fingerprint of the same model is always the same; a changed tensor, tokenizer or
/// template changes it; it costs milliseconds, whatever the size of the file, because every load takes one.
///
/// Every hash is XXH64 of a stream of fields. A number is 8 bytes, little-endian; a text or a run of bytes
/// has its length before it, so that no two streams of fields read alike. Fields are in the order of their
/// names, not of the file, so that a rewritten file keeps its fingerprint.
extension ModelFingerprint {
    /// Takes the fingerprint of an open model file.
    ///
    /// - Throws: `container` where the architecture, its `embedding_length` or its `block_count` are missing.
    public init(of file: any ModelSource) throws(ControlVectorError) {
        let metadata = file.metadata
        self = try containing { () throws(GGUFError) in
            let architecture = try metadata.string(ModelKey.architecture)
            let template = try metadata.stringIfPresent(TokenizerKey.chatTemplate)
            return ModelFingerprint(
                architecture: architecture,
                name: try metadata.stringIfPresent(TokenizerKey.modelName),
                hiddenSize: try metadata.integer(ModelKey.hiddenSize(architecture)),
                layerCount: try metadata.integer(ModelKey.layerCount(architecture)),
                vocabularySize: try Self.vocabularySize(file),
                tokenizerHash: Self.tokenizerHash(metadata),
                chatTemplateHash: template.map { template in
                    XXHash64.text { $0.add(template) }
                },
                fileType: try metadata.integerIfPresent(ModelKey.fileType).flatMap {
                    UInt32(exactly: $0).map(Int.init)
                },
                normHash: Self.normHash(file),
                digest: Self.digest(file))
        }
        computationDigest = computationDigest(of: file)
    }

    /// The rows of the embedding, which may be more than the tokenizer has tokens; without an embedding the
    /// tokens.
    private static func vocabularySize(_ file: any ModelSource) throws(GGUFError) -> Int {
        if let embedding = file.tensor(ModelKey.embedding), embedding.shape.count == 2 {
            return embedding.shape[1]
        }
        return try file.metadata.arrayIfPresent(TokenizerKey.tokens)?.count ?? 0
    }

    /// Every `tokenizer.*` key but the chat templates, and every `tiller.tokenizer.*`
    /// key: key, type and value.
    private static func tokenizerHash(_ metadata: GGUFMetadata) -> String? {
        let entries = metadata.entries.filter {
            $0.key.utf8.starts(with: ModelKey.tokenizerPrefix.utf8)
                && !$0.key.utf8.starts(with: TokenizerKey.chatTemplate.utf8)
                || $0.key.utf8.starts(with: TokenizerKey.extensionPrefix.utf8)
        }
        guard !entries.isEmpty else { return nil }
        return XXHash64.text { hash in
            for entry in entries.sorted(by: { $0.key < $1.key }) {
                hash.add(entry.key)
                hash.add(entry.value)
            }
        }
    }

    /// The float32 tensors named `*_norm.weight`, whole: a few hundred kB in the largest models.
    ///
    /// A fine-tune that leaves the norms as they were (a merged LoRA) has the same hash; it cannot be told
    /// from another quantisation of its base, and vectors of the base mostly work on it.
    private static func normHash(_ file: any ModelSource) -> String? {
        let norms = file.tensors
            .filter {
                $0.type == .f32 && $0.name.utf8.reversed().starts(with: "_norm.weight".utf8.reversed())
            }
            .sorted { $0.name < $1.name }
        guard !norms.isEmpty else { return nil }
        return XXHash64.text { hash in
            for norm in norms {
                hash.add(norm.name)
                hash.add(file.bytes(of: norm))
            }
        }
    }

    /// Name, shape, type and a sample of every tensor: all of it up to 12 KiB, else the first, the middle and
    /// the last 4 KiB.
    ///
    /// Training and quantising change a tensor nearly everywhere, so the sample sees them; a single altered
    /// number in between it does not. All of a 12 GB file would take seconds and read every page of it.
    private static func digest(_ file: any ModelSource) -> String {
        let piece = 4096
        return XXHash64.text { hash in
            for tensor in file.tensors.sorted(by: { $0.name < $1.name }) {
                hash.add(tensor.name)
                hash.add(tensor.shape.count)
                for dimension in tensor.shape { hash.add(dimension) }
                hash.add(Int(tensor.type.rawValue))
                let bytes = file.bytes(of: tensor)
                if bytes.count <= 3 * piece {
                    hash.add(bytes)
                } else {
                    for start in [0, (bytes.count - piece) / 2, bytes.count - piece] {
                        hash.add(UnsafeRawBufferPointer(rebasing: bytes[start..<start + piece]))
                    }
                }
            }
        }
    }
}

/// The keys and tensors of a model file that its fingerprint is taken from, beside those of its tokenizer.
private enum ModelKey {
    static let architecture = "general.architecture"
    static let fileType = "general.file_type"
    static let tokenizerPrefix = "tokenizer."
    static let embedding = "token_embd.weight"

    static func hiddenSize(_ architecture: String) -> String { "\(architecture).embedding_length" }
    static func layerCount(_ architecture: String) -> String { "\(architecture).block_count" }
}
