import CKernels
import Quantization
import Testing

/// Bounds of products with a column of which a share of another one, whose products are
/// known, has been taken away.
@Suite struct CentredBoundsTests {
    typealias Coding = BoundedCoding
    typealias Problem = BoundedProblem

    /// Columns that have a share of one in common, and what each has for itself.
    private static func columns(
        _ count: Int, common: Float, own: Float, _ numbers: inout SeededNumbers
    ) -> (mean: [Float], column: [Float]) {
        var mean = numbers.normal(count)
        mean[7] = 20
        return (mean, zip(mean, numbers.normal(count)).map { common * $0 + own * $1 })
    }

    /// Every integer is one of the two next to what is left, and on average nothing is lost.
    @Test(arguments: DitheredBoundsTests.types) func whatIsLeftOfAColumnIsRoundedByChance(
        type: TensorType
    ) throws {
        let coding = Coding(type)
        let kernels = try coding.kernels(tl_best_instruction_set())
        var numbers = SeededNumbers(seed: 8)
        let count = try #require(coding.counts.last)
        var errors: [Double] = []
        for common: Float in [-1, 0.01, 0.5, 3] {
            let (mean, column) = Self.columns(count, common: common, own: 0.7, &numbers)
            let problem = Problem.random(coding, rows: 8, count, &numbers).with(activations: column)
            let base = problem.with(activations: mean)
            let left = problem.centred(on: base, kernels)
            let along = (0..<count).reduce(0) { $0 + problem.activation($1) * base.activation($1) }
            let length = (0..<count).reduce(0) { $0 + base.activation($1) * base.activation($1) }
            #expect(
                (Double(left.share) - along / length).magnitude <= 1e-6 * max(1, (along / length).magnitude))
            for index in 0..<count {
                let exact = problem.activation(index) - Double(left.share) * base.activation(index)
                errors.append(exact / left.scales[index / 32] - Double(left.quants[index]))
            }
        }
        #expect(errors.allSatisfy { $0.magnitude < 1 })
        #expect(errors.contains { $0.magnitude > 0.7 })
        // Of 8,192 errors or more whose deviation is 0.41 the mean deviates by 0.0045.
        #expect((errors.reduce(0, +) / Double(errors.count)).magnitude < 0.02)
        #expect((errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count) - 1.0 / 6).magnitude < 0.02)
    }

    /// Of the dither's error and of the rounding's, whose weights are as large as they can be, together.
    @Test(arguments: DitheredBoundsTests.types, InstructionSet.interleaving)
    func centredBoundsAreSevenAndAHalfDeviationsAboveTheMiddle(type: TensorType, instructions: Int32) throws {
        let coding = Coding(type)
        let kernels = try coding.kernels(instructions)
        var numbers = SeededNumbers(seed: 9)
        for count in coding.counts {
            let rows = Problem.random(coding, rows: 24, count, &numbers)
            let (mean, column) = Self.columns(count, common: 0.9, own: 0.5, &numbers)
            let (problem, base) = (rows.with(activations: column), rows.with(activations: mean))
            let dither = problem.dither(kernels)
            let left = problem.centred(on: base, kernels)
            for row in 0..<24 {
                #expect(left.products[row] <= left.bounds[row] && left.products[row] <= left.closer[row])
                for (bound, isCloser) in [(left.bounds[row], false), (left.closer[row], true)] {
                    let cells = coding.left(isCloser: isCloser)
                    var (middle, square) = (Double(left.share) * base.product(row: row), 0.0)
                    for index in 0..<count {
                        let unit = left.scales[index / 32] * problem.scale(row, index)
                        let taken = problem.taken(row, index, isCloser: isCloser, dither: dither)
                        middle += unit * Double(left.quants[index]) * taken
                        let exact = problem.activation(index) - Double(left.share) * base.activation(index)
                        let further = (exact / left.scales[index / 32]).magnitude.rounded(.down) + 1
                        square += unit * unit * further * further * Double(cells * cells - 1) / 12
                        square += unit * unit * coding.largest * coding.largest / 4
                    }
                    let deviations = (Double(bound) - middle) / square.squareRoot()
                    #expect((7.5...7.65).contains(deviations), "\(deviations), \(cells) cells of \(count)")
                }
            }
        }
    }

    /// The weights of errorsSpreadAsTheirDeviationSays, and columns of which nearly all is the
    /// mean, half of it and nothing.
    @Test(arguments: DitheredBoundsTests.types, BoundedWeights.allCases)
    func noProductIsAboveItsCentredBound(type: TensorType, kind: BoundedWeights) throws {
        let coding = Coding(type)
        let kernels = try coding.kernels(tl_best_instruction_set())
        var numbers = SeededNumbers(seed: 10)
        for (common, own): (Float, Float) in [(1, 0.01), (1, 1), (0, 1), (1, 0)] {
            let (mean, column) = Self.columns(coding.whole(320), common: common, own: own, &numbers)
            let left = zip(column, mean).map { $0 - common * $1 }
            let weights = (0..<64).map { _ in kind.row(coding, pushing: left, &numbers) }
            let problem = Problem(coding, weights: weights, activations: column)
            let found = problem.centred(on: problem.with(activations: mean), kernels)
            let plain = problem.results(kernels)
            for row in weights.indices {
                #expect(found.products[row] <= found.bounds[row] && found.products[row] <= found.closer[row])
                // Where the mean is most of a column, bounds are much nearer.
                guard common == 1, own < 1 else { continue }
                #expect(
                    found.bounds[row] - found.products[row] < 0.7 * (plain.bounds[row] - found.products[row]))
            }
        }
    }

    @Test(arguments: DitheredBoundsTests.types) func columnsThatAreNotFiniteHaveNoCentredBounds(
        type: TensorType
    ) throws {
        let coding = Coding(type)
        let kernels = try coding.kernels(tl_best_instruction_set())
        var numbers = SeededNumbers(seed: 11)
        let count = coding.whole(64)
        let rows = Problem.random(coding, rows: 8, count, &numbers)
        var broken = numbers.normal(count)
        broken[40] = .nan
        let sound = numbers.normal(count)
        for (column, mean) in [(broken, sound), (sound, broken)] {
            let left = rows.with(activations: column).centred(on: rows.with(activations: mean), kernels)
            for row in 0..<8 {
                #expect(!(left.bounds[row] < .greatestFiniteMagnitude))
                #expect(!(left.closer[row] < .greatestFiniteMagnitude))
            }
        }
        // Without a mean the column is what is left.
        let whole = rows.with(activations: sound)
        let left = whole.centred(on: rows.with(activations: .init(repeating: 0, count: count)), kernels)
        #expect(left.share == 0)
        #expect(zip(left.products, left.bounds).allSatisfy { $0 <= $1 })
    }
}
