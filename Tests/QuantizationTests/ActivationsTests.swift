import CKernels
import Quantization
import Testing

@Suite struct ActivationsTests {
    static let cases: [[Float]] = {
        var numbers = SeededNumbers(seed: 21)
        var cases = (1...17).map { numbers.normal(32 * $0, scale: Float($0 * $0)) }
        let tie = (0..<32).map { $0 == 0 ? 127 : Float($0) - 15.5 }
        cases.append(tie)
        cases.append([Float](repeating: 0, count: 32))
        cases.append([Float](repeating: -0.0, count: 32))
        cases.append([Float](repeating: 0x1p-130, count: 32) + tie)
        cases.append([Float](repeating: 0x1p-120, count: 16) + [Float](repeating: -0x1p-121, count: 16))
        cases.append(
            [Float](repeating: .greatestFiniteMagnitude, count: 16) + [Float](repeating: 3e38, count: 16))
        cases.append(tie.map { $0 == 0.5 ? .nan : $0 } + tie)
        cases.append(tie + tie.map { $0 == 0.5 ? -.infinity : $0 })
        return cases
    }()

    @Test(arguments: InstructionSet.accelerated)
    func everyInstructionSetGivesTheSameBits(set: InstructionSet) throws {
        for values in Self.cases {
            let expected = try quantize(values, .scalar)
            let actual = try quantize(values, set)
            #expect(actual.quants == expected.quants)
            #expect(actual.scales.identity == expected.scales.identity)
            #expect(actual.sums == expected.sums)
        }
    }

    @Test(arguments: InstructionSet.available)
    func quantsAreTheNearestAndSumsAreTheirs(set: InstructionSet) throws {
        for values in Self.cases where values.allSatisfy(\.isFinite) {
            let (quants, scales, sums) = try quantize(values, set)
            for (group, scale) in scales.enumerated() {
                let range = 32 * group..<32 * group + 32
                let largest = values[range].reduce(0) { max($0, $1.magnitude) }
                #expect(scale == (largest < 0x1p-120 ? 0 : largest / 127))
                for index in range where scale > 0 {
                    let step = Double(values[index]) / Double(scale)
                    #expect((step - Double(quants[index])).magnitude <= 0.50001)
                }
            }
            for (group, sum) in sums.enumerated() {
                #expect(Int(sum) == quants[16 * group..<16 * group + 16].reduce(0) { $0 + Int($1) })
            }
        }
    }

    // MARK: - int16

    /// The cases, and parts of groups.
    private static let cases16 =
        cases
        + [1, 5, 31, 40, 95].map { count in
            var numbers = SeededNumbers(seed: UInt64(count))
            return numbers.normal(count)
        }

    @Test(arguments: InstructionSet.accelerated)
    func everyInstructionSetGivesTheSameBitsOfInt16(set: InstructionSet) throws {
        for values in Self.cases16 {
            let expected = try quantize16(values, .scalar)
            let actual = try quantize16(values, set)
            #expect(actual.quants == expected.quants)
            #expect(actual.scales.identity == expected.scales.identity)
        }
    }

    @Test(arguments: InstructionSet.available)
    func quantsOfInt16AreTheNearestAndZeroBehindTheLast(set: InstructionSet) throws {
        for values in Self.cases16 {
            let (quants, scales) = try quantize16(values, set)
            for (group, scale) in scales.enumerated() {
                let range = 32 * group..<min(32 * group + 32, values.count)
                #expect(quants[range.upperBound..<32 * group + 32].allSatisfy { $0 == 0 })
                guard values[range].allSatisfy(\.isFinite) else {
                    #expect(scale.isNaN && quants[range].allSatisfy { $0 == 0 })
                    continue
                }
                let largest = values[range].reduce(0) { max($0, $1.magnitude) }
                #expect(scale == (largest < 0x1p-110 ? 0 : largest / 32639))
                for index in range where scale > 0 {
                    // The inverse is rounded, too: 32639 · 2^-23 of a step beside half of one.
                    let step = Double(values[index]) / Double(scale)
                    #expect((step - Double(quants[index])).magnitude <= 0.505)
                }
            }
        }
    }

    // MARK: - Values

    @Test func halvesGoToTheEvenNeighbour() throws {
        let values = (0..<32).map { $0 == 0 ? 127 : Float($0) - 15.5 }
        let activations = try Activations(values)
        #expect(activations.scales == [1])
        #expect(activations.quants[14...18] == [-2, 0, 0, 2, 2])
    }

    @Test func aGroupThatIsNotFiniteHasScaleNaN() throws {
        for bad in [Float.nan, .infinity, -.infinity] {
            var values = [Float](repeating: 1, count: 64)
            values[35] = bad
            let activations = try Activations(values)
            #expect(activations.scales[0] == Float(1) / 127)
            #expect(activations.scales[1].isNaN)
            #expect(activations.quants[32...].allSatisfy { $0 == 0 })
        }
    }

    @Test func aPartOfAGroupIsRefused() {
        #expect(throws: QuantizationError.self) { try Activations([1, 2, 3]) }
    }

    @Test(arguments: GoldenRows.quantized)
    func dotsOfRowsAgreeWithTheDecodedRow(row: GoldenRow) throws {
        var numbers = SeededNumbers(seed: 23)
        let x = numbers.normal(row.values.count)
        let exact = zip(row.values, x).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        let size = zip(row.values, x).reduce(0) { $0 + (Double($1.0) * Double($1.1)).magnitude }
        #expect((Double(dot(row.bytes, type: row.type, x, count: x.count)) - exact).magnitude <= 1e-5 * size)
        let rounded = dot(row.bytes, type: row.type, try Activations(x))
        #expect((Double(rounded) - exact).magnitude <= 0.01 * size)
    }

    private func quantize(
        _ values: [Float], _ set: InstructionSet
    ) throws -> (quants: [Int8], scales: [Float], sums: [Int16]) {
        let count = values.count
        let quantize = try set.vectors().quantize_activations
        return GuardedMemory.with { memory in
            let quants = memory.room(for: Int8.self, count)
            let scales = memory.room(for: Float.self, count / 32)
            let sums = memory.room(for: Int16.self, count / 16)
            quantize(memory.copy(values), quants, scales, sums, count)
            return (
                Array(quants, count: count), Array(scales, count: count / 32), Array(sums, count: count / 16)
            )
        }
    }

    private func quantize16(
        _ values: [Float], _ set: InstructionSet
    ) throws -> (quants: [Int16], scales: [Float]) {
        let groups = (values.count + 31) / 32
        let quantize = try set.vectors().quantize_activations16
        return GuardedMemory.with { memory in
            let quants = memory.room(for: Int16.self, 32 * groups)
            let scales = memory.room(for: Float.self, groups)
            quantize(memory.copy(values), quants, scales, values.count)
            return (Array(quants, count: 32 * groups), Array(scales, count: groups))
        }
    }
}
