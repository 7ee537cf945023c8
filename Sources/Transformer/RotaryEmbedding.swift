import Glibc

/// Rotary position embedding (Su et al., 2021): each pair of a head's values is turned by an angle that grows
/// with the position, θ_i(p) = p · base^(−2i / dimensionCount).
///
/// Angles are computed in float64 once per position and kept: at position 8,000 a float32
/// angle would be off by 5e-4.
struct RotaryEmbedding {
    /// Which two values of a head are turned together.
    enum Pairing: Equatable {
        /// (2i, 2i + 1): files of the `llama` architecture, whose rows the converter has permuted.
        case adjacent
        /// (i, i + dimensionCount / 2): everybody else, called NeoX style.
        case halves
    }

    let pairing: Pairing
    /// How many of a head's values are turned; the rest pass through.
    let dimensionCount: Int
    /// The angle of each pair at position 1. [dimensionCount / 2]
    let frequencies: [Double]
    /// What is turned is multiplied by this.
    let magnitude: Double

    /// cos and sin side by side. [positions, dimensionCount / 2, 2]
    private(set) var table: [Float] = []

    init(pairing: Pairing, settings: RotarySettings, factors: [Float]?) {
        self.pairing = pairing
        dimensionCount = settings.dimensionCount
        frequencies = settings.frequencies(factors: factors)
        magnitude = settings.magnitude
    }

    /// Makes sure that the angles of positions `0 ..< count` are there.
    mutating func prepare(positions count: Int) {
        let width = dimensionCount
        guard width > 0 else { return }
        let first = table.count / width
        guard count > first else { return }
        let target = max(count, min(2 * first, first + 1024))
        table.reserveCapacity(target * width)
        for position in first..<target {
            for frequency in frequencies {
                let angle = Double(position) * frequency
                table.append(Float(magnitude * cos(angle)))
                table.append(Float(magnitude * sin(angle)))
            }
        }
    }

    /// Turns the heads of one row in place. `heads`: [headCount, headSize]
    func turn(_ heads: UnsafeMutablePointer<Float>, headCount: Int, headSize: Int, position: Int) {
        let half = dimensionCount / 2
        table.withUnsafeBufferPointer { table in
            let angles = table.baseAddress.unsafelyUnwrapped + position * dimensionCount
            for head in 0..<headCount {
                let values = heads + head * headSize
                switch pairing {
                case .adjacent:
                    for index in 0..<half {
                        Self.turn(values + 2 * index, values + 2 * index + 1, angles + 2 * index)
                    }
                case .halves:
                    for index in 0..<half {
                        Self.turn(values + index, values + index + half, angles + 2 * index)
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func turn(
        _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>,
        _ angle: UnsafePointer<Float>
    ) {
        let (x, y) = (first.pointee, second.pointee)
        first.pointee = x * angle[0] - y * angle[1]
        second.pointee = x * angle[1] + y * angle[0]
    }
}
