import Quantization
import Testing

/// The bound beyond which a type would store infinity.
@Suite struct TensorTypeRangeTests {
    @Test(arguments: [
        TensorType.f32, .f16, .bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K,
    ])
    func theLargestValueStaysANumber(type: TensorType) throws {
        let rows: [[Float]] = [
            (0..<256).map { $0 % 3 == 0 ? type.largestValue : -type.largestValue },
            (0..<256).map { _ in type.largestValue },
            (0..<256).map { $0 == 77 ? -type.largestValue : Float($0) },
            (0..<256).map { type.largestValue * (1 - Float($0) / 128) },
        ]
        for values in rows {
            let decoded = try encodeRow(values, type: type).withUnsafeBytes {
                try decodeRow($0, type: type, count: values.count)
            }
            #expect(decoded.allSatisfy { $0.isFinite })
            #expect(type.firstUnstorable(values, count: values.count) == nil)
        }
    }

    /// A float16 scale of a block stands for more than a float16's largest value.
    @Test(arguments: [TensorType.q4_0, .q5_0, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K])
    func blocksHoldMoreThanAFloat16(type: TensorType) throws {
        var values = [Float](repeating: 0, count: 256)
        values[40] = 200_000
        let decoded = try encodeRow(values, type: type).withUnsafeBytes {
            try decodeRow($0, type: type, count: values.count)
        }
        #expect(type.firstUnstorable(values, count: values.count) == nil)
        #expect((decoded[40] / 200_000 - 1).magnitude < 0.03, "\(decoded[40])")
    }

    @Test(arguments: [TensorType.f32, .f16, .bf16, .q8_0])
    func theFirstThatCannotBeStoredIsFound(type: TensorType) {
        for value in [Float.infinity, -.infinity, .nan, -.nan, type.largestValue.nextUp] {
            let values: [Float] = [0, -1, type.largestValue, value, value]
            #expect(type.firstUnstorable(values, count: values.count) == 3)
            #expect(type.firstUnstorable(values, count: 3) == nil)
        }
    }
}
