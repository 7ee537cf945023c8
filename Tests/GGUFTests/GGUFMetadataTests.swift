@testable import GGUF
import Terms
import Testing

@Suite struct GGUFMetadataTests {
    @Test func everyTypeIsReadAsItWasStored() throws {
        let metadata = try RawGGUF.valid.open().metadata
        #expect(metadata["u8"] == .uint8(200))
        #expect(metadata["i8"] == .int8(-1))
        #expect(metadata["u16"] == .uint16(60_000))
        #expect(metadata["i16"] == .int16(-2))
        #expect(metadata["u32"] == .uint32(4_000_000_000))
        #expect(metadata["i32"] == .int32(-3))
        #expect(metadata["f32"] == .float32(1.5))
        #expect(metadata["yes"] == .bool(true))
        #expect(metadata["general.architecture"] == .text("tiny"))
        #expect(metadata["names"] == .array(GGUFArray(["a", "", "b\u{301}c"])))
        #expect(metadata["u64"] == .uint64(.max))
        #expect(metadata["i64"] == .int64(.min))
        #expect(metadata["f64"] == .float64(-2.5))
        #expect(metadata["absent"] == nil)
    }

    @Test func valuesAreAskedForByType() throws {
        let metadata = try RawGGUF.valid.open().metadata
        #expect(try metadata.string("general.architecture") == "tiny")
        #expect(
            try ["u8", "i8", "u16", "i16", "u32", "i32"].map(metadata.integer) == [
                200, -1, 60_000, -2, 4_000_000_000, -3,
            ])
        #expect(try metadata.number("f32") == 1.5)
        #expect(try metadata.number("u64") == 0x1p64)
        #expect(try metadata.boolean("yes"))
        #expect(try metadata.stringArray("names") == ["a", "", "b\u{301}c"])
        #expect(try metadata.integerArray("numbers") == [1, 2, 3])
        #expect(try metadata.floatArray("empty") == [])
        #expect(try metadata.array("names").stringByteCount == 5)
    }

    @Test func aMissingKeyIsNamedOnlyWhereItIsRequired() throws {
        let metadata = try RawGGUF.valid.open().metadata
        #expect(try metadata.stringIfPresent("k") == nil)
        #expect(try metadata.integerIfPresent("k") == nil)
        #expect(try metadata.numberIfPresent("k") == nil)
        #expect(try metadata.booleanIfPresent("k") == nil)
        #expect(try metadata.arrayIfPresent("k") == nil)
        #expect(try metadata.stringArrayIfPresent("k") == nil)
        #expect(try metadata.integerArrayIfPresent("k") == nil)
        #expect(try metadata.floatArrayIfPresent("k") == nil)
        let error = #expect(throws: GGUFError.self) { try metadata.integer("llama.block_count") }
        #expect(error?.kind == .missingKey)
        #expect(error?.message == "raw.gguf: llama.block_count: found no such key, allowed a whole number")
    }

    @Test func aValueOfAnotherTypeIsRefusedEvenWhereItIsOptional() throws {
        let metadata = try RawGGUF.valid.open().metadata
        let attempts: [() throws -> Any?] = [
            { try metadata.stringIfPresent("u8") }, { try metadata.integerIfPresent("f32") },
            { try metadata.integerIfPresent("yes") }, { try metadata.numberIfPresent("names") },
            { try metadata.booleanIfPresent("u8") }, { try metadata.arrayIfPresent("f64") },
            { try metadata.stringArrayIfPresent("numbers") }, { try metadata.integerArrayIfPresent("names") },
            { try metadata.floatArrayIfPresent("numbers") }, { try metadata.string("names") },
        ]
        for (index, attempt) in attempts.enumerated() {
            let error = #expect(throws: GGUFError.self, "attempt \(index)") { _ = try attempt() }
            #expect(error?.kind == .wrongType, "attempt \(index)")
        }
        let error = #expect(throws: GGUFError.self) { try metadata.integerArray("names") }
        #expect(error?.message == "raw.gguf: names: found array of string, allowed an array of whole numbers")
    }

    @Test func aNumberThatNoIntHoldsIsOutOfRange() throws {
        let error = #expect(throws: GGUFError.self) { try RawGGUF.valid.open().metadata.integer("u64") }
        #expect(error?.kind == .outOfRange)
        #expect(GGUFArray([1, UInt64.max]).integers() == nil)
    }

    @Test func aStringThatIsNotUTF8KeepsItsBytesAndIsNoText() throws {
        var raw = RawGGUF.valid
        raw.entries[0] = RawGGUF.entry("k", .string, RawGGUF.little(UInt64(2)) + [0x61, 0xff])
        let metadata = try raw.open().metadata
        #expect(metadata["k"] == .string(GGUFString(utf8: [0x61, 0xff])))
        let error = #expect(throws: GGUFError.self) { try metadata.string("k") }
        #expect(error?.kind == .badText)
    }

    @Test func stringsAreEqualByTheirBytes() {
        // An e with an acute accent: one scalar, or the letter and the accent.
        #expect("\u{e9}" == "e\u{301}")
        #expect(GGUFString("\u{e9}") != GGUFString("e\u{301}"))
    }

    @Test func keysKeepTheirOrderThroughChanges() {
        var metadata = GGUFMetadata()
        metadata["a"] = .uint8(1)
        metadata["b"] = .uint8(2)
        metadata["c"] = .uint8(3)
        metadata["a"] = .text("again")
        metadata["b"] = nil
        metadata["absent"] = nil
        metadata["d"] = .bool(true)
        #expect(metadata.keys == ["a", "c", "d"])
        #expect(metadata["a"] == .text("again"))
        #expect(metadata["c"] == .uint8(3))
        #expect(metadata["b"] == nil)
        #expect(metadata["d"] == .bool(true))
    }
}
