import GGUF
import Quantization
import Testing
import _TestSupport

/// Against the files of llama.cpp's own Python writer: see Tests/Fixtures/gguf/README.md.
@Suite struct ReferenceFileTests {
    @Test func theReferenceWritersValuesAreRead() throws {
        let metadata = try GGUFFile(path: fixturePath("gguf/tiny.gguf")).metadata
        let expected: [(String, GGUFValue)] = [
            ("general.architecture", .text("tiny")), ("value.uint8", .uint8(.max)),
            ("value.int8", .int8(.min)),
            ("value.uint16", .uint16(.max)), ("value.int16", .int16(.min)), ("value.uint32", .uint32(.max)),
            ("value.int32", .int32(.min)), ("value.float32", .float32(0.1)), ("value.bool", .bool(true)),
            ("value.string", .text("zwölf Boxkämpfer 🥊")), ("value.uint64", .uint64(.max)),
            ("value.int64", .int64(.min)), ("value.float64", .float64(0.1)),
            ("array.strings", .array(GGUFArray(["a", "", "ñandú"]))),
            ("array.integers", .array(GGUFArray([Int32(1), -2, 3]))),
            ("array.floats", .array(GGUFArray([Float(0.5), -0.25]))),
            ("array.bools", .array(GGUFArray([true, false]))),
        ]
        #expect(metadata.keys == expected.map(\.0))
        for (key, value) in expected { #expect(metadata[key] == value, "\(key)") }
    }

    @Test func theReferenceWritersTensorsAreRead() throws {
        let file = try GGUFFile(path: fixturePath("gguf/tiny.gguf"))
        let names = ["vector", "matrix", "half", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "BF16"]
        #expect(file.tensors.map(\.name) == names)
        #expect(file.tensors.map(\.shape) == [[5], [4, 3], [3, 2]] + Array(repeating: [64, 2], count: 6))
        #expect(file.tensors[3...].map(\.type.name) == names[3...].map { $0 })
        let matrix = file.bytes(of: try file.requiredTensor("matrix"))
        for index in 0..<12 {
            // The pattern of the script's `rows`.
            let expected = Float(Double((index * 7919 + 104729) % 1009) / 504.5 - 1)
            #expect(matrix.loadUnaligned(fromByteOffset: 4 * index, as: Float.self) == expected)
        }
    }

    @Test func writingTheReferenceFileAgainGivesTheSameBytes() throws {
        let folder = try TemporaryFolder()
        let file = try GGUFFile(path: fixturePath("gguf/tiny.gguf"))
        var writer = GGUFWriter(file.metadata)
        for tensor in file.tensors { writer.add(tensor, from: file) }
        try writer.write(to: folder.file("again.gguf"))
        #expect(try folder.read("again.gguf") == Array(fixture("gguf/tiny.gguf")))
    }

    private struct Row: Decodable {
        let id: UInt32
        let name: String
        let blockSize: Int
        let bytesPerBlock: Int
    }

    @Test func everyTensorTypeHasTheReferenceBlocks() throws {
        let table = try fixture("gguf/types.json", as: [Row].self)
        #expect(table.count >= 34)
        // The wheel still has the older Q8_1 of 40 bytes; ggml-common.h has two halves and 32 bytes. It is
        // a type of activations at run time and stands in no file.
        for row in table where row.name != "Q8_1" {
            let type = try #require(TensorType(rawValue: row.id), "\(row.name)")
            #expect(type.name == row.name)
            #expect(type.blockSize == row.blockSize, "\(row.name)")
            #expect(type.bytesPerBlock == row.bytesPerBlock, "\(row.name)")
        }
    }

    @Test func theBytesOfATypeAreOfWholeBlocks() {
        #expect(TensorType.q4_1.byteCount(elements: 64) == 40)
        #expect(TensorType.q4_1.byteCount(elements: 0) == 0)
        #expect(TensorType.q4_1.byteCount(elements: 33) == nil)
        #expect(TensorType.f32.byteCount(elements: -1) == nil)
        #expect(TensorType.f64.byteCount(elements: 1 << 60) == nil)
        #expect(TensorType.q8_0.byteCount(elements: Int.max / 32 * 32) == nil)
    }
}
