import Glibc
@testable import Safetensors
import Terms
import Testing
import _TestSupport

/// A header with one tensor `a`.
private func tensor(_ fields: String) -> String { "{\"a\":{\(fields)}}" }

@Suite struct SafetensorsFaultTests {
    static let headers: [(String, Int, SafetensorsError.Kind)] = [
        // The text.
        ("", 0, .invalidHeaderStart), (" {}", 0, .invalidHeaderStart), ("\u{feff}{}", 0, .invalidHeaderStart),
        ("[]", 0, .invalidHeaderStart), ("{", 0, .invalidHeaderDeserialization),
        ("{}x", 0, .invalidHeaderDeserialization), ("{} {}", 0, .invalidHeaderDeserialization),
        ("{\"a\"}", 0, .invalidHeaderDeserialization), ("{\"a\":1}", 0, .invalidHeaderDeserialization),
        ("{a:1}", 0, .invalidHeaderDeserialization), ("{\"a", 0, .invalidHeaderDeserialization),
        ("{\"__metadata__\":{},}", 0, .invalidHeaderDeserialization),
        ("{\"a\u{1}\":1}", 0, .invalidHeaderDeserialization),
        (#"{"\ud800":1}"#, 0, .invalidHeaderDeserialization),
        (#"{"\udc00":1}"#, 0, .invalidHeaderDeserialization),
        (#"{"\ud800\u0041":1}"#, 0, .invalidHeaderDeserialization),
        (#"{"\x":1}"#, 0, .invalidHeaderDeserialization),
        (#"{"\u00g0":1}"#, 0, .invalidHeaderDeserialization), (#"{"\"#, 0, .invalidHeaderDeserialization),
        (#"{"\ud800"#, 0, .invalidHeaderDeserialization), (#"{"\u00"#, 0, .invalidHeaderDeserialization),
        // Keys.
        (#"{"__metadata__":{},"__metadata__":{}}"#, 0, .duplicateKey),
        (#"{"__metadata__":{"k":"1","k":"1"}}"#, 0, .duplicateKey),
        (tensor(#""dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]"#), 1, .duplicateKey),
        (
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
            2, .duplicateKey
        ),
        // Metadata.
        (#"{"__metadata__":{"k":1}}"#, 0, .invalidMetadata), (#"{"__metadata__":null}"#, 0, .invalidMetadata),
        (#"{"__metadata__":{"k":{"l":"m"}}}"#, 0, .invalidMetadata),
        (#"{"__metadata__":[]}"#, 0, .invalidMetadata),
        // Fields.
        (tensor(#""dtype":"U8","shape":[1]"#), 1, .tensorInvalidInfo),
        (tensor(#""dtype":"U8","data_offsets":[0,1]"#), 1, .tensorInvalidInfo),
        (tensor(#""shape":[1],"data_offsets":[0,1]"#), 1, .tensorInvalidInfo),
        (tensor(#""dtype":"U8","shape":[1],"data_offsets":[0]"#), 1, .tensorInvalidInfo),
        (tensor(#""dtype":"U8","shape":[1],"data_offsets":[0,1,2]"#), 1, .tensorInvalidInfo),
        (tensor(#""dtype":"U9","shape":[1],"data_offsets":[0,1]"#), 1, .unknownType),
        (tensor(#""dtype":"u8","shape":[1],"data_offsets":[0,1]"#), 1, .unknownType),
        (tensor(#""dtype":8,"shape":[1],"data_offsets":[0,1]"#), 1, .invalidHeaderDeserialization),
        // Numbers.
        (tensor(#""dtype":"U8","shape":[-1],"data_offsets":[0,1]"#), 1, .invalidHeaderDeserialization),
        (tensor(#""dtype":"U8","shape":[1.5],"data_offsets":[0,1]"#), 1, .invalidHeaderDeserialization),
        (tensor(#""dtype":"U8","shape":[1e3],"data_offsets":[0,1]"#), 1, .invalidHeaderDeserialization),
        (tensor(#""dtype":"U8","shape":[01],"data_offsets":[0,1]"#), 1, .invalidHeaderDeserialization),
        (tensor(#""dtype":"U8","shape":["1"],"data_offsets":[0,1]"#), 1, .invalidHeaderDeserialization),
        (tensor(#""dtype":"U8","shape":[1,],"data_offsets":[0,1]"#), 1, .invalidHeaderDeserialization),
        (tensor(#""dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,1]"#), 1, .validationOverflow),
        (
            tensor(#""dtype":"U8","shape":[18446744073709551617],"data_offsets":[0,1]"#), 1,
            .validationOverflow
        ),
        (
            tensor(#""dtype":"U8","shape":[4194305,4194305,211106198978564],"data_offsets":[0,4]"#), 4,
            .validationOverflow
        ),
        (
            tensor(#""dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]"#), 0,
            .validationOverflow
        ),
        (
            tensor(#""dtype":"U8","shape":[0,4611686018427387904,4],"data_offsets":[0,0]"#), 0,
            .validationOverflow
        ),
        // Places.
        (tensor(#""dtype":"F32","shape":[2],"data_offsets":[0,4]"#), 4, .tensorInvalidInfo),
        (tensor(#""dtype":"F4","shape":[3],"data_offsets":[0,2]"#), 2, .misalignedSlice),
        (tensor(#""dtype":"F6_E3M2","shape":[3],"data_offsets":[0,3]"#), 3, .misalignedSlice),
        (tensor(#""dtype":"U8","shape":[1],"data_offsets":[1,0]"#), 1, .invalidOffset),
        (tensor(#""dtype":"U8","shape":[1],"data_offsets":[1,2]"#), 2, .invalidOffset),
        (
            #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
            3, .invalidOffset
        ),
        (
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}"#,
            3, .invalidOffset
        ),
        (tensor(#""dtype":"U8","shape":[1],"data_offsets":[0,1]"#), 2, .metadataIncompleteBuffer),
        (tensor(#""dtype":"U8","shape":[1],"data_offsets":[0,1]"#), 0, .metadataIncompleteBuffer),
        (
            tensor(#""dtype":"U8","shape":[9223372036854775800],"data_offsets":[0,9223372036854775800]"#), 0,
            .validationOverflow
        ),
        ("{}", 1, .metadataIncompleteBuffer),
    ]

    @Test(arguments: headers) func theFaultIsNamed(header: String, data: Int, kind: SafetensorsError.Kind) {
        let error = #expect(throws: SafetensorsError.self) { try RawSafetensors(header, data: data).open() }
        #expect(error?.kind == kind, "\(String(describing: error))")
        #expect(error?.message.hasPrefix("raw.safetensors: ") == true)
    }

    @Test func theMessageNamesFieldByteFoundAndAllowed() {
        let header = tensor(#""dtype":"U9","shape":[1],"data_offsets":[0,1]"#)
        let error = #expect(throws: SafetensorsError.self) { try RawSafetensors(header, data: 1).open() }
        #expect(
            error?.message.hasPrefix("raw.safetensors: dtype of a, byte 22: found U9, allowed BOOL F4 ")
                == true)
        #expect(error?.code == "unknownType")
    }

    @Test func aNameThatIsNotUTF8IsRefused() {
        var raw = RawSafetensors.valid
        raw.header[2] = 0xff
        let error = #expect(throws: SafetensorsError.self) { try raw.open() }
        #expect(error?.kind == .invalidHeader)
    }

    @Test(
        arguments: [
            (100_000_001, .headerTooLarge), (.max, .headerTooLarge), (1 << 63, .headerTooLarge),
            (1_000, .invalidHeaderLength), (0, .invalidHeaderStart),
        ] as [(UInt64, SafetensorsError.Kind)])
    func aLengthThatCannotBeIsRefused(length: UInt64, kind: SafetensorsError.Kind) {
        var raw = RawSafetensors.valid
        raw.length = length
        let error = #expect(throws: SafetensorsError.self) { try raw.open() }
        #expect(error?.kind == kind)
    }

    @Test(arguments: [64, 65, 160, 511, 512, 100_000]) func deepNestingIsRefused(depth: Int) async {
        let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let header = tensor(#""dtype":"U8","shape":[0],"data_offsets":[0,0],"x":\#(nested)"#)
        // On a thread of the cooperative pool, whose stack is small.
        let kind = await Task { () -> SafetensorsError.Kind? in
            do throws(SafetensorsError) { _ = try RawSafetensors(header).open() } catch { return error.kind }
            return nil
        }.value
        #expect(kind == (depth <= 64 ? nil : .tooDeep))
    }

    /// Tens of thousands of overlapping entries: sorted once, refused at the first overlap.
    @Test func manyOverlapsAreRefusedInLinearTime() {
        let entries = (0..<20_000).map { #""\#($0)":{"dtype":"U8","shape":[10],"data_offsets":[0,10]}"# }
        let raw = RawSafetensors("{\(entries.joined(separator: ","))}", data: 10)
        let time = ContinuousClock().measure {
            let error = #expect(throws: SafetensorsError.self) { try raw.open() }
            #expect(error?.kind == .invalidOffset)
        }
        #expect(time < .seconds(5))
    }

    @Test func aFileCutShortAtAnyByteIsRefused() {
        let bytes = RawSafetensors.valid.bytes
        for count in 0..<bytes.count {
            let error = #expect(throws: SafetensorsError.self) {
                try SafetensorsFile(FileContents(copying: bytes[..<count]))
            }
            if count < 8 { #expect(error?.kind == .headerTooSmall) }
        }
    }

    /// What opens after a flip can be read in full.
    @Test func noFlippedBitOfTheHeaderTraps() {
        let bytes = RawSafetensors.valid.bytes
        var refused = 0
        for bit in 0..<(bytes.count - 24) * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            do throws(SafetensorsError) {
                let file = try SafetensorsFile(FileContents(copying: changed))
                for tensor in file.tensors {
                    #expect(file.bytes(of: tensor).reduce(0) { $0 + Int($1) } == 300)
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > bytes.count * 4)
    }

    @Test func whatIsNoRegularFileIsRefused() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo(folder.file("pipe"), 0o600) == 0)
        try folder.write([], to: "empty")
        let cases = [
            ("pipe", "notARegularFile"), ("", "isAFolder"), ("missing", "fileNotFound"),
            ("empty", "headerTooSmall"),
        ]
        for (name, code) in cases {
            let error = #expect(throws: SafetensorsError.self) {
                try SafetensorsFile(path: folder.file(name))
            }
            #expect(error?.code == code, "\(name)")
        }
    }
}
