import CKernels
import Quantization
import Testing

/// Bounds of products with weights of which a part of the bits is known.
@Suite struct DitheredBoundsTests {
    typealias Coding = BoundedCoding
    typealias Problem = BoundedProblem

    static let types: [TensorType] = [.q8_0, .q6_K, .f16, .bf16]

    /// And what rounding may add, which grows with the row.
    @Test(arguments: types, InstructionSet.interleaving)
    func boundsAreSevenAndAHalfDeviationsAboveTheMiddle(type: TensorType, instructions: Int32) throws {
        let coding = Coding(type)
        let kernels = try coding.kernels(instructions)
        var numbers = SeededNumbers(seed: 3)
        for count in coding.counts {
            let problem = Problem.random(coding, rows: 24, count, &numbers)
            let dither = problem.dither(kernels)
            #expect(dither.allSatisfy { (0..<coding.cells).contains($0) })
            let (products, bounds, closer) = problem.results(kernels)
            for row in 0..<24 {
                for (bound, isCloser) in [(bounds[row], false), (closer[row], true)] {
                    let (product, middle, deviation) = problem.expected(
                        row: row, isCloser: isCloser, dither: dither)
                    #expect((Double(products[row]) - product).magnitude <= 1e-4 * deviation)
                    let deviations = (Double(bound) - middle) / deviation
                    #expect(
                        (7.5...7.6).contains(deviations),
                        "\(deviations), \(isCloser ? "closer" : "") of \(count)")
                }
            }
        }
    }

    @Test(arguments: types) func everyInstructionSetFindsTheSameBounds(type: TensorType) throws {
        let coding = Coding(type)
        var numbers = SeededNumbers(seed: 4)
        let problem = Problem.random(coding, rows: 24, coding.whole(96), &numbers)
        let all = try InstructionSet.interleaving.map { problem.results(try coding.kernels($0)) }
        for found in all.dropFirst() {
            #expect(found.bounds.identity == all[0].bounds.identity)
            #expect(found.closer.identity == all[0].closer.identity)
        }
    }

    @Test(arguments: types, BoundedWeights.allCases)
    func errorsSpreadAsTheirDeviationSays(type: TensorType, kind: BoundedWeights) throws {
        let coding = Coding(type)
        let kernels = try coding.kernels(tl_best_instruction_set())
        let count = coding.whole(320)
        var numbers = SeededNumbers(seed: 5)
        var errors: [Double] = []
        for _ in 0..<8 {
            var activations = numbers.normal(count)
            activations[7] *= 20
            let weights = (0..<64).map { _ in kind.row(coding, pushing: activations, &numbers) }
            let problem = Problem(coding, weights: weights, activations: activations)
            let dither = problem.dither(kernels)
            for row in weights.indices {
                for isCloser in [false, true] {
                    let (product, middle, deviation) = problem.expected(
                        row: row, isCloser: isCloser, dither: dither)
                    errors.append((product - middle) / deviation)
                }
            }
            let (products, bounds, closer) = problem.results(kernels)
            #expect(zip(products, zip(bounds, closer)).allSatisfy { $0 <= $1.0 && $0 <= $1.1 })
        }
        #expect(errors.allSatisfy { $0.magnitude < 4.5 }, "\(errors.max() ?? 0)")
        // Rows share what was drawn for their columns, so their errors are not independent of each other.
        let square = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
        #expect((0.2...3).contains(square), "\(square)")
    }

    @Test(arguments: [TensorType.q8_0, .q6_K], InstructionSet.interleaving)
    func aRowThatIsNotFiniteHasNoBound(type: TensorType, instructions: Int32) throws {
        let coding = Coding(type)
        let count = 2 * coding.blockSize
        for scale in [Float16.infinity, -.infinity, .nan] {
            let problem = Problem(
                coding, weights: .init(repeating: .init(repeating: 3, count: count), count: 8),
                scales: (0..<8).map { row in (0..<2).map { $0 == 1 && row == 3 ? scale : 0.5 } },
                activations: (0..<count).map { Float($0) - 20 })
            let (_, bounds, closer) = problem.results(try coding.kernels(instructions))
            for row in 0..<8 {
                #expect((bounds[row] < .greatestFiniteMagnitude) == (row != 3))
                #expect((closer[row] < .greatestFiniteMagnitude) == (row != 3))
            }
        }
    }

    /// Activations so small that their squares are no floats any more.
    @Test(arguments: types) func smallActivationsKeepTheirBounds(type: TensorType) throws {
        let coding = Coding(type)
        var numbers = SeededNumbers(seed: 6)
        for size: Float in [1e-10, 1e-20, 1e-25, 0] {
            let count = coding.whole(96)
            let weights = (0..<64).map { _ in
                (0..<count).map { _ in Int.random(in: coding.least...coding.most, using: &numbers) }
            }
            let problem = Problem(coding, weights: weights, activations: numbers.normal(count, scale: size))
            let (products, bounds, closer) = problem.results(try coding.kernels(tl_best_instruction_set()))
            #expect(zip(products, zip(bounds, closer)).allSatisfy { $0 <= $1.0 && $0 <= $1.1 })
        }
    }
}
