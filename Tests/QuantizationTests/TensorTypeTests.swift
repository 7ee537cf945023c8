import Quantization
import Testing

@Suite struct TensorTypeTests {
    @Test func byteCountsAreWholeBlocks() {
        #expect(TensorType.q4_1.byteCount(elements: 576) == 360)
        #expect(TensorType.q6_K.byteCount(elements: 512) == 420)
        #expect(TensorType.f16.byteCount(elements: 3) == 6)
        #expect(TensorType.q8_0.byteCount(elements: 0) == 0)
    }

    @Test(arguments: TensorType.allCases)
    func aCountThatCannotBeIsNil(type: TensorType) {
        #expect(type.byteCount(elements: -type.blockSize) == nil)
        if type.isQuantized {
            #expect(type.byteCount(elements: type.blockSize + 1) == nil)
            #expect(type.byteCount(elements: type.blockSize - 1) == nil)
        }
        let largest = Int.max / type.blockSize * type.blockSize
        let overflows = type.bytesPerBlock > type.blockSize
        #expect((type.byteCount(elements: largest) == nil) == overflows)
    }

    @Test func namesAreThoseOfTheFormat() {
        #expect(TensorType(rawValue: 12)?.name == "Q4_K")
        #expect("\(TensorType.iq4_NL)" == "IQ4_NL")
        #expect(TensorType(rawValue: 4) == nil)
    }
}
