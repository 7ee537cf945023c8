@testable import GGUF
import Quantization
import Terms
import Testing

/// The handcrafted files of llama.cpp's tests/test-gguf.cpp, under its names.
@Suite struct HandcraftedFileTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        /// The fault that must be found; nil where the file must open.
        let fault: GGUFError.Kind?
        let spoil: @Sendable (inout RawGGUF) -> Void

        init(_ name: String, _ fault: GGUFError.Kind?, _ spoil: @escaping @Sendable (inout RawGGUF) -> Void) {
            self.name = name
            self.fault = fault
            self.spoil = spoil
        }

        var testDescription: String { name }
    }

    static let header: [Case] = [
        Case("HEADER_BAD_MAGIC", .notGGUF) { $0.magic = Array("FUGG".utf8) },
        Case("HEADER_BAD_VERSION_0", .unsupportedVersion) { $0.version = 0 },
        Case("HEADER_BAD_VERSION_1", .unsupportedVersion) { $0.version = 1 },
        Case("HEADER_BAD_VERSION_FUTURE", .unsupportedVersion) { $0.version = 4 },
        Case("HEADER_BAD_N_TENSORS", .countTooLarge) { $0.tensorCount = .max },
        Case("HEADER_BAD_N_KV", .countTooLarge) { $0.metadataCount = .max },
        Case("HEADER_EMPTY", nil) { $0 = RawGGUF() },
    ]

    static let metadata: [Case] = [
        Case("KV_BAD_KEY_SIZE", .badStringLength) {
            $0.entries[3].replaceSubrange(0..<8, with: RawGGUF.little(UInt64.max))
        },
        Case("KV_EMPTY_KEY", .badStringLength) { $0.entries[3] = RawGGUF.entry("", .uint8, [1]) },
        Case("KV_BAD_TYPE", .unknownValueType) { $0.entries[3] = RawGGUF.entry("k", 13, [1]) },
        Case("KV_DUPLICATE_KEY", .duplicateKey) { $0.entries.append($0.entries[3]) },
        Case("KV_BAD_ALIGN", .badAlignment) { $0.declare(alignment: 13) },
        Case("KV_WRONG_TYPE_ALIGN", .badAlignment) {
            $0.entries.append(RawGGUF.entry("general.alignment", .int32, RawGGUF.little(Int32(32))))
        },
        Case("KV_SUCCESS", nil) { _ in },
    ]

    static let tensors: [Case] = [
        Case("TENSORS_BAD_NAME_SIZE", .badStringLength) {
            $0.tensors[1].name = String(repeating: "n", count: 64)
        },
        Case("TENSORS_BAD_N_DIMS", .badDimensionCount) { $0.tensors[1].shape = [1, 1, 1, 1, 1] },
        Case("TENSORS_BAD_SHAPE", .badDimension) { $0.tensors[1].shape = [.max] },
        Case("TENSORS_ZERO_DIM", nil) { $0.tensors[1].shape = [5, 0, 3] },
        Case("TENSORS_NE_TOO_BIG", .shapeOverflow) { $0.tensors[1].shape = [1 << 62, 4] },
        Case("TENSORS_NBYTES_TOO_BIG", .sizeOverflow) {
            $0.tensors[1].shape = [1 << 61]
            $0.tensors[1].type = TensorType.i64.rawValue
        },
        Case("TENSORS_BAD_TYPE", .unknownTensorType) { $0.tensors[1].type = 43 },
        Case("TENSORS_BAD_OFFSET", .badOffset) { $0.tensors[1].offset = .max },
        Case("TENSORS_DUPLICATE_NAME", .duplicateTensor) { $0.tensors[1].name = $0.tensors[0].name },
        Case("TENSORS_BAD_ALIGN", .badAlignment) { $0.declare(alignment: 13, layingOut: true) },
        Case("TENSORS_INCONSISTENT_ALIGN", .badOffset) { $0.alignment = 1 },
        Case("TENSORS_SUCCESS", nil) { _ in },
        Case("TENSORS_CUSTOM_ALIGN", nil) { $0.declare(alignment: 1, layingOut: true) },
    ]

    static let data: [Case] = [
        Case("DATA_NOT_ENOUGH_DATA", .dataOutOfBounds) {
            $0.padsLastTensor = false
            $0.tensors[3].data = Array(repeating: 1, count: 419)
        },
        Case("DATA_BAD_ALIGN", .badAlignment) { $0.declare(alignment: 13, layingOut: true) },
        Case("DATA_INCONSISTENT_ALIGN", .badOffset) {
            $0.declare(alignment: 64)
            $0.alignment = 32
        },
        Case("DATA_MEM_SIZE_OVERFLOW", .sizeOverflow) {
            let huge = RawGGUF.Tensor(shape: [0x7FFF_FFFF_FFFF_FFC0], type: TensorType.i8.rawValue, offset: 0)
            $0.tensors = [huge, huge]
            $0.tensors[1].name = "u"
            $0.tensors[1].offset = 0x7FFF_FFFF_FFFF_FFC0
        },
        Case("DATA_SUCCESS", nil) { _ in },
        Case("DATA_CUSTOM_ALIGN", nil) { $0.declare(alignment: 256, layingOut: true) },
    ]

    @Test(arguments: header + metadata + tensors + data)
    func opensOrNamesTheFault(file: Case) throws {
        var raw = RawGGUF.valid
        file.spoil(&raw)
        if let fault = file.fault {
            let error = #expect(throws: GGUFError.self) { try raw.open() }
            #expect(error?.kind == fault, "\(String(describing: error))")
            #expect(error?.path == "raw.gguf")
            #expect(error?.remedy?.isEmpty == false)
        } else {
            let opened = try raw.open()
            #expect(opened.tensors.count == raw.tensors.count)
            #expect(opened.metadata.keys.count == raw.entries.count)
        }
    }

    @Test func thereAre33OfThem() {
        #expect(Self.header.count + Self.metadata.count + Self.tensors.count + Self.data.count == 33)
    }
}
