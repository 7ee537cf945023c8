/// Some directions of the residual stream that stand at right angles to each other.
public struct Subspace: Sendable, Equatable {
    /// The directions, each of length 1. [dimension, width]
    public let basis: [[Float]]

    /// How many directions there are.
    public var dimension: Int { basis.count }

    /// How many values a hidden state has.
    public var width: Int { basis[0].count }

    /// The most directions that a subspace may have.
    public static let greatestDimension = 64

    /// What is spanned by some vectors, made orthonormal in their order (Gram and Schmidt,
    /// twice, in float64): the first keeps its direction, and each later one loses what it has
    /// in common with those before it.
    ///
    /// - Throws: `invalidSetting` for no vectors, too many, different widths, numbers that are not finite,
    ///   and vectors that lie within what those before them span.
    public init(spanning vectors: [[Float]]) throws(TransformerError) {
        guard (1...Self.greatestDimension).contains(vectors.count), let width = vectors.first?.count,
            width > 0
        else {
            throw .invalidSetting(
                name: "the dimension of a subspace", found: "\(vectors.count)",
                expected: "1-\(Self.greatestDimension)")
        }
        var basis: [[Double]] = []
        for (index, vector) in vectors.enumerated() {
            let name = "vector \(index) of a subspace"
            guard vector.count == width else {
                throw .invalidSetting(name: name, found: "\(vector.count) values", expected: "\(width)")
            }
            guard vector.allSatisfy(\.isFinite) else {
                throw .invalidSetting(name: name, found: "not finite", expected: "finite values")
            }
            var rest = vector.map(Double.init)
            let length = Self.length(rest)
            // Twice: what rounding has left of the earlier directions goes with the second pass.
            for earlier in basis + basis {
                let share = zip(rest, earlier).reduce(0) { $0 + $1.0 * $1.1 }
                for place in rest.indices { rest[place] -= share * earlier[place] }
            }
            let left = Self.length(rest)
            guard left > 1e-6 * length else {
                throw .invalidSetting(
                    name: name, found: length > 0 ? "within what the others span" : "zero",
                    expected: "a direction of its own")
            }
            basis.append(rest.map { $0 / left })
        }
        self.basis = basis.map { $0.map(Float.init) }
    }

    /// Directions that are orthonormal already, up to rounding; nil for others.
    private init?(orthonormal basis: [[Float]]) {
        guard (1...Self.greatestDimension).contains(basis.count),
            basis.allSatisfy({ $0.count == basis[0].count })
        else { return nil }
        for (index, direction) in basis.enumerated() {
            for (place, other) in basis[...index].enumerated() {
                let product = zip(direction, other).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                guard (product - (place == index ? 1 : 0)).magnitude < 1e-6 else { return nil }
            }
        }
        self.basis = basis
    }

    private static func length(_ vector: [Double]) -> Double {
        vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
}

extension Subspace: Codable {
    /// Reads directions, and makes those orthonormal that are not.
    public init(from decoder: any Decoder) throws {
        let vectors = try decoder.singleValueContainer().decode([[Float]].self)
        if let subspace = Subspace(orthonormal: vectors) {
            self = subspace
        } else {
            try self.init(spanning: vectors)
        }
    }

    /// Writes the directions.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(basis)
    }
}
