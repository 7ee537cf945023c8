import Terms

/// The same numbers in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var source: RandomSource

    init(seed: UInt64) { source = RandomSource(seed: seed) }

    mutating func next() -> UInt64 { source.next() }

    /// Values of about normal distribution.
    mutating func normal(_ count: Int, scale: Float = 1) -> [Float] {
        (0..<count).map { _ in
            let sum = (0..<6).reduce(Float(0)) { total, _ in total + Float.random(in: -1...1, using: &self) }
            return sum * 0.7 * scale
        }
    }
}

/// Lengths around every vector width.
let awkwardLengths = [0, 1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 63, 67, 127, 129, 193, 255, 1023]
