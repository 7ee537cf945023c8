import Quantization
import Testing

@Suite struct RowCodingTests {
    @Test func theFixtureHasEveryType() {
        #expect(
            Set(GoldenRows.decoded.map(\.type))
                == Set(TensorType.allCases.filter(\.isDecodable)).subtracting([.f32]))
        let encodable: Set<TensorType> = [.f16, .bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0]
        #expect(Set(GoldenRows.encoded.map(\.type)) == encodable)
        #expect(
            Set(TensorType.allCases.filter(\.isEncodable))
                == encodable.union([.f32, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K]))
    }

    @Test(arguments: GoldenRows.decoded)
    func decodesBitForBitAsTheReference(row: GoldenRow) throws {
        let values = try row.bytes.withUnsafeBytes { bytes in
            try decodeRow(bytes, type: row.type, count: row.values.count)
        }
        #expect(values.identity == row.values.identity)
    }

    @Test(arguments: GoldenRows.encoded)
    func encodesBitForBitAsTheReference(row: GoldenRow) throws {
        let bytes = try encodeRow(row.values, type: row.type)
        for block in 0..<row.blockCount {
            let range = block * row.type.bytesPerBlock..<(block + 1) * row.type.bytesPerBlock
            #expect(Array(bytes[range]) == row.blocks(block..<block + 1), "block \(block)")
        }
    }

    @Test(arguments: TensorType.allCases.filter { $0.isEncodable && $0.blockSize <= 32 })
    func whatWasEncodedDecodesWithinHalfAStep(type: TensorType) throws {
        var numbers = SeededNumbers(seed: 3)
        let values = numbers.normal(32 * 9)
        let decoded = try encodeRow(values, type: type).withUnsafeBytes { bytes in
            try decodeRow(bytes, type: type, count: values.count)
        }
        for group in stride(from: 0, to: values.count, by: 32) {
            let range = group..<group + 32
            let largest = values[range].reduce(0) { max($0, $1.magnitude) }
            // Half a step of the type over twice the largest magnitude (Q4_0 and Q5_0 lose a whole step at
            // one end), and the rounding of scale and offset to float16.
            let step: Float =
                switch type {
                case .q4_0: largest / 8 * 2
                case .q5_0: largest / 16 * 2
                case .q4_1: 2 * largest / 15
                case .q5_1: 2 * largest / 31
                case .q8_0: largest / 127
                case .f16: largest * 0x1p-10
                case .bf16: largest * 0x1p-7
                default: 0
                }
            let bound = step / 2 + (type == .f32 ? 0 : largest * 0x1p-9)
            for index in range {
                let error = (decoded[index] - values[index]).magnitude
                #expect(error <= bound, "\(type) value \(index): error \(error), allowed \(bound)")
            }
        }
    }

    @Test(
        arguments: TensorType.allCases.filter { $0.isEncodable && $0.isQuantized },
        [Float(0), 0x1p-130, -0x1p-147])
    func zerosAndSubnormalsDecodeToZeros(type: TensorType, value: Float) throws {
        let values = [Float](repeating: value, count: 256)
        let decoded = try encodeRow(values, type: type).withUnsafeBytes { bytes in
            try decodeRow(bytes, type: type, count: 256)
        }
        #expect(decoded.allSatisfy { $0 == 0 })
    }

    @Test(arguments: TensorType.allCases.filter { $0.isEncodable && $0.isQuantized })
    func aValueThatIsNotFiniteIsRefused(type: TensorType) {
        for value in [Float.nan, .infinity, -.infinity] {
            var values = [Float](repeating: 1, count: 256)
            values[40] = value
            #expect(throws: QuantizationError.notFinite(type: type, index: 40)) {
                try encodeRow(values, type: type)
            }
        }
    }

    @Test func theFloatTypesKeepNaN() throws {
        for type in [TensorType.f32, .f16, .bf16] {
            let decoded = try encodeRow([.nan, 1], type: type).withUnsafeBytes { bytes in
                try decodeRow(bytes, type: type, count: 2)
            }
            #expect(decoded[0].isNaN)
            #expect(decoded[1] == 1)
        }
    }

    @Test func rowsThatAreNotWholeAreRefused() {
        #expect(throws: QuantizationError.partialBlock(type: .q4_1, count: 33)) {
            try encodeRow([Float](repeating: 0, count: 33), type: .q4_1)
        }
        #expect(throws: QuantizationError.partialBlock(type: .q4_K, count: 32)) {
            try [UInt8](repeating: 0, count: 144).withUnsafeBytes { bytes in
                try decodeRow(bytes, type: .q4_K, count: 32)
            }
        }
        let short = QuantizationError.wrongByteCount(type: .q8_0, count: 32, expected: 34, found: 33)
        #expect(throws: short) {
            try [UInt8](repeating: 0, count: 33).withUnsafeBytes { bytes in
                try decodeRow(bytes, type: .q8_0, count: 32)
            }
        }
        #expect(throws: QuantizationError.cannotEncode(type: .iq4_XS)) {
            try encodeRow([Float](repeating: 0, count: 256), type: .iq4_XS)
        }
    }

    @Test func anEmptyRowIsEmpty() throws {
        #expect(try encodeRow([], type: .q4_1).isEmpty)
        #expect(try decodeRow(UnsafeRawBufferPointer(start: nil, count: 0), type: .q4_1, count: 0).isEmpty)
    }

    @Test func everyErrorSaysWhatAndWhatToDo() {
        #expect(
            "\(QuantizationError.partialBlock(type: .q4_K, count: 576))"
                == "576 elements are not a whole number of Q4_K blocks of 256\n"
                + "  fix  use a type with blocks of 32, such as Q8_0")
        #expect(QuantizationError.cannotEncode(type: .iq4_XS).remedy?.contains("Q8_0") == true)
    }
}
