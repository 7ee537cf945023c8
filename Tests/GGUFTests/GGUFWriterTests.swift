import Glibc
@testable import GGUF
import Quantization
import Terms
import Testing
import _TestSupport

@Suite struct GGUFWriterTests {
    private struct Stop: Error {}

    private static func everyType() -> GGUFMetadata {
        var metadata = GGUFMetadata()
        let values: [GGUFValue] = [
            .text("tiny"), .uint8(.max), .int8(.min), .uint16(.max), .int16(.min), .uint32(.max),
            .int32(.min),
            .float32(-.greatestFiniteMagnitude), .bool(false), .bool(true),
            .string(GGUFString(utf8: [0xff, 0, 0x61])),
            .uint64(.max), .int64(.min), .float64(.leastNonzeroMagnitude), .text(""),
            .array(GGUFArray([UInt8(1), 255])), .array(GGUFArray([Int8(-1)])),
            .array(GGUFArray([UInt16.max])),
            .array(GGUFArray([Int16.min])), .array(GGUFArray([UInt32.max])), .array(GGUFArray([Int32.min])),
            .array(GGUFArray([Float(1), .infinity])), .array(GGUFArray([true, false])),
            .array(GGUFArray(["a", "", "\u{1F600}"])), .array(GGUFArray([UInt64.max])),
            .array(GGUFArray([Int64.min])), .array(GGUFArray([Double.pi])), .array(GGUFArray([String]())),
            .array(GGUFArray([Float]())),
        ]
        for (index, value) in values.enumerated() { metadata["key.\(index)"] = value }
        return metadata
    }

    @Test func everyTypeOfValueComesBackAsItWas() throws {
        let folder = try TemporaryFolder()
        let metadata = Self.everyType()
        #expect(Set(metadata.entries.map(\.value.type)).count == GGUFValueType.allCases.count)
        try GGUFWriter(metadata).write(to: folder.file("m.gguf"))
        let file = try GGUFFile(path: folder.file("m.gguf"))
        #expect(file.metadata == metadata)
        #expect(file.tensors.isEmpty)
        // And once more, from values that lie in a mapped file.
        try GGUFWriter(file.metadata).write(to: folder.file("n.gguf"))
        #expect(folder.read("m.gguf") == folder.read("n.gguf"))
    }

    @Test(arguments: [nil, 1, 32, 64, 4096] as [UInt32?])
    func tensorsComeBackAtTheirAlignment(alignment: UInt32?) throws {
        let folder = try TemporaryFolder()
        var writer = GGUFWriter()
        if let alignment { writer.metadata["general.alignment"] = .uint32(alignment) }
        writer.add("direction.1", shape: [5], floats: [1, 2, 3, 4, 5])
        writer.add("empty", shape: [0, 3], floats: [])
        writer.add("q", shape: [32, 3], type: .q4_1, bytes: (0..<60).map { UInt8($0) })
        writer.add("streamed", shape: [2, 1_000, 100], type: .f32) { writer in
            for row in 0..<100 { try writer.write([Float](repeating: Float(row), count: 2_000)) }
        }
        writer.add("last", shape: [3], type: .i8, bytes: [7, 8, 9])
        try writer.write(to: folder.file("t.gguf"))

        let file = try GGUFFile(path: folder.file("t.gguf"))
        let multiple = Int(alignment ?? 32)
        #expect(file.alignment == multiple)
        #expect(file.byteCount.isMultiple(of: multiple))
        #expect(file.tensors.map(\.name) == ["direction.1", "empty", "q", "streamed", "last"])
        #expect(file.tensors.map(\.shape) == [[5], [0, 3], [32, 3], [2, 1_000, 100], [3]])
        #expect(file.tensors.map(\.type) == [.f32, .f32, .q4_1, .f32, .i8])
        #expect(floats(file, 0) == [1, 2, 3, 4, 5])
        #expect(file.bytes(of: file.tensors[1]).isEmpty)
        #expect(Array(file.bytes(of: file.tensors[2])) == (0..<60).map { UInt8($0) })
        #expect(floats(file, 3) == (0..<100).flatMap { [Float](repeating: Float($0), count: 2_000) })
        #expect(Array(file.bytes(of: file.tensors[4])) == [7, 8, 9])
    }

    private func floats(_ file: GGUFFile, _ index: Int) -> [Float] {
        let bytes = file.bytes(of: file.tensors[index])
        return (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }

    @Test func aTensorOfAnotherFileIsCopiedAsItIs() throws {
        let folder = try TemporaryFolder()
        let source = try RawGGUF.valid.open()
        var writer = GGUFWriter(source.metadata)
        for tensor in source.tensors { writer.add(tensor, from: source) }
        try writer.write(to: folder.file("copy.gguf"))
        #expect(folder.read("copy.gguf") == RawGGUF.valid.bytes)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: GGUFError.Kind
        let spoil: @Sendable (inout GGUFWriter) -> Void
    }

    static let faults: [Fault] = [
        Fault(testDescription: "two tensors of one name", kind: .duplicateTensor) {
            $0.add("a", shape: [1], floats: [1])
        },
        Fault(testDescription: "a name of 64 bytes", kind: .badStringLength) {
            $0.add(String(repeating: "n", count: 64), shape: [1], floats: [1])
        },
        Fault(testDescription: "no dimensions", kind: .badDimensionCount) {
            $0.add("b", shape: [], floats: [1])
        },
        Fault(testDescription: "five dimensions", kind: .badDimensionCount) {
            $0.add("b", shape: [1, 1, 1, 1, 1], floats: [1])
        },
        Fault(testDescription: "a negative dimension", kind: .badDimension) {
            $0.add("b", shape: [-1], floats: [])
        },
        Fault(testDescription: "a shape that wraps", kind: .shapeOverflow) {
            $0.add("b", shape: [1 << 62, 4], floats: [])
        },
        Fault(testDescription: "a size that wraps", kind: .sizeOverflow) {
            $0.add("b", shape: [1 << 61], floats: [])
        },
        Fault(testDescription: "half a block", kind: .badRowLength) {
            $0.add("b", shape: [16, 2], type: .q4_0, bytes: [UInt8](repeating: 0, count: 18))
        },
        Fault(testDescription: "an empty key", kind: .badStringLength) { $0.metadata[""] = .bool(true) },
        Fault(testDescription: "alignment 48", kind: .badAlignment) {
            $0.metadata["general.alignment"] = .uint32(48)
        },
        Fault(testDescription: "alignment 0", kind: .badAlignment) {
            $0.metadata["general.alignment"] = .uint32(0)
        },
        Fault(testDescription: "too few bytes", kind: .wrongByteCount) {
            $0.add("b", shape: [3], floats: [1, 2])
        },
        Fault(testDescription: "too many bytes", kind: .wrongByteCount) {
            $0.add("b", shape: [1], floats: [1, 2])
        },
    ]

    @Test(arguments: faults) func aFaultLeavesNoFile(fault: Fault) throws {
        let folder = try TemporaryFolder()
        var writer = GGUFWriter()
        writer.add("a", shape: [1], floats: [1])
        fault.spoil(&writer)
        let error = #expect(throws: GGUFError.self) { try writer.write(to: folder.file("v.gguf")) }
        #expect(error?.kind == fault.kind)
        #expect(folder.names.isEmpty)
    }

    @Test func anErrorOfAClosureIsThrownOn() throws {
        let folder = try TemporaryFolder()
        var writer = GGUFWriter()
        writer.add("a", shape: [1], type: .f32) { _ in throw Stop() }
        #expect(throws: Stop.self) { try writer.write(to: folder.file("v.gguf")) }
        #expect(folder.names.isEmpty)
    }

    @Test func anInputIsNotReplaced() throws {
        let folder = try TemporaryFolder()
        let input = try folder.write(RawGGUF.valid.bytes, to: "in.gguf")
        try #require(symlink("in.gguf", folder.file("out.gguf")) == 0)
        let error = #expect(throws: GGUFError.self) {
            try GGUFWriter().write(to: folder.file("out.gguf"), refusing: [input])
        }
        #expect(error?.code == "wouldReplaceInput")
        #expect(folder.read("in.gguf") == RawGGUF.valid.bytes)
    }

    /// Seeded, so that a failure can be repeated.
    @Test(arguments: 0..<20 as Range<UInt64>) func randomFilesComeBack(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        var generator = RandomSource(seed: seed)
        var writer = GGUFWriter()
        let values = Self.everyType().entries.map(\.value)
        for index in 0..<Int.random(in: 0...256, using: &generator) {
            writer.metadata["k\(index)"] = values.randomElement(using: &generator)
        }
        var contents: [[UInt8]] = []
        for index in 0..<Int.random(in: 0...64, using: &generator) {
            let type = TensorType.allCases.randomElement(using: &generator) ?? .f32
            var shape = [type.blockSize * Int.random(in: 1...4, using: &generator)]
            for _ in 1..<Int.random(in: 1...4, using: &generator) {
                shape.append(.random(in: 0...3, using: &generator))
            }
            let count = try #require(type.byteCount(elements: shape.reduce(1, *)))
            contents.append((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
            writer.add("t\(index)", shape: shape, type: type, bytes: contents[index])
        }
        try writer.write(to: folder.file("r.gguf"))
        let file = try GGUFFile(path: folder.file("r.gguf"))
        #expect(file.metadata == writer.metadata)
        #expect(file.tensors.map { Array(file.bytes(of: $0)) } == contents)
    }
}
