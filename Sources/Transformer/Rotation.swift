/// An element of SO(n): a rotation of n coordinates, as the exponential of a skew-symmetric matrix.
///
/// The generator says for each pair of axes i < j by how many radians i turns towards j. In a
/// plane that is the rotation by an angle; in more dimensions turns do not commute, and the
/// exponential makes them all at once.
public struct Rotation: Sendable, Equatable {
    /// The turns of the pairs (0,1), (0,2) … (0,n−1), (1,2) …, in radians. [n (n − 1) / 2]
    public let generator: [Double]
    /// How many coordinates there are.
    public let dimension: Int
    /// exp(generator), row-major. [n, n]
    public let matrix: [Double]

    /// A turn in a plane, from the first axis towards the second, in radians.
    ///
    /// - Throws: `invalidSetting` where the angle is not a number that can be turned by.
    public init(angle: Double) throws(TransformerError) {
        try self.init(dimension: 2, generator: [angle])
    }

    /// A rotation of `dimension` coordinates.
    ///
    /// - Throws: `invalidSetting` for a generator of another length, or beyond 1,000 radians.
    public init(dimension: Int, generator: [Double]) throws(TransformerError) {
        guard (2...Subspace.greatestDimension).contains(dimension) else {
            throw .invalidSetting(
                name: "the dimension of a rotation", found: "\(dimension)",
                expected: "2-\(Subspace.greatestDimension)")
        }
        guard generator.count == dimension * (dimension - 1) / 2 else {
            throw .invalidSetting(
                name: "the generator of a rotation", found: "\(generator.count) angles",
                expected: "\(dimension * (dimension - 1) / 2), one for each pair of \(dimension) axes")
        }
        guard let wrong = generator.first(where: { !($0.magnitude <= Self.greatestAngle) }) else {
            self.dimension = dimension
            self.generator = generator
            matrix = Self.exponential(Self.skew(generator, dimension), dimension)
            return
        }
        throw .invalidSetting(
            name: "an angle", found: "\(wrong)", expected: "radians from −1,000 to 1,000")
    }

    private init(scaling other: Rotation, by factor: Double) {
        dimension = other.dimension
        generator = other.generator.map { $0 * factor }
        matrix = Self.exponential(Self.skew(generator, dimension), dimension)
    }

    /// The same turn, a share of it far, and backwards below 0. `factor`: −1…1, for more could go
    /// beyond what can be turned by.
    func scaled(by factor: Double) -> Rotation {
        precondition(factor.magnitude <= 1, "\(factor) of a turn is no share of it")
        return Rotation(scaling: self, by: factor)
    }

    /// Whether nothing turns.
    public var isIdentity: Bool { generator.allSatisfy { $0 == 0 } }

    /// The largest element of RᵀR − 1, in size: how far rounding has led away from a rotation.
    public var orthogonalityError: Double {
        var largest = 0.0
        for row in 0..<dimension {
            for column in 0..<dimension {
                var sum = row == column ? -1.0 : 0
                for place in 0..<dimension {
                    sum += matrix[place * dimension + row] * matrix[place * dimension + column]
                }
                largest = max(largest, sum.magnitude)
            }
        }
        return largest
    }

    private static let greatestAngle = 1000.0

    /// The skew-symmetric matrix whose exponential turns axis i towards axis j: element (j, i) is the
    /// angle, (i, j) its negative.
    private static func skew(_ generator: [Double], _ dimension: Int) -> [Double] {
        var matrix = [Double](repeating: 0, count: dimension * dimension)
        var next = 0
        for first in 0..<dimension {
            for second in first + 1..<dimension {
                matrix[second * dimension + first] = generator[next]
                matrix[first * dimension + second] = -generator[next]
                next += 1
            }
        }
        return matrix
    }

    /// Scaling and squaring: the matrix is halved until its rows sum to 1/2 at the most, where fifteen terms
    /// of the series leave less than 2⁻⁵², and the result is squared as often.
    private static func exponential(_ matrix: [Double], _ dimension: Int) -> [Double] {
        let rowSums = (0..<dimension).map { row in
            matrix[row * dimension..<(row + 1) * dimension].reduce(0) { $0 + $1.magnitude }
        }
        var halvings = 0
        var scale = 1.0
        while (rowSums.max() ?? 0) * scale > 0.5 {
            scale /= 2
            halvings += 1
        }
        let small = matrix.map { $0 * scale }
        let identity = (0..<dimension * dimension).map { $0 % (dimension + 1) == 0 ? 1.0 : 0 }
        // Horner: 1 + A (1 + A/2 (1 + A/3 (…)))
        var result = identity
        for term in stride(from: 15.0, through: 1, by: -1) {
            result = zip(identity, product(small, result, dimension)).map { $0 + $1 / term }
        }
        for _ in 0..<halvings { result = product(result, result, dimension) }
        return result
    }

    private static func product(_ left: [Double], _ right: [Double], _ dimension: Int) -> [Double] {
        var result = [Double](repeating: 0, count: dimension * dimension)
        for row in 0..<dimension {
            for place in 0..<dimension {
                let factor = left[row * dimension + place]
                if factor == 0 { continue }
                for column in 0..<dimension {
                    result[row * dimension + column] += factor * right[place * dimension + column]
                }
            }
        }
        return result
    }
}

extension Rotation: Codable {
    private enum CodingKeys: CodingKey { case dimension, generator }

    /// Reads a generator, and computes its exponential.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            dimension: container.decode(Int.self, forKey: .dimension),
            generator: container.decode([Double].self, forKey: .generator))
    }

    /// Writes the generator.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(dimension, forKey: .dimension)
        try container.encode(generator, forKey: .generator)
    }
}
