import CKernels
import Foundation
import Quantization
import Testing
import _TestSupport

private let superblockTypes: [TensorType] = [.q2_K, .q3_K, .q4_K, .q5_K, .q6_K]

private func recoded(_ values: [Float], _ type: TensorType) throws -> [Float] {
    try decoded(encodeRow(values, type: type), type)
}

private func decoded(_ bytes: [UInt8], _ type: TensorType) throws -> [Float] {
    try bytes.withUnsafeBytes {
        try decodeRow($0, type: type, count: bytes.count / type.bytesPerBlock * type.blockSize)
    }
}

/// `Tests/Fixtures/quantization/superblocks.bin`: values, and what ggml's own quantiser makes of them.
private struct ReferenceSuperblocks {
    var values: [Float]
    var bytes: [TensorType: [UInt8]]

    init() throws {
        let data = try [UInt8](fixture("quantization/superblocks.bin"))
        func word(_ offset: Int) -> UInt32 {
            data[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        let count = Int(word(0))
        values = (0..<count).map { Float(bitPattern: word(4 + 4 * $0)) }
        var offset = 4 + 4 * count
        bytes = [:]
        for type in superblockTypes {
            let size = count / 256 * type.bytesPerBlock
            bytes[type] = Array(data[offset..<offset + size])
            offset += size
        }
    }
}

@Suite struct SuperblockEncodingTests {
    @Test(arguments: superblockTypes)
    func theErrorIsNoLargerThanThatOfTheReference(type: TensorType) throws {
        let reference = try ReferenceSuperblocks()
        let theirs = try decoded(#require(reference.bytes[type]), type)
        let ours = try recoded(reference.values, type)
        // Normal, Laplace, shifted values, weights of a model.
        for range in [0..<1024, 1024..<1792, 1792..<2304, 2304..<reference.values.count] {
            let values = reference.values[range]
            let allowed = relativeError(theirs[range], values)
            expectClose(ours[range], values, relativeError: allowed, "\(type) \(range)")
            #expect(allowed > 0)
        }
    }

    @Test(arguments: zip(superblockTypes, [0.29, 0.16, 0.076, 0.038, 0.0185]))
    func normalValuesKeepTheirErrorBound(type: TensorType, bound: Double) throws {
        var numbers = SeededNumbers(seed: 5)
        for scale in [Float(1), 0.02, 0.001, 4096] {
            // A float16 of less than 2^-14 has fewer bits, and the units of Q6_K are the smallest.
            let slack = scale == 0.001 ? 1.2 : 1
            let values = numbers.normal(256 * 8, scale: scale)
            expectClose(try recoded(values, type), values, relativeError: bound * slack, "\(type) × \(scale)")
        }
    }

    @Test(arguments: superblockTypes)
    func unitsThatAreTooCoarseGiveZerosRatherThanNoise(type: TensorType) throws {
        var numbers = SeededNumbers(seed: 6)
        let values = numbers.normal(256 * 4, scale: 3e-7)
        expectClose(try recoded(values, type), values, relativeError: 1, "\(type)")
    }

    @Test(arguments: superblockTypes)
    func everyInstructionSetWritesTheSameBytes(type: TensorType) throws {
        var numbers = SeededNumbers(seed: 11)
        var values = numbers.normal(256 * 32)
        for index in stride(from: 0, to: values.count, by: 97) { values[index] *= 40 }
        for index in 1024..<1280 { values[index] *= 1e-20 }
        for index in 1280..<1536 { values[index] = Float(index % 7) - 3 }
        let scalar = try #require(tl_encoder_for(type.rawValue, Int32(TL_INSTRUCTIONS_SCALAR)))
        let best = try #require(tl_encoder_for(type.rawValue, tl_best_instruction_set()))
        var (plain, fast) = ([UInt8](repeating: 0, count: 32 * type.bytesPerBlock), [UInt8]())
        fast = plain
        scalar(values, &plain, values.count)
        best(values, &fast, values.count)
        #expect(plain == fast)
        #expect(try encodeRow(values, type: type) == plain)
    }

    @Test(arguments: superblockTypes)
    func zerosStayZeros(type: TensorType) throws {
        #expect(try recoded([Float](repeating: 0, count: 512), type).allSatisfy { $0 == 0 })
        // One group of zeros among others.
        var values = [Float](repeating: 0, count: 256)
        for index in 64..<128 { values[index] = Float(index - 90) }
        let decoded = try recoded(values, type)
        #expect(decoded[0..<64].allSatisfy { $0 == 0 })
        #expect(decoded[128...].allSatisfy { $0 == 0 })
    }

    /// -m, 0 and m are 0, 15 and 30 of Q5_K's codes: found whatever m's rounding is.
    @Test func threeValuesAreMetWhateverTheirSize() throws {
        for step in 1...60 {
            let size = Float(step) * 0.0171
            let values = (0..<512).map { (index: Int) -> Float in
                let sign = (index * 7 + index / 5) % 3 - 1
                return size * Float(sign)
            }
            expectClose(try recoded(values, .q5_K), values, relativeError: 0.004, "\(size)")
        }
    }

    @Test(arguments: superblockTypes)
    func aConstantIsMetToTheRoundingOfItsScale(type: TensorType) throws {
        for value in [Float(1), -1, 0.37, -0.042, 512] {
            let values = [Float](repeating: value, count: 256)
            expectClose(try recoded(values, type), values, relativeError: 0.003, "\(type) \(value)")
        }
    }

    @Test(arguments: superblockTypes)
    func anOutlierIsKeptAndSpoilsItsOwnGroupOnly(type: TensorType) throws {
        var numbers = SeededNumbers(seed: 2)
        var values = numbers.normal(256)
        values[200] = 30
        let decoded = try recoded(values, type)
        #expect((decoded[200] - 30).magnitude < 1.5, "\(type): \(decoded[200])")
        // The other groups have scales of their own, though in coarser steps of the outlier's.
        let others = Array(values[0..<192])
        expectClose(Array(decoded[0..<192]), others, relativeError: type == .q2_K ? 0.55 : 0.3, "\(type)")
    }

    @Test(arguments: superblockTypes)
    func hugeAndTinyValuesDoNotSpoilTheArithmetic(type: TensorType) throws {
        var numbers = SeededNumbers(seed: 3)
        // A scale beyond float16 is infinite, one below it zero: the quants are then
        // arbitrary, the encoder is not.
        for scale in [Float(1e37), 1e25, 1e-20, 1e-38, 0x1p-146] {
            let values = numbers.normal(256, scale: scale)
            let bytes = try encodeRow(values, type: type)
            #expect(try encodeRow(values, type: type) == bytes)
            if scale < 1e-10 { #expect(try decoded(bytes, type).allSatisfy { $0 == 0 }) }
        }
        let largest = [Float](repeating: .greatestFiniteMagnitude, count: 256)
        #expect(try encodeRow(largest, type: type).count == type.bytesPerBlock)
    }

    @Test(arguments: superblockTypes)
    func twiceIsTheSameAndRowsAreIndependent(type: TensorType) throws {
        var numbers = SeededNumbers(seed: 9)
        let values = numbers.normal(1024)
        let whole = try encodeRow(values, type: type)
        #expect(try encodeRow(values, type: type) == whole)
        let parts = try stride(from: 0, to: 1024, by: 256)
            .flatMap { try encodeRow(Array(values[$0..<$0 + 256]), type: type) }
        #expect(parts == whole)
    }

    @Test(arguments: superblockTypes)
    func partsOfASuperblockAreRefused(type: TensorType) {
        #expect(throws: QuantizationError.partialBlock(type: type, count: 288)) {
            try encodeRow([Float](repeating: 0, count: 288), type: type)
        }
    }
}
