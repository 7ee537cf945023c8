import CKernels
import Quantization
import Testing

/// Every kernel of every type and instruction set on 1 to 17 blocks, inputs and outputs against guard pages.
@Suite struct RowKernelsTests {
    /// Prefixes of 1 to 17 blocks, and each block alone.
    static let ranges = (1...17).map { 0..<$0 } + (0..<17).map { $0..<$0 + 1 }

    @Test(arguments: GoldenRows.decoded, InstructionSet.available)
    func decodesBitForBitAtEveryLength(row: GoldenRow, set: InstructionSet) throws {
        let kernels = try set.rows(row.type)
        let ranges = row.type.isQuantized ? Self.ranges : awkwardLengths.map { 0..<$0 }
        for range in ranges {
            let expected = row.values(range)
            let decoded = GuardedMemory.with { memory in
                let output = memory.room(for: Float.self, expected.count)
                kernels.decode(memory.copy(row.blocks(range)), output, expected.count)
                return Array(output, count: expected.count)
            }
            #expect(decoded.identity == expected.identity, "blocks \(range)")
        }
    }

    @Test(arguments: InstructionSet.available)
    func float32RowsAreCopied(set: InstructionSet) throws {
        let kernels = try set.rows(.f32)
        var numbers = SeededNumbers(seed: 5)
        for length in awkwardLengths {
            let values = numbers.normal(length)
            GuardedMemory.with { memory in
                let output = memory.room(for: Float.self, length)
                kernels.decode(memory.copy(values), output, length)
                #expect(Array(output, count: length) == values)
            }
        }
    }

    // |kernel − Σ w·a| ≤ 1e-6 · Σ w̄·|a|, where w̄ is the largest weight that the block's scales can make: kernels add
    // the offsets of weights apart from the quants, so a weight of 0 may be the
    // difference of two larger numbers.
    @Test(arguments: GoldenRows.quantized, InstructionSet.available)
    func theIntegerDotIsTheDotWithTheQuantisedActivations(row: GoldenRow, set: InstructionSet) throws {
        let kernel = try #require(try set.rows(row.type).dot_int8)
        let quantize = try set.vectors().quantize_activations
        var numbers = SeededNumbers(seed: 7)
        for range in Self.ranges {
            let weights = row.values(range)
            let count = weights.count
            let x = numbers.normal(count, scale: 3)
            let (result, activations, scale) = GuardedMemory.with { memory in
                let quants = memory.room(for: Int8.self, count)
                let scales = memory.room(for: Float.self, count / 32)
                let sums = memory.room(for: Int16.self, count / 16)
                quantize(memory.copy(x), quants, scales, sums, count)
                let result = kernel(memory.copy(row.blocks(range)), quants, scales, sums, count)
                let activations = (0..<count).map { Double(quants[$0]) * Double(scales[$0 / 32]) }
                return (result, activations, Array(scales, count: count / 32))
            }
            let largest = try largestWeights(row.type, row.blocks(range), count)
            let expected = zip(weights, activations).reduce(0) { $0 + Double($1.0) * $1.1 }
            let magnitude = zip(largest, activations).reduce(0) { $0 + Double($1.0) * $1.1.magnitude }
            let error = (Double(result) - expected).magnitude
            #expect(error <= 1e-6 * magnitude, "blocks \(range): error \(error / magnitude) of the magnitude")

            // Against the activations before quantisation: each is off by at most half a step, 1/254 of the
            // largest of its 32.
            let exact = zip(weights, x).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            let rounding = weights.enumerated().reduce(0) { total, weight in
                total + Double(weight.element.magnitude) * Double(scale[weight.offset / 32]) * 0.5001
            }
            #expect((Double(result) - exact).magnitude <= rounding + 1e-6 * magnitude, "blocks \(range)")
        }
    }

    @Test(arguments: GoldenRows.decoded, InstructionSet.available)
    func theFloatDotIsTheDotOfTheDecodedRow(row: GoldenRow, set: InstructionSet) throws {
        let kernel = try set.rows(row.type).dot_float
        var numbers = SeededNumbers(seed: 9)
        // A float type's rows have infinities at their start, and values up to 3e38: they are left out here.
        let finite = (0..<row.blockCount).filter { block in
            row.values(block..<block + 1).allSatisfy { $0.magnitude < 1e8 }
        }
        let lengths = row.type.isQuantized ? Array(1...finite.count) : awkwardLengths.filter { $0 <= 500 }
        for length in lengths {
            let blocks = finite.prefix(length)
            let weights = blocks.flatMap { row.values($0..<$0 + 1) }
            let x = numbers.normal(weights.count)
            let result = GuardedMemory.with { memory in
                kernel(memory.copy(blocks.flatMap { row.blocks($0..<$0 + 1) }), memory.copy(x), x.count)
            }
            let products = zip(weights, x).map { Double($0) * Double($1) }
            let magnitude = products.reduce(0) { $0 + $1.magnitude }
            let error = (Double(result) - products.reduce(0, +)).magnitude
            // A result may itself be subnormal, where one rounding is half of the smallest number.
            let smallest = Double(Float.leastNonzeroMagnitude)
            #expect(
                error <= 1e-6 * magnitude + smallest,
                "\(length) blocks: error \(error / magnitude) of Σ|w·x|")
        }
    }

    @Test(arguments: InstructionSet.available)
    func theFloat32DotTakesAnyLength(set: InstructionSet) throws {
        let kernel = try set.rows(.f32).dot_float
        var numbers = SeededNumbers(seed: 10)
        for length in awkwardLengths {
            let (w, x) = (numbers.normal(length), numbers.normal(length))
            let result = GuardedMemory.with { kernel($0.copy(w), $0.copy(x), length) }
            let products = zip(w, x).map { Double($0) * Double($1) }
            let error = (Double(result) - products.reduce(0, +)).magnitude
            #expect(error <= 1e-6 * products.reduce(0) { $0 + $1.magnitude })
        }
    }

    /// Quants at both ends of their range against activations at both ends: nothing saturates.
    @Test(arguments: GoldenRows.quantized, InstructionSet.accelerated)
    func extremeQuantsDoNotSaturate(row: GoldenRow, set: InstructionSet) throws {
        let scalar = try #require(try InstructionSet.scalar.rows(row.type).dot_int8)
        let kernel = try #require(try set.rows(row.type).dot_int8)
        let count = row.type.blockSize
        let scales = [Float](repeating: 0.25, count: count / 32)
        for block in 0..<row.blockCount {
            let bytes = row.blocks(block..<block + 1)
            for quant in [Int8(127), -127] {
                let quants = [Int8](repeating: quant, count: count)
                let sums = [Int16](repeating: 16 * Int16(quant), count: count / 16)
                let expected = scalar(bytes, quants, scales, sums, count)
                let largest = try largestWeights(row.type, bytes, count)
                let magnitude = largest.reduce(0, +) * 127 * 0.25
                #expect((kernel(bytes, quants, scales, sums, count) - expected).magnitude <= 1e-6 * magnitude)
            }
        }
    }

    @Test(arguments: GoldenRows.quantized, InstructionSet.available)
    func aNaNActivationScaleMakesTheDotNaN(row: GoldenRow, set: InstructionSet) throws {
        let kernel = try #require(try set.rows(row.type).dot_int8)
        for range in Self.ranges {
            let bytes = row.blocks(range)
            let count = range.count * row.type.blockSize
            var x = [Float](repeating: 1, count: count)
            x[count - 7] = .infinity
            let activations = try Activations(x)
            let result = kernel(bytes, activations.quants, activations.scales, activations.sums, count)
            #expect(result.isNaN, "blocks \(range)")
        }
    }

    @Test func unknownTypesAndInstructionSetsHaveNoKernels() {
        #expect(tl_row_kernels_for(4, 0) == nil)
        #expect(tl_row_kernels_for(UInt32.max, 0) == nil)
        #expect(tl_row_kernels_for(0, 99) == nil)
        #expect(tl_row_kernels_for(0, -1) == nil)
        #expect(tl_vector_kernels_for(99) == nil)
    }

    /// For every element the larger magnitude of the weights that quants of all zero and
    /// all one bits would give.
    private func largestWeights(_ type: TensorType, _ bytes: [UInt8], _ count: Int) throws -> [Float] {
        let quants: Range<Int> =
            switch type {
            case .q4_0, .iq4_NL, .q5_0, .q8_0: 2..<type.bytesPerBlock
            case .q4_1, .q5_1: 4..<type.bytesPerBlock
            case .q2_K: 16..<80
            case .q3_K: 0..<96
            case .q4_K, .q5_K: 16..<type.bytesPerBlock
            case .q6_K: 0..<192
            case .iq4_XS: 8..<136
            default: 0..<0
            }
        let decode = try InstructionSet.scalar.rows(type).decode
        var largest = [Float](repeating: 0, count: count)
        for fill in type == .q8_0 ? [UInt8(128)] : [0, 255] {
            var changed = bytes
            for block in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
                for index in quants { changed[block + index] = fill }
            }
            var values = [Float](repeating: 0, count: count)
            decode(changed, &values, count)
            for index in 0..<count { largest[index] = max(largest[index], values[index].magnitude) }
        }
        return largest
    }
}
