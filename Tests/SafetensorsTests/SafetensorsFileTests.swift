@testable import Safetensors
import Terms
import Testing
import _TestSupport

@Suite struct SafetensorsFileTests {
    @Test func aSmallFileIsReadWhole() throws {
        let file = try RawSafetensors.valid.open()
        #expect(file.metadata == ["format": "pt"])
        #expect(
            file.tensors == [SafetensorsTensor(name: "a", type: .float32, shape: [2, 3], range: 0..<24)])
        #expect(file.tensor("a")?.elementCount == 6)
        #expect(Array(file.bytes(of: file.tensors[0])) == RawSafetensors.valid.data)
        #expect(file.tensor("b") == nil)
        let error = #expect(throws: SafetensorsError.self) { try file.floats("b") }
        #expect(error?.kind == .tensorNotFound)
    }

    @Test(arguments: [
        "{}", "{ }", "{\n}\t ", #"{"__metadata__":{}}"#,
        #"{"a":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]}}"#,
        #"{"a":{"shape" : [ ] , "data_offsets":[0,0],"dtype":"F64","shape2":null}}"#
            .replacing("[ ]", with: "[0]"),
        #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"extra":{"x":[1,-2.5e3,true,"\u00e9",[[]]]}}}"#,
    ])
    func whatHoldsNoDataMayBeEmpty(header: String) throws {
        _ = try RawSafetensors(header).open()
    }

    @Test func tensorsAreListedByTheirPlaceWhateverTheOrderOfTheHeader() throws {
        let file = try RawSafetensors(
            """
            {"b":{"dtype":"U8","shape":[3],"data_offsets":[5,8]},"scalar":{"dtype":"F32","shape":[],\
            "data_offsets":[1,5]},"none":{"dtype":"F32","shape":[0],"data_offsets":[1,1]},\
            "c":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}
            """, data: 8
        ).open()
        #expect(file.tensors.map(\.name) == ["c", "none", "scalar", "b"])
        #expect(file.tensor("scalar")?.elementCount == 1)
        #expect(Array(file.bytes(of: file.tensors[3])) == [6, 7, 8])
        #expect(file.bytes(of: file.tensors[1]).isEmpty)
    }

    @Test func escapesInNamesAreResolved() throws {
        let file = try RawSafetensors(
            #"{"__metadata__":{"a\"\\\/\b\f\n\r\t":"\u00e9\ud83d\ude00\u0000"},"#
                + #""\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 1
        ).open()
        #expect(file.metadata == ["a\"\\/\u{8}\u{c}\n\r\t": "é😀\0"])
        #expect(file.tensor("a") != nil)
    }

    @Test func subByteTypesShareBytes() throws {
        let file = try RawSafetensors(
            #"{"a":{"dtype":"F4","shape":[2,3],"data_offsets":[0,3]},"#
                + #""b":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[3,6]}}"#, data: 6
        ).open()
        #expect(file.tensors.map(\.byteCount) == [3, 3])
    }

    @Test func halfPrecisionsAreConvertedExactly() throws {
        var writer = SafetensorsWriter()
        // 1, -2, the smallest denormal, the largest number, infinity, not a number.
        writer.add(
            "h", shape: [6], type: .float16,
            bytes: little([0x3c00, 0xc000, 1, 0x7bff, 0x7c00, 0x7e00 as UInt16]))
        writer.add(
            "b", shape: [4], type: .bfloat16, bytes: little([0x3f80, 0xc000, 0x7f80, 0x7fc0 as UInt16]))
        writer.add("d", shape: [2], type: .float64, bytes: little([0x3ff8_0000_0000_0000, UInt64(0)]))
        writer.add("i", shape: [1], type: .int32, bytes: little([UInt32(1)]))
        let folder = try TemporaryFolder()
        try writer.write(to: folder.file("x"))
        let file = try SafetensorsFile(path: folder.file("x"))
        let half = try file.floats("h")
        #expect(half[..<5] == [1, -2, 0x1p-24, 65504, .infinity])
        #expect(half[5].isNaN)
        let brain = try file.floats("b")
        #expect(brain[..<3] == [1, -2, .infinity])
        #expect(brain[3].isNaN)
        #expect(try file.floats("d") == [1.5, 0])
        let error = #expect(throws: SafetensorsError.self) { try file.floats("i") }
        #expect(error?.kind == .unsupportedType)
    }

    private func little<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    }

    @Test func whatTheReferenceLibraryWroteIsRead() throws {
        let file = try SafetensorsFile(path: fixturePath("safetensors/tiny.safetensors"))
        #expect(file.metadata == ["made by": "numpy \"2\" ü"])
        #expect(
            Set(file.tensors.map(\.name)) == ["matrix", "half", "bytes", "scalar", "none", "long name/ü"])
        let values = (0..<6).map { Float($0) * 0.25 - 0.5 }
        #expect(try file.floats("matrix") == values)
        #expect(file.tensor("matrix")?.shape == [2, 3])
        #expect(try file.floats("half") == values)
        #expect(try file.floats("scalar") == [2.5])
        #expect(file.tensor("scalar")?.shape == [])
        #expect(try file.floats("none") == [])
        #expect(try file.floats("long name/ü") == [1])
        #expect(try Array(file.bytes(of: file.requiredTensor("bytes"))) == [1, 2, 3])
    }
}
