import LinearAlgebra
import Terms

@testable import Steering

/// Hidden states in which the answer is known: a common part per pair, ±half of a trait along one direction,
/// a nuisance along another, and noise.
struct Planted {
    var pairs = 40
    var hiddenSize = 64
    /// Positive minus negative along the trait.
    var separation = 2.0
    /// The standard deviation of a zero-mean difference along the nuisance direction.
    var nuisance = 0.0
    var noise = 0.02
    var seed: UInt64 = 1

    let trait = 3
    let nuisanceAxis = 17

    /// [pairs, hiddenSize] each
    func sides() -> (positive: Matrix, negative: Matrix) {
        var random = RandomSource(seed: seed)
        func gaussian() -> Double {
            // The sum of twelve uniform numbers: close enough to normal, and has no tails.
            (0..<12).reduce(-6.0) { sum, _ in sum + Double(random.next() >> 11) * 0x1p-53 }
        }
        var positive: [Float] = []
        var negative: [Float] = []
        for _ in 0..<pairs {
            let swing = gaussian() * nuisance
            for column in 0..<hiddenSize {
                let common = gaussian() * 3
                var difference = gaussian() * noise
                if column == trait { difference += separation }
                if column == nuisanceAxis { difference += swing }
                positive.append(Float(common + difference / 2))
                negative.append(Float(common - difference / 2))
            }
        }
        return (matrix(positive), matrix(negative))
    }

    private func matrix(_ elements: [Float]) -> Matrix {
        Matrix(rows: pairs, columns: hiddenSize) { buffer in
            for (index, element) in elements.enumerated() { buffer[index] = element }
        }
    }
}
