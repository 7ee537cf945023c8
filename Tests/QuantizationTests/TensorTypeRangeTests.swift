import Quantization
import Testing

/// The bound beyond which a type would store infinity.
@Suite struct TensorTypeRangeTests {
    @Test(arguments: [
        TensorType.f32, .f16, .bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K,
    ])
    func theLargestValueStaysANumber(type: TensorType) throws {
        let values = (0..<256).map { $0 % 3 == 0 ? type.largestValue : -type.largestValue }
        let decoded = try encodeRow(values, type: type).withUnsafeBytes {
            try decodeRow($0, type: type, count: values.count)
        }
        #expect(decoded.allSatisfy { $0.isFinite })
        #expect(type.firstUnstorable(values, count: values.count) == nil)
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
