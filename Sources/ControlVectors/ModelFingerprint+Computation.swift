public import GGUF

extension ModelFingerprint {
    /// The hash of all in a model's file that decides what it computes and where its answers end: `digest`,
    /// the tokenizer, and every key of the architecture, as the rotary base and the norms' epsilon. Results
    /// on the model are kept under it.
    ///
    /// `digest` does not cover the keys: a file whose metadata were put right is still the model
    /// that its vectors are known by.
    ///
    /// - Parameter file: The one that this is the fingerprint of.
    public func computationDigest(of file: any ModelSource) -> String {
        XXHash64.text { hash in
            hash.add(digest)
            hash.add(architecture)
            hash.add(tokenizerHash ?? "")
            let entries = file.metadata.entries.filter { $0.key.utf8.starts(with: "\(architecture).".utf8) }
            for entry in entries.sorted(by: { $0.key < $1.key }) {
                hash.add(entry.key)
                hash.add(entry.value)
            }
        }
    }
}
