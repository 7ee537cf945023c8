import CKernels
import Quantization
import Testing

/// Interleaved rows against the scalar dot of the same rows, or of what they are rounded to.
@Suite struct InterleavedKernelsTests {
    /// Eight rows of one golden record, and activations for several columns.
    private struct Problem {
        let type: TensorType
        let count: Int
        var rows: [[UInt8]]
        let columns: Int
        var values: [Float] = []
        var quants: [Int8] = []
        var scales: [Float] = []
        var totals: [Float] = []
        var shifts: [Int32] = []
        var sums: [Int16] = []
        var quants16: [Int16] = []
        var scales16: [Float] = []

        init(_ golden: GoldenRow, blocks: Int, rows height: Int, columns: Int) {
            type = golden.type
            // Float types are blocks of one; rows are whole groups of 32 for all types alike.
            let perRow = max(1, 32 / golden.type.blockSize) * blocks
            count = perRow * golden.type.blockSize
            self.columns = columns
            rows = (0..<height).map { row in
                (0..<perRow).flatMap { block -> [UInt8] in
                    let place = (row * 3 + block) % golden.blockCount
                    return golden.blocks(place..<place + 1)
                }
            }
            var numbers = SeededNumbers(seed: UInt64(count + columns))
            for _ in 0..<columns {
                let x = numbers.normal(count, scale: 2)
                var quants = [Int8](repeating: 0, count: count)
                var scales = [Float](repeating: 0, count: count / 32)
                var sums = [Int16](repeating: 0, count: count / 16)
                tl_quantize_activations(x, &quants, &scales, &sums, count)
                values += x
                self.quants += quants
                let sumsOf32 = scales.indices.map { Int32(sums[2 * $0]) + Int32(sums[2 * $0 + 1]) }
                totals += zip(scales, sumsOf32).map { $0 * Float($1) }
                shifts += sumsOf32.map { -128 * $0 }
                self.scales += scales
                self.sums += sums
                var wide = [Int16](repeating: 0, count: count)
                tl_quantize_activations16(x, &wide, &scales, count)
                quants16 += wide
                scales16 += scales
            }
        }

        /// The groups of eight rows one after the other, as the kernels take them.
        private func packed(_ kernels: tl_interleaved_kernels, _ groups: Range<Int>) -> [UInt8] {
            groups.flatMap { group -> [UInt8] in
                let members = rows[group * 8..<min(group * 8 + 8, rows.count)]
                var packed = [UInt8](repeating: 0xAA, count: kernels.packed_size(count))
                kernels.pack(
                    members.flatMap { $0 }, rows[0].count, members.count, &packed, count)
                return packed
            }
        }

        private func withColumns<Result>(from first: Int, _ body: (tl_columns) -> Result) -> Result {
            let groups = first * count / 32
            return GuardedMemory.with { memory in
                body(
                    tl_columns(
                        values: memory.copy(Array(values[(first * count)...])),
                        quants: memory.copy(Array(quants[(first * count)...])),
                        scales: memory.copy(Array(scales[groups...])),
                        totals: memory.copy(Array(totals[groups...])),
                        shifts: memory.copy(Array(shifts[groups...])),
                        sums: memory.copy(Array(sums[(2 * groups)...])),
                        owed: memory.copy(sums[(2 * groups)...].map { -32 * Int32($0) }),
                        quants16: memory.copy(Array(quants16[(first * count)...])),
                        scales16: memory.copy(Array(scales16[groups...])), width: count))
            }
        }

        /// [columns, 8 · groups]
        func product(
            _ kernels: tl_interleaved_kernels, columns: Range<Int>, onto start: [Float]? = nil,
            groups chosen: Range<Int>? = nil
        ) -> [Float] {
            let groups = chosen ?? 0..<(rows.count + 7) / 8
            let height = 8 * groups.count
            var out = start ?? [Float](repeating: .nan, count: columns.count * height)
            withColumns(from: columns.lowerBound) {
                kernels.multiply(
                    packed(kernels, groups), groups.count, count, $0, columns.count, &out, height,
                    start == nil ? 0 : 1)
            }
            return out
        }

        /// The two parts with all groups.
        private func parts(_ kernels: tl_parted_kernels) -> (high: [UInt8], rest: [UInt8]) {
            let groups = (rows.count + 7) / 8
            var high = [UInt8](repeating: 0xAA, count: (groups + 1) / 2 * 2 * kernels.high_size(count))
            var rest = [UInt8](repeating: 0xAA, count: groups * kernels.rest_size(count))
            for group in 0..<groups {
                let members = rows[8 * group..<min(8 * group + 8, rows.count)]
                kernels.pack(
                    members.flatMap { $0 }, rows[0].count, members.count, &high, &rest, group, count)
            }
            return (high, rest)
        }

        /// Products with the groups from `first` on. [columns, 8 · groups]
        func product(_ kernels: tl_parted_kernels, from first: Int = 0) -> [Float] {
            let (high, rest) = parts(kernels)
            let groups = (rows.count + 7) / 8 - first
            var out = [Float](repeating: .nan, count: columns * 8 * groups)
            withColumns(from: 0) {
                kernels.multiply(high, rest, first, groups, count, $0, columns, &out, 8 * groups, 0)
            }
            return out
        }

        /// The scalar dot (F16 and BF16: of what they are rounded to), and the sum of its terms' magnitudes,
        /// by which an error is measured.
        func expected(row: Int, column: Int) throws -> (sum: Float, size: Float) {
            let scalar = try InstructionSet.scalar.rows(type)
            var weights = [Float](repeating: 0, count: count)
            scalar.decode(rows[row], &weights, count)
            let x = Array(values[column * count..<(column + 1) * count])
            let size = zip(weights, x).reduce(Float(0)) { $0 + ($1.0 * $1.1).magnitude }
            if type == .f16 || type == .bf16 {
                let rounded = FixedPoint.activations(
                    quants: Array(quants16[column * count..<(column + 1) * count]),
                    scales: Array(scales16[column * count / 32..<(column + 1) * count / 32]))
                let sum = zip(FixedPoint.weights(weights), rounded).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(
                    (sum - zip(weights, x).reduce(0) { $0 + Double($1.0) * Double($1.1) }).magnitude
                        <= FixedPoint.error(weights: weights, x: x) || !size.isFinite)
                return (Float(sum), size)
            }
            guard let dot = scalar.dot_int8 else { return (scalar.dot_float(rows[row], x, count), size) }
            let sum = dot(
                rows[row], Array(quants[column * count..<(column + 1) * count]),
                Array(scales[column * count / 32..<(column + 1) * count / 32]),
                Array(sums[column * count / 16..<(column + 1) * count / 16]), count)
            return (sum, size)
        }
    }

    static let types = GoldenRows.decoded.filter { tl_interleaved_kernels_for($0.type.rawValue, 1) != nil }

    @Test func everyTypeThatIsDecodedIsInterleaved() {
        guard !InstructionSet.interleaving.isEmpty else { return }
        #expect(Set(Self.types.map(\.type)).isSuperset(of: GoldenRows.decoded.map(\.type)))
    }

    @Test(arguments: types, InstructionSet.interleaving)
    func sumsEqualTheScalarDot(golden: GoldenRow, instructions: Int32) throws {
        let kernels = try #require(tl_interleaved_kernels_for(golden.type.rawValue, instructions)).pointee
        let takes: [TensorType: Int] = [.f32: TL_TAKES_FLOAT, .f16: TL_TAKES_INT16, .bf16: TL_TAKES_INT16]
        #expect(Int(kernels.takes) == takes[golden.type, default: TL_TAKES_INT8])
        for blocks in 1...5 {
            for columns in [1, 2, 3, 4, 5, 7] {
                let problem = Problem(golden, blocks: blocks, rows: 8, columns: columns)
                let found = problem.product(kernels, columns: 0..<columns)
                for column in 0..<columns {
                    for row in 0..<8 {
                        let (sum, size) = try problem.expected(row: row, column: column)
                        // Some golden rows hold infinities and NaN.
                        guard size.isFinite else {
                            #expect(!found[column * 8 + row].isFinite)
                            continue
                        }
                        let error = (found[column * 8 + row] - sum).magnitude
                        // Offsets are added as float32 sums here and integer by integer there.
                        #expect(error <= 4e-6 * size + 1e-30, "\(error) of \(size)")
                    }
                }
            }
        }
    }

    @Test(arguments: types) func everyInstructionSetGivesTheSameBits(golden: GoldenRow) throws {
        let problem = Problem(golden, blocks: 3, rows: 8, columns: 5)
        let all = try InstructionSet.interleaving.map {
            problem.product(
                try #require(tl_interleaved_kernels_for(golden.type.rawValue, $0)).pointee, columns: 0..<5)
        }
        for found in all.dropFirst() { #expect(found.identity == all[0].identity) }
    }

    @Test(arguments: types) func aColumnHasTheSameBitsAloneAndInCompany(golden: GoldenRow) throws {
        guard let set = InstructionSet.interleaving.last else { return }
        let kernels = try #require(tl_interleaved_kernels_for(golden.type.rawValue, set)).pointee
        let problem = Problem(golden, blocks: 4, rows: 8, columns: 7)
        let together = problem.product(kernels, columns: 0..<7)
        for column in 0..<7 {
            let alone = problem.product(kernels, columns: column..<column + 1)
            #expect(alone.identity == Array(together[column * 8..<(column + 1) * 8]).identity)
        }
    }

    @Test(arguments: types) func rowsThatAreNotThereAreZero(golden: GoldenRow) throws {
        guard let set = InstructionSet.interleaving.last else { return }
        let kernels = try #require(tl_interleaved_kernels_for(golden.type.rawValue, set)).pointee
        let full = Problem(golden, blocks: 2, rows: 8, columns: 1).product(kernels, columns: 0..<1)
        for height in 1..<8 {
            let found = Problem(golden, blocks: 2, rows: height, columns: 1).product(kernels, columns: 0..<1)
            #expect(Array(found[..<height]).identity == Array(full[..<height]).identity)
            #expect(found[height...].allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: types) func accumulatingAddsToWhatStands(golden: GoldenRow) throws {
        guard let set = InstructionSet.interleaving.last else { return }
        let kernels = try #require(tl_interleaved_kernels_for(golden.type.rawValue, set)).pointee
        let problem = Problem(golden, blocks: 2, rows: 8, columns: 3)
        let start = (0..<24).map { Float($0) }
        let sums = problem.product(kernels, columns: 0..<3)
        let onto = problem.product(kernels, columns: 0..<3, onto: start)
        #expect(onto.identity == zip(start, sums).map { $0 + $1 }.identity)
    }

    /// Wider vectors take two groups together where several columns meet them.
    @Test(arguments: types, InstructionSet.interleaving)
    func severalGroupsGiveWhatEachGivesAlone(golden: GoldenRow, set: Int32) throws {
        let kernels = try #require(tl_interleaved_kernels_for(golden.type.rawValue, set)).pointee
        for columns in [1, 2, 3, 9, 17] {
            let problem = Problem(golden, blocks: 2, rows: 24, columns: columns)
            let together = problem.product(kernels, columns: 0..<columns)
            for group in 0..<3 {
                let alone = problem.product(kernels, columns: 0..<columns, groups: group..<group + 1)
                for column in 0..<columns {
                    let place = column * 24 + group * 8
                    #expect(
                        Array(together[place..<place + 8]).identity
                            == Array(alone[column * 8..<column * 8 + 8]).identity,
                        "group \(group), column \(column) of \(columns)")
                }
            }
        }
    }

    /// Rows of F16 and BF16 need not be whole groups: what is left of the last one is zero.
    @Test(arguments: types.filter { $0.type == .f16 || $0.type == .bf16 })
    func aPartOfAGroupIsFilledWithZeros(golden: GoldenRow) throws {
        guard let set = InstructionSet.interleaving.last else { return }
        let kernels = try #require(tl_interleaved_kernels_for(golden.type.rawValue, set)).pointee
        let rows = Problem(golden, blocks: 3, rows: 8, columns: 1).rows
        for count in [1, 7, 33, 68, 95] {
            let whole = (count + 31) / 32 * 32
            let padding = [UInt8](repeating: 0, count: 2 * (whole - count))
            let part = rows.flatMap { $0[..<(2 * count)] }
            let padded = rows.flatMap { $0[..<(2 * count)] + padding }
            #expect(kernels.packed_size(count) == kernels.packed_size(whole))
            #expect(
                packed(part, 2 * count, kernels, count: count)
                    == packed(padded, 2 * whole, kernels, count: whole), "\(count) elements")
        }
    }

    private func packed(
        _ rows: [UInt8], _ rowByteCount: Int, _ kernels: tl_interleaved_kernels, count: Int
    ) -> [UInt8] {
        GuardedMemory.with { memory in
            let size = kernels.packed_size(count)
            let packed = memory.room(for: UInt8.self, size)
            kernels.pack(memory.copy(rows), rowByteCount, 8, packed, count)
            return Array(packed, count: size)
        }
    }

    // MARK: - Two parts

    private static let parted = GoldenRows.decoded.filter {
        tl_parted_kernels_for($0.type.rawValue, 1) != nil
    }

    @Test(arguments: parted, InstructionSet.interleaving)
    func twoPartsGiveTheSameBitsAsOne(golden: GoldenRow, set: Int32) throws {
        let whole = try #require(tl_interleaved_kernels_for(golden.type.rawValue, set)).pointee
        let parted = try #require(tl_parted_kernels_for(golden.type.rawValue, set)).pointee
        // Offsets take a bit more.
        #expect(whole.packed_size(768) + 24 * 32 == parted.high_size(768) + parted.rest_size(768))
        for (blocks, height, columns) in [(1, 8, 1), (3, 5, 2), (5, 24, 3), (2, 19, 17)] {
            let problem = Problem(golden, blocks: blocks, rows: height, columns: columns)
            let expected = problem.product(whole, columns: 0..<columns)
            #expect(problem.product(parted).identity == expected.identity)
            // A part that begins within a pair.
            let stride = (height + 7) / 8 * 8
            let behind = (0..<columns).flatMap { expected[$0 * stride..<($0 + 1) * stride].dropFirst(8) }
            #expect(problem.product(parted, from: 1).identity == behind.identity)
        }
    }
}
