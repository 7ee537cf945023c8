import GGUF
import Quantization
import Synchronization
import Terms
import Testing
import _TestSupport

@testable import Conversion

/// Seeded values around zero.
private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var numbers = RandomSource(seed: seed)
    return (0..<count).map { _ in Float(Int64(bitPattern: numbers.next()) >> 40) / Float(1 << 23) * 0.1 }
}

/// A model of two layers with rows of 256 and of 96.
private struct SmallModel {
    let folder: TemporaryFolder
    let path: String
    var tensors: [(name: String, shape: [Int], values: [Float])]

    init(_ change: (inout [(name: String, shape: [Int], values: [Float])]) -> Void = { _ in }) throws {
        folder = try TemporaryFolder()
        path = folder.file("model.gguf")
        tensors = [
            ("token_embd.weight", [256, 40], noise(256 * 40, seed: 1)),
            ("output_norm.weight", [256], noise(256, seed: 2)),
        ]
        for layer in 0..<2 {
            tensors.append(("blk.\(layer).attn_norm.weight", [256], noise(256, seed: 3)))
            tensors.append(("blk.\(layer).attn_q.bias", [256], noise(256, seed: 4)))
            tensors.append(("blk.\(layer).attn_q.weight", [256, 700], noise(256 * 700, seed: 5)))
            tensors.append(("blk.\(layer).attn_v.weight", [256, 64], noise(256 * 64, seed: 6)))
            tensors.append(("blk.\(layer).ffn_down.weight", [96, 256], noise(96 * 256, seed: 7)))
            tensors.append(("blk.\(layer).ffn_gate_inp.weight", [256, 8], noise(256 * 8, seed: 8)))
        }
        change(&tensors)
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .string("llama")
        metadata["general.name"] = .string("small")
        metadata["general.file_type"] = .uint32(0)
        metadata["llama.block_count"] = .uint32(2)
        metadata["llama.attention.head_count"] = .uint32(4)
        var writer = GGUFWriter(metadata)
        for tensor in tensors { writer.add(tensor.name, shape: tensor.shape, floats: tensor.values) }
        try writer.write(to: path)
    }

    func values(_ name: String, in file: GGUFFile) throws -> [Float] {
        let tensor = try file.requiredTensor(name)
        return try decodeRow(file.bytes(of: tensor), type: tensor.type, count: tensor.elementCount)
    }
}

@Suite struct ModelQuantizerTests {
    @Test(arguments: QuantizationTarget.allCases)
    func everyTargetGivesAModelWithSmallErrors(target: QuantizationTarget) throws {
        let model = try SmallModel()
        let output = model.folder.file("out.gguf")
        let quantizer = try ModelQuantizer(GGUFFile(path: model.path), target: target)
        try quantizer.write(to: output, threads: 2)
        let file = try GGUFFile(path: output)
        #expect(try file.metadata.integer("general.file_type") == target.rawValue)
        #expect(try file.metadata.integer("general.quantization_version") == 2)
        #expect(try file.metadata.string("general.name") == "small")
        #expect(file.tensors.map(\.name) == model.tensors.map(\.name))
        #expect(file.tensors.map(\.type) == quantizer.plan.map(\.to))
        for tensor in model.tensors {
            let isKept = tensor.shape.count == 1 || tensor.name.contains("gate_inp")
            let type = try file.requiredTensor(tensor.name).type
            if isKept { #expect(type == .f32, "\(tensor.name)") }
            let values = try model.values(tensor.name, in: file)
            if type == .f32 { #expect(values == tensor.values) }
            // Two bits are the coarsest.
            let bits = Double(type.bytesPerBlock) * 8 / Double(type.blockSize)
            let allowed = bits > 8 ? 0.01 : bits > 6 ? 0.03 : bits > 5 ? 0.06 : bits > 4 ? 0.1 : 0.35
            expectClose(values, tensor.values, relativeError: allowed, "\(target) \(tensor.name) \(type)")
        }
    }

    @Test func theMixtureLooksAtRolesAndRowLengths() throws {
        let model = try SmallModel()
        let plan = try ModelQuantizer(GGUFFile(path: model.path), target: .q4_K_M).plan
        func type(_ name: String) -> TensorType? { plan.first { $0.name == name }?.to }
        // Tied embeddings are the output too; of two layers only the last is in the last eighth.
        #expect(type("token_embd.weight") == .q6_K)
        #expect(type("blk.0.attn_q.weight") == .q4_K)
        #expect(type("blk.0.attn_v.weight") == .q4_K)
        #expect(type("blk.1.attn_v.weight") == .q6_K)
        #expect(type("blk.0.ffn_down.weight") == .q5_0)
        #expect(type("blk.1.ffn_down.weight") == .q8_0)
        #expect(plan.filter { $0.replaced != nil }.map(\.replaced) == [.q4_K, .q6_K])
    }

    @Test func theNumberOfThreadsChangesNoByte() throws {
        let model = try SmallModel()
        let quantizer = try ModelQuantizer(GGUFFile(path: model.path), target: .q4_K_M)
        let paths = [1, 2, 7].map { model.folder.file("out\($0).gguf") }
        for (threads, path) in zip([1, 2, 7], paths) { try quantizer.write(to: path, threads: threads) }
        #expect(model.folder.read("out1.gguf") == model.folder.read("out2.gguf"))
        #expect(model.folder.read("out1.gguf") == model.folder.read("out7.gguf"))
    }

    @Test func whatHasTheTypeAlreadyIsCopied() throws {
        let model = try SmallModel()
        let (first, second) = (model.folder.file("a.gguf"), model.folder.file("b.gguf"))
        try ModelQuantizer(GGUFFile(path: model.path), target: .q4_K_M).write(to: first)
        try ModelQuantizer(GGUFFile(path: first), target: .q4_K_M).write(to: second)
        #expect(model.folder.read("a.gguf") == model.folder.read("b.gguf"))
    }

    @Test func quantisedInputIsRefusedUnlessItIsAllowed() throws {
        let model = try SmallModel()
        let output = model.folder.file("out.gguf")
        try ModelQuantizer(GGUFFile(path: model.path), target: .q4_0).write(to: output)
        let file = try GGUFFile(path: output)
        #expect(
            throws: QuantizingError.alreadyQuantized(path: output, tensor: "token_embd.weight", type: .q6_K)
        ) {
            try ModelQuantizer(file, target: .q8_0)
        }
        let again = model.folder.file("again.gguf")
        try ModelQuantizer(file, target: .f16, allowsRequantizing: true).write(to: again)
        #expect(try GGUFFile(path: again).requiredTensor("blk.0.attn_q.weight").type == .f16)
    }

    @Test func theInputIsNeverReplaced() throws {
        let model = try SmallModel()
        let before = model.folder.read("model.gguf")
        #expect(throws: GGUFError.self) {
            try ModelQuantizer(GGUFFile(path: model.path), target: .q8_0).write(to: model.path)
        }
        #expect(model.folder.read("model.gguf") == before)
    }

    @Test(arguments: [Float.nan, .infinity, 2_200_000])
    func valuesThatCannotBeStoredAreRefusedAndLeaveNothing(value: Float) throws {
        let model = try SmallModel { $0[5].values[300] = value }
        let output = model.folder.file("out.gguf")
        let quantizer = try ModelQuantizer(GGUFFile(path: model.path), target: .q4_K_M)
        #expect {
            try quantizer.write(to: output, threads: 2)
        } throws: { error in
            guard case .cannotStore(_, let tensor, let element, _, let type)? = error as? QuantizingError
            else {
                return false
            }
            return tensor == model.tensors[5].name && element == 300 && type == .q4_K
        }
        #expect(model.folder.names == ["model.gguf"])
    }

    @Test func progressEndsAtTheWhole() throws {
        let model = try SmallModel()
        let quantizer = try ModelQuantizer(GGUFFile(path: model.path), target: .q8_0)
        let steps = Mutex<[Int]>([])
        try quantizer.write(to: model.folder.file("out.gguf")) { step in steps.withLock { $0.append(step) } }
        let seen = steps.withLock { $0 }
        #expect(seen == seen.sorted())
        #expect(seen.last == quantizer.byteCount)
    }

    @Test func aFileWithoutMatricesIsNoModel() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vector.gguf")
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .string("controlvector")
        var writer = GGUFWriter(metadata)
        writer.add("direction.1", shape: [32], floats: noise(32, seed: 1))
        try writer.write(to: path)
        #expect(throws: QuantizingError.notAModel(path: path)) {
            try ModelQuantizer(GGUFFile(path: path), target: .q8_0)
        }
    }
}
