@testable import GGUF
import Quantization
import Terms
import Testing

/// Faults beyond llama.cpp's own list. Each case spoils one thing of a valid file.
@Suite struct HostileFileTests {
    typealias Case = HandcraftedFileTests.Case

    static let strings: [Case] = [
        Case("a key length of what remains and one", .badStringLength) {
            // After the length of the last entry's key stand its key, its value and the tensors.
            let last = $0.entries.count - 1
            let before = 24 + $0.entries.dropLast().reduce(0) { $0 + $1.count } + 8
            let remaining = $0.bytes.count - before
            $0.entries[last].replaceSubrange(0..<8, with: RawGGUF.little(UInt64(remaining + 1)))
        },
        Case("a key length of 2^63", .badStringLength) {
            $0.entries[0].replaceSubrange(0..<8, with: RawGGUF.little(UInt64(1) << 63))
        },
        Case("a key of more than 64 KiB", .badStringLength) {
            $0.entries[0] = RawGGUF.entry(String(repeating: "k", count: 65_537), .uint8, [1])
        },
        Case("a key that is not UTF-8", .badText) { $0.entries[0][8] = 0xff },
        Case("a key with a zero byte", .badText) { $0.entries[0][9] = 0 },
        Case("a tensor name with a zero byte", .badText) { $0.tensors[0].name = "a\0b" },
        Case("an empty tensor name", .badStringLength) { $0.tensors[0].name = "" },
        Case("a string value of 2^64-1 bytes", .badStringLength) {
            $0.entries[0] = RawGGUF.entry("k", .string, RawGGUF.little(UInt64.max))
        },
    ]

    static let arrays: [Case] = [
        Case("an array of arrays", .nestedArray) {
            $0.entries[0] = RawGGUF.entry("k", .array, RawGGUF.array(9, 1, RawGGUF.array(0, 1, [1])))
        },
        Case("2^63 elements of type 255", .unknownValueType) {
            $0.entries[0] = RawGGUF.entry("k", .array, RawGGUF.array(255, 1 << 63, []))
        },
        Case("2^63 bytes", .arrayTooLarge) {
            $0.entries[0] = RawGGUF.entry("k", .array, RawGGUF.array(0, 1 << 63, []))
        },
        Case("2^61 + 1 elements of 8 bytes", .arrayTooLarge) {
            $0.entries[0] = RawGGUF.entry(
                "k", .array, RawGGUF.array(12, 1 << 61 + 1, [0, 0, 0, 0, 0, 0, 0, 0]))
        },
        Case("2^61 strings", .arrayTooLarge) {
            $0.entries[0] = RawGGUF.entry("k", .array, RawGGUF.array(8, 1 << 61, RawGGUF.string("a")))
        },
        Case("a string of an array that is longer than the file", .badStringLength) {
            $0.entries[0] = RawGGUF.entry(
                "k", .array, RawGGUF.array(8, 2, RawGGUF.string("a") + RawGGUF.little(UInt64(1) << 62)))
        },
    ]

    static let counts: [Case] = [
        Case("2^63 tensors", .countTooLarge) { $0.tensorCount = 1 << 63 },
        Case("2^63 entries", .countTooLarge) { $0.metadataCount = 1 << 63 },
        Case("a byte-swapped version 3", .bigEndian) { $0.version = UInt32(3).byteSwapped },
        Case("a byte-swapped version 2", .bigEndian) { $0.version = UInt32(2).byteSwapped },
        Case("a byte-swapped version 1", .unsupportedVersion) { $0.version = UInt32(1).byteSwapped },
        Case("alignment 0", .badAlignment) { $0.declare(alignment: 0) },
        Case("alignment 2^31", .badAlignment) { $0.declare(alignment: 1 << 31) },
        Case("alignment 2^17", .badAlignment) { $0.declare(alignment: 1 << 17) },
        Case("alignment 2^16", nil) { $0.declare(alignment: 1 << 16, layingOut: true) },
    ]

    static let tensors: [Case] = [
        Case("0 dimensions", .badDimensionCount) { $0.tensors[1].shape = [] },
        Case("2^32-1 dimensions", .badDimensionCount) { $0.tensors[1].dimensionCount = .max },
        Case("a product that wraps to 4", .shapeOverflow) {
            $0.tensors[1].shape = [4_194_305, 4_194_305, 211_106_198_978_564]
        },
        Case("a product that wraps beside a zero", .shapeOverflow) { $0.tensors[1].shape = [0, 1 << 62, 4] },
        Case("a row that is no whole number of blocks", .badRowLength) { $0.tensors[0].shape = [48, 2] },
        Case("a row of half a K block", .badRowLength) { $0.tensors[3].shape = [128, 4] },
        Case("a hole", .badOffset) { $0.tensors[1].offset = 96 },
        Case("an overlap", .badOffset) { $0.tensors[1].offset = 0 },
        Case("an offset that is not aligned", .badOffset) { $0.tensors[1].offset = 60 },
        Case("tensors in reverse order", .badOffset) {
            $0.tensors = [$0.tensors[1], $0.tensors[2]]
            $0.tensors[0].offset = 32
            $0.tensors[1].offset = 0
        },
        Case("an offset of 2^63", .badOffset) { $0.tensors[1].offset = 1 << 63 },
        Case("a tensor of an exabyte", .dataOutOfBounds) {
            $0.tensors = [RawGGUF.Tensor(shape: [1 << 58])]
        },
        Case("one of two empty tensors at the end", nil) {
            $0.tensors.append(RawGGUF.Tensor(name: "nothing", shape: [0]))
            $0.tensors.append(RawGGUF.Tensor(name: "nothing else", shape: [32, 0]))
        },
    ]

    @Test(arguments: strings + arrays + counts + tensors)
    func opensOrNamesTheFault(file: Case) throws {
        try HandcraftedFileTests().opensOrNamesTheFault(file: file)
    }

    @Test(arguments: [4, 5, 31, 32, 33, 36, 37, 38] as [UInt32])
    func aRemovedTypeIsNotCalledUnknown(type: UInt32) {
        var raw = RawGGUF.valid
        raw.tensors[0].type = type
        let error = #expect(throws: GGUFError.self) { try raw.open() }
        #expect(error?.kind == .removedTensorType)
    }

    @Test(arguments: [43, 255, 0x8000_0000, 0xffff_ffff] as [UInt32])
    func aTypeBeyondTheTableIsUnknown(type: UInt32) {
        var raw = RawGGUF.valid
        raw.tensors[0].type = type
        let error = #expect(throws: GGUFError.self) { try raw.open() }
        #expect(error?.kind == .unknownTensorType)
    }

    /// The reader takes what follows for one more tensor and must find that it is none.
    @Test(arguments: [true, false]) func aCountThatIsOneTooHighIsFound(ofTensors: Bool) {
        var raw = RawGGUF.valid
        if ofTensors {
            raw.tensorCount = UInt64(raw.tensors.count + 1)
        } else {
            raw.metadataCount = UInt64(raw.entries.count + 1)
        }
        #expect(throws: GGUFError.self) { try raw.open() }
    }

    @Test func theMessageNamesFieldEntryByteFoundAndAllowed() {
        var raw = RawGGUF.valid
        raw.entries[1] = RawGGUF.entry("u8", 77, [1])
        let error = #expect(throws: GGUFError.self) { try raw.open() }
        // 24 bytes of counts, the first entry, the key of the second.
        #expect(error?.offset == 24 + raw.entries[0].count + 10)
        #expect(error?.message == "raw.gguf: u8 of entry 1, byte 78: found 77, allowed 0...12")
        #expect(error?.code == "unknownValueType")
    }
}
