import CKernels
import Quantization
import Testing

/// Bounds of products with weights of which a part of the bits is known.
@Suite struct DitheredBoundsTests {
    /// A type in two parts: the integers that its weights are, and of how many neighbouring ones the first part says one thing.
    private struct Coding {
        let type: TensorType
        let least: Int
        let most: Int
        let cells: Int

        init(_ type: TensorType) {
            self.type = type
            (least, most, cells) = type == .q8_0 ? (-128, 127, 18) : (-2047, 2047, 274)
        }

        func kernels(_ instructions: Int32) throws -> tl_parted_kernels {
            try #require(tl_parted_kernels_for(type.rawValue, instructions)).pointee
        }
    }

    /// Rows of weights, in whole groups of eight, and one column of activations.
    private struct Problem {
        let coding: Coding
        let count: Int
        /// The rows in the type's own bytes.
        private let rows: [[UInt8]]
        /// The integers that they are coded as, and the scale of each 32. [rows, count], [rows, count / 32]
        private var integers: [[Int]] = []
        private var scales: [[Double]] = []
        private var quants: [Int8]
        private var quants16: [Int16]
        private var activationScales: [Float]
        private var activationScales16: [Float]

        /// - Parameter weights: Integers between the least and the most of the type.
        /// - Parameter scales: Of each 32 weights, for Q8_0; those of fixed point follow from the weights.
        init(_ coding: Coding, weights: [[Int]], scales given: [[Float16]]? = nil, activations: [Float]) {
            self.coding = coding
            count = activations.count
            let groups = count / 32
            quants = [Int8](repeating: 0, count: count)
            quants16 = [Int16](repeating: 0, count: count)
            activationScales = [Float](repeating: 0, count: groups)
            activationScales16 = activationScales
            var sums = [Int16](repeating: 0, count: 2 * groups)
            tl_quantize_activations(activations, &quants, &activationScales, &sums, count)
            tl_quantize_activations16(activations, &quants16, &activationScales16, count)
            if coding.type == .q8_0 {
                let halves = given ?? weights.map { _ in .init(repeating: 0.01, count: groups) }
                rows = zip(weights, halves).map { row, halves in
                    (0..<groups).flatMap { group -> [UInt8] in
                        Self.bytes(halves[group].bitPattern)
                            + row[32 * group..<32 * group + 32].map { UInt8(bitPattern: Int8($0)) }
                    }
                }
                integers = weights
                scales = halves.map { $0.map(Double.init) }
            } else {
                let isHalf = coding.type == .f16
                let values = weights.map { row in
                    row.map { weight -> Float in
                        let value = Float(weight) / 2048
                        return isHalf ? value : Float(bitPattern: value.bitPattern & 0xFFFF_0000)
                    }
                }
                rows = values.map { row in
                    row.flatMap {
                        Self.bytes(isHalf ? Float16($0).bitPattern : UInt16($0.bitPattern >> 16))
                    }
                }
                for row in values {
                    let coded = FixedPoint.scales(row).map { ($0 ?? .nan) / 2048 }
                    integers.append(
                        zip(FixedPoint.weights(row), row.indices).map { Int(($0 / coded[$1 / 32]).rounded()) }
                    )
                    scales.append(coded)
                }
            }
        }

        private static func bytes(_ word: UInt16) -> [UInt8] { [UInt8(word & 0xFF), UInt8(word >> 8)] }

        /// Products as the kernels compute them, their bounds by the first part, and the closer ones. [rows]
        func results(_ kernels: tl_parted_kernels) -> (products: [Float], bounds: [Float], closer: [Float]) {
            let groups = rows.count / 8
            var high = [UInt8](repeating: 0xAA, count: (groups + 1) / 2 * 2 * kernels.high_size(count))
            var rest = [UInt8](repeating: 0xAA, count: groups * kernels.rest_size(count))
            for group in 0..<groups {
                let bytes = rows[8 * group..<8 * group + 8].flatMap { $0 }
                kernels.pack(bytes, rows[0].count, 8, &high, &rest, group, count)
            }
            var products = [Float](repeating: .nan, count: 8 * groups)
            var (bounds, closer) = (products, products)
            withColumn { memory, column in
                kernels.multiply(high, rest, 0, groups, count, column, 1, &products, 8 * groups, 0)
                let reach = memory.room(for: Float.self, count / 32 * Int(TL_REACH))
                kernels.prepare(count, column, reach)
                kernels.bound(memory.copy(high), 0, groups, count, column, reach, &bounds)
                kernels.bound_closer(
                    memory.copy(high), memory.copy(rest), 0, groups, count, column, reach, &closer)
            }
            return (products, bounds, closer)
        }

        /// What was drawn for each column: what one activation of 1 among 32 owes says it.
        func dither(_ kernels: tl_parted_kernels) -> [Int] {
            var drawn = [Int](repeating: -1, count: count)
            for place in 0..<32 {
                var ones = self
                ones.quants = (0..<count).map { $0 % 32 == place ? 1 : 0 }
                ones.quants16 = ones.quants.map(Int16.init)
                ones.activationScales = .init(repeating: 1, count: count / 32)
                ones.activationScales16 = ones.activationScales
                var reach = [Float](repeating: .nan, count: count / 32 * Int(TL_REACH))
                ones.withColumn { kernels.prepare(count, $1, &reach) }
                for group in 0..<count / 32 {
                    let owed = Double(reach[group * 4])
                    drawn[32 * group + place] = Int(Double(coding.cells - 1) / 2 - owed) + coding.least
                }
            }
            return drawn
        }

        /// By their definition: a product, the middle of what it can be where weights are known but for so many neighbouring values, and how far
        /// it deviates from that.
        func expected(
            row: Int, cells: Int, dither: [Int]
        ) -> (product: Double, middle: Double, deviation: Double) {
            var (product, middle, square) = (0.0, 0.0, 0.0)
            for index in 0..<count {
                let scale = scales[row][index / 32]
                let activation =
                    coding.type == .q8_0
                    ? Double(quants[index]) * Double(activationScales[index / 32])
                    : Double(quants16[index]) * Double(activationScales16[index / 32])
                let weight = integers[row][index]
                let known = (weight - coding.least + dither[index]) / cells * cells
                let taken = Double(known) + Double(cells - 1) / 2 - Double(dither[index] - coding.least)
                product += activation * scale * Double(weight)
                middle += activation * scale * taken
                square += activation * activation * scale * scale
            }
            return (product, middle, (square * Double(cells * cells - 1) / 12).squareRoot())
        }

        private func withColumn(_ body: (GuardedMemory, tl_columns) -> Void) {
            let sums = (0..<count / 32).map { group in
                quants[32 * group..<32 * group + 32].reduce(Int32(0)) { $0 + Int32($1) }
            }
            GuardedMemory.with { memory in
                let column = tl_columns(
                    values: memory.copy(quants.map(Float.init)), quants: memory.copy(quants),
                    scales: memory.copy(activationScales),
                    totals: memory.copy(zip(activationScales, sums).map { $0 * Float($1) }),
                    shifts: memory.copy(sums.map { -128 * $0 }),
                    sums: memory.room(for: Int16.self, count / 16),
                    quants16: memory.copy(quants16), scales16: memory.copy(activationScales16), width: count)
                body(memory, column)
            }
        }
    }

    static let types: [TensorType] = [.q8_0, .f16, .bf16]

    private static func random(
        _ coding: Coding, rows: Int, _ count: Int, _ numbers: inout SeededNumbers
    ) -> Problem {
        Problem(
            coding,
            weights: (0..<rows).map { _ in
                (0..<count).map { _ in Int.random(in: coding.least...coding.most, using: &numbers) }
            },
            scales: (0..<rows).map { _ in
                (0..<count / 32).map { _ in Float16(Float.random(in: -0.1...0.1, using: &numbers)) }
            },
            activations: numbers.normal(count, scale: 2))
    }

    /// And what rounding may add, which grows with the row.
    @Test(arguments: types, InstructionSet.interleaving)
    func boundsAreSevenAndAHalfDeviationsAboveTheMiddle(type: TensorType, instructions: Int32) throws {
        let coding = Coding(type)
        let kernels = try coding.kernels(instructions)
        var numbers = SeededNumbers(seed: 3)
        for count in [32, 64, 608, 2080] {
            let problem = Self.random(coding, rows: 24, count, &numbers)
            let dither = problem.dither(kernels)
            #expect(dither.allSatisfy { (0..<coding.cells).contains($0) })
            let (products, bounds, closer) = problem.results(kernels)
            for row in 0..<24 {
                for (bound, cells) in [(bounds[row], coding.cells), (closer[row], coding.cells / 2)] {
                    let (product, middle, deviation) = problem.expected(
                        row: row, cells: cells, dither: dither)
                    #expect((Double(products[row]) - product).magnitude <= 1e-4 * deviation)
                    let deviations = (Double(bound) - middle) / deviation
                    #expect((7.5...7.6).contains(deviations), "\(deviations), \(cells) cells of \(count)")
                }
            }
        }
    }

    @Test(arguments: types) func everyInstructionSetFindsTheSameBounds(type: TensorType) throws {
        let coding = Coding(type)
        var numbers = SeededNumbers(seed: 4)
        let problem = Self.random(coding, rows: 24, 96, &numbers)
        let all = try InstructionSet.interleaving.map { problem.results(try coding.kernels($0)) }
        for found in all.dropFirst() {
            #expect(found.bounds.identity == all[0].bounds.identity)
            #expect(found.closer.identity == all[0].closer.identity)
        }
    }

    /// Weights that lend rounding no chance of their own: all alike, few different ones, and such whose missing bits, were they cut off as they
    /// are, would all push the product one way. Their errors spread as the deviation says all the same.
    enum Weights: CaseIterable {
        case random, alike, few, upperEnds, extremes
    }

    @Test(arguments: types, Weights.allCases)
    func errorsSpreadAsTheirDeviationSays(type: TensorType, kind: Weights) throws {
        let coding = Coding(type)
        let kernels = try coding.kernels(tl_best_instruction_set())
        let (least, most, cells) = (coding.least, coding.most, coding.cells)
        var numbers = SeededNumbers(seed: 5)
        var errors: [Double] = []
        for _ in 0..<8 {
            var activations = numbers.normal(320)
            activations[7] *= 20
            let weights = (0..<64).map { _ in
                let start = Int.random(in: least...most, using: &numbers)
                return activations.indices.map { index -> Int in
                    // Makes a scale of 1 in each 32 of fixed point.
                    if type != .q8_0, index % 32 == 0 { return 2045 }
                    let isUp = activations[index] > 0
                    let any = Int.random(in: least...most, using: &numbers)
                    let cut = (any - least) / cells * cells + least
                    return switch kind {
                    case .random: any
                    case .alike: start
                    case .few: cut
                    case .upperEnds: min(most, cut + (isUp ? cells - 1 : 0))
                    case .extremes: isUp ? most : least
                    }
                }
            }
            let problem = Problem(coding, weights: weights, activations: activations)
            let dither = problem.dither(kernels)
            for row in weights.indices {
                for cells in [cells, cells / 2] {
                    let (product, middle, deviation) = problem.expected(
                        row: row, cells: cells, dither: dither)
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

    @Test(arguments: InstructionSet.interleaving)
    func aRowThatIsNotFiniteHasNoBound(instructions: Int32) throws {
        let coding = Coding(.q8_0)
        for scale in [Float16.infinity, -.infinity, .nan] {
            let problem = Problem(
                coding, weights: .init(repeating: .init(repeating: 3, count: 64), count: 8),
                scales: (0..<8).map { row in (0..<2).map { $0 == 1 && row == 3 ? scale : 0.5 } },
                activations: (0..<64).map { Float($0) - 20 })
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
            let weights = (0..<64).map { _ in
                (0..<96).map { _ in Int.random(in: coding.least...coding.most, using: &numbers) }
            }
            let problem = Problem(coding, weights: weights, activations: numbers.normal(96, scale: size))
            let (products, bounds, closer) = problem.results(try coding.kernels(tl_best_instruction_set()))
            #expect(zip(products, zip(bounds, closer)).allSatisfy { $0 <= $1.0 && $0 <= $1.1 })
        }
    }
}
