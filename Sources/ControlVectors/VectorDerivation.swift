import Terms

/// Which vectors a vector was made of, and how: the last step alone. How those were made is in their own
/// files, which their digests tell from others of the same name.
public enum VectorDerivation: Sendable, Equatable {
    /// A weighted sum, in the order in which vectors were given; orthogonalized where each first lost what it
    /// had in common with those before it, which those of weight 0 take part in.
    case sum([Term], isOrthogonalized: Bool)
    /// The same directions a number of layers later; earlier below 0.
    case shift(Parent, layers: Int)

    /// A vector that another was made of.
    public struct Parent: Sendable, Equatable {
        /// Its file's name, without the folder.
        public var name: String
        /// Its `ControlVector.directionsDigest`.
        public var digest: String

        /// Keeps both.
        public init(name: String, digest: String) {
            self.name = name
            self.digest = digest
        }

        /// A vector, and the file that it was read from.
        public init(_ vector: ControlVector, path: String) {
            self.init(
                name: path.split(separator: "/").last.map(String.init) ?? path,
                digest: vector.directionsDigest)
        }
    }

    /// A vector and what it was multiplied by.
    public struct Term: Sendable, Equatable {
        /// The vector.
        public var parent: Parent
        /// What it was multiplied by.
        public var weight: Float

        /// Keeps both.
        public init(_ parent: Parent, weight: Float) {
            self.parent = parent
            self.weight = weight
        }
    }

    /// What the file calls the step: the command that does it.
    public var operation: String {
        switch self {
        case .sum: "combine"
        case .shift: "shift"
        }
    }

    /// The vectors that it was made of, in their order.
    public var parents: [Parent] {
        switch self {
        case .sum(let terms, _): terms.map(\.parent)
        case .shift(let parent, _): [parent]
        }
    }
}

extension ControlVector {
    /// Covers the directions and their layers bit for bit, and nothing else: a calibration that is written
    /// into the file leaves it as it is.
    public var directionsDigest: String {
        XXHash64.text { hash in
            for layer in layers {
                hash.add(layer.rawValue)
                (directions[layer] ?? []).withUnsafeBytes { hash.add($0) }
            }
        }
    }
}
