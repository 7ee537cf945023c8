import CKernels
import Quantization
import Testing

/// Bounds of products with Q8_0, a part of whose bits is known.
@Suite struct DitheredBoundsTests {
    /// Rows of weights, in whole groups of eight, and one column of activations.
    private struct Problem {
        let count: Int
        /// [rows, count]
        let weights: [[Int8]]
        /// [rows, count / 32]
        let weightScales: [[Float16]]
        var quants: [Int8]
        var scales: [Float]
        private var sums: [Int16]

        init(weights: [[Int8]], weightScales: [[Float16]]? = nil, activations: [Float]) {
            count = activations.count
            self.weights = weights
            self.weightScales =
                weightScales ?? weights.map { _ in .init(repeating: 0.01, count: activations.count / 32) }
            quants = [Int8](repeating: 0, count: count)
            scales = [Float](repeating: 0, count: count / 32)
            sums = [Int16](repeating: 0, count: count / 16)
            tl_quantize_activations(activations, &quants, &scales, &sums, count)
        }

        private var rows: [[UInt8]] {
            zip(weights, weightScales).map { row, scales in
                scales.indices.flatMap { block -> [UInt8] in
                    let bits = scales[block].bitPattern
                    return [UInt8(bits & 0xFF), UInt8(bits >> 8)]
                        + row[32 * block..<32 * block + 32].map { UInt8(bitPattern: $0) }
                }
            }
        }

        /// Products as the kernels compute them, their bounds by the first part, and the closer ones. [rows]
        func results(_ kernels: tl_parted_kernels) -> (products: [Float], bounds: [Float], closer: [Float]) {
            let groups = weights.count / 8
            var high = [UInt8](repeating: 0xAA, count: (groups + 1) / 2 * 2 * kernels.high_size(count))
            var rest = [UInt8](repeating: 0xAA, count: groups * kernels.rest_size(count))
            let rows = rows
            for group in 0..<groups {
                let bytes = rows[8 * group..<8 * group + 8].flatMap { $0 }
                kernels.pack(bytes, rows[0].count, 8, &high, &rest, group, count)
            }
            var products = [Float](repeating: .nan, count: 8 * groups)
            var (bounds, closer) = (products, products)
            withColumn { column in
                kernels.multiply(high, rest, 0, groups, count, column, 1, &products, 8 * groups, 0)
                GuardedMemory.with { memory in
                    let reach = memory.room(for: Float.self, count / 32 * Int(TL_REACH))
                    kernels.prepare(count, column, reach)
                    kernels.bound(memory.copy(high), 0, groups, count, column, reach, &bounds)
                    kernels.bound_closer?(
                        memory.copy(high), memory.copy(rest), 0, groups, count, column, reach, &closer)
                }
            }
            return (products, bounds, closer)
        }

        /// What was drawn for each column, 0 ... 17: what one activation of 1 among 32 owes says it.
        func dither(_ kernels: tl_parted_kernels) -> [Int] {
            var drawn = [Int](repeating: -1, count: count)
            for place in 0..<32 {
                var ones = self
                ones.quants = (0..<count).map { $0 % 32 == place ? 1 : 0 }
                ones.scales = .init(repeating: 1, count: count / 32)
                var reach = [Float](repeating: .nan, count: count / 32 * Int(TL_REACH))
                ones.withColumn { kernels.prepare(count, $0, &reach) }
                for group in 0..<count / 32 {
                    drawn[32 * group + place] = Int(8.5 - reach[group * Int(TL_REACH)]) - 128
                }
            }
            return drawn
        }

        /// Product, the middle of what it can be where weights are known but for so many neighbouring values, and the deviation from that, by
        /// their definition.
        func expected(
            row: Int, cells: Int, dither: [Int]
        ) -> (product: Double, middle: Double, deviation: Double) {
            var (product, middle, square) = (0.0, 0.0, 0.0)
            for index in 0..<count {
                let scale = Double(weightScales[row][index / 32]) * Double(scales[index / 32])
                let (weight, activation) = (Int(weights[row][index]), Double(quants[index]) * scale)
                let known = (weight + 128 + dither[index]) / cells * cells
                product += activation * Double(weight)
                middle += activation * (Double(known) + Double(cells - 1) / 2 - Double(128 + dither[index]))
                square += activation * activation
            }
            return (product, middle, (square * Double(cells * cells - 1) / 12).squareRoot())
        }

        private func withColumn(_ body: (tl_columns) -> Void) {
            let sumsOf32 = scales.indices.map { group in
                quants[32 * group..<32 * group + 32].reduce(Int32(0)) { $0 + Int32($1) }
            }
            GuardedMemory.with { memory in
                body(
                    tl_columns(
                        values: memory.copy(quants.map(Float.init)), quants: memory.copy(quants),
                        scales: memory.copy(scales),
                        totals: memory.copy(zip(scales, sumsOf32).map { $0 * Float($1) }),
                        shifts: memory.copy(sumsOf32.map { -128 * $0 }), sums: memory.copy(sums),
                        quants16: memory.copy(quants.map(Int16.init)), scales16: memory.copy(scales),
                        width: count))
            }
        }
    }

    private static func kernels(_ instructions: Int32) throws -> tl_parted_kernels {
        try #require(tl_parted_kernels_for(TensorType.q8_0.rawValue, instructions)).pointee
    }

    private static func random(_ rowCount: Int, _ count: Int, _ numbers: inout SeededNumbers) -> Problem {
        Problem(
            weights: (0..<rowCount).map { _ in
                (0..<count).map { _ in Int8(truncatingIfNeeded: numbers.next()) }
            },
            weightScales: (0..<rowCount).map { _ in
                (0..<count / 32).map { _ in
                    Float16(Float(Int8(truncatingIfNeeded: numbers.next() | 1)) / 1024)
                }
            },
            activations: numbers.normal(count, scale: 2))
    }

    /// And what rounding may add, which grows with the row.
    @Test(arguments: InstructionSet.interleaving)
    func boundsAreSevenAndAHalfDeviationsAboveTheMiddle(instructions: Int32) throws {
        let kernels = try Self.kernels(instructions)
        var numbers = SeededNumbers(seed: 3)
        for count in [32, 64, 608, 2080] {
            let problem = Self.random(24, count, &numbers)
            let dither = problem.dither(kernels)
            #expect(dither.allSatisfy { (0...17).contains($0) })
            let (products, bounds, closer) = problem.results(kernels)
            for row in 0..<24 {
                for (bound, cells) in [(bounds[row], 18), (closer[row], 9)] {
                    let (product, middle, deviation) = problem.expected(
                        row: row, cells: cells, dither: dither)
                    #expect((Double(products[row]) - product).magnitude <= 1e-4 * deviation)
                    let deviations = (Double(bound) - middle) / deviation
                    #expect((7.5...7.6).contains(deviations), "\(deviations), \(cells) cells of \(count)")
                }
            }
        }
    }

    @Test func everyInstructionSetFindsTheSameBounds() throws {
        var numbers = SeededNumbers(seed: 4)
        let problem = Self.random(24, 96, &numbers)
        let all = try InstructionSet.interleaving.map { problem.results(try Self.kernels($0)) }
        for found in all.dropFirst() {
            #expect(found.bounds.identity == all[0].bounds.identity)
            #expect(found.closer.identity == all[0].closer.identity)
        }
    }

    /// Weights without the chance that rounding counts on: all alike, few different ones, and such whose missing bits, were they cut off as
    /// they are, would all push the product the same way. The errors of 4,096 products have to spread as their deviation says.
    @Test(arguments: ["random", "alike", "multiples of 16", "ends of 18", "ends of 16", "extremes"])
    func errorsSpreadAsTheirDeviationSays(kind: String) throws {
        let kernels = try Self.kernels(tl_best_instruction_set())
        var numbers = SeededNumbers(seed: 5)
        var errors: [Double] = []
        // One large activation in each: a sum of few numbers has no longer tails than one of many.
        for _ in 0..<8 {
            var activations = numbers.normal(320, scale: 1)
            activations[7] *= 20
            let weights = (0..<64).map { _ in
                let start = Int(numbers.next() % 256)
                return activations.map { activation -> Int8 in
                    let any = Int(truncatingIfNeeded: numbers.next() & 0xFF)
                    let isUp = activation > 0
                    let value =
                        switch kind {
                        case "alike": start
                        case "multiples of 16": any / 16 * 16
                        case "ends of 18": min(255, any / 18 * 18 + (isUp ? 17 : 0))
                        case "ends of 16": any / 16 * 16 + (isUp ? 15 : 0)
                        case "extremes": isUp ? 255 : 0
                        default: any
                        }
                    return Int8(value - 128)
                }
            }
            let problem = Problem(weights: weights, activations: activations)
            let dither = problem.dither(kernels)
            for row in weights.indices {
                for cells in [18, 9] {
                    let (product, middle, deviation) = problem.expected(
                        row: row, cells: cells, dither: dither)
                    errors.append((product - middle) / deviation)
                }
            }
            let (products, bounds, closer) = problem.results(kernels)
            #expect(zip(products, zip(bounds, closer)).allSatisfy { $0 <= $1.0 && $0 <= $1.1 })
        }
        #expect(errors.allSatisfy { $0.magnitude < 4.5 }, "\(errors.max() ?? 0)")
        // Rows share the numbers that were drawn for their columns, so the errors of one column are not independent.
        let square = errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)
        #expect((0.2...3).contains(square), "\(square)")
    }

    @Test(arguments: InstructionSet.interleaving)
    func aRowThatIsNotFiniteHasNoBound(instructions: Int32) throws {
        for scale in [Float16.infinity, -.infinity, .nan] {
            let scales = (0..<8).map { row in (0..<2).map { $0 == 1 && row == 3 ? scale : Float16(0.5) } }
            let problem = Problem(
                weights: .init(repeating: .init(repeating: 3, count: 64), count: 8), weightScales: scales,
                activations: (0..<64).map { Float($0) - 20 })
            let (_, bounds, closer) = problem.results(try Self.kernels(instructions))
            for row in 0..<8 {
                #expect((bounds[row] < .greatestFiniteMagnitude) == (row != 3))
                #expect((closer[row] < .greatestFiniteMagnitude) == (row != 3))
            }
        }
    }

    /// Activations so small that their squares are no floats any more.
    @Test func smallActivationsKeepTheirBounds() throws {
        var numbers = SeededNumbers(seed: 6)
        for size: Float in [1e-10, 1e-20, 1e-25, 0] {
            let problem = Problem(
                weights: (0..<64).map { _ in (0..<96).map { _ in Int8(truncatingIfNeeded: numbers.next()) } },
                activations: numbers.normal(96, scale: size))
            let (products, bounds, closer) = problem.results(try Self.kernels(tl_best_instruction_set()))
            #expect(zip(products, zip(bounds, closer)).allSatisfy { $0 <= $1.0 && $0 <= $1.1 })
        }
    }
}
