import Conversion
import Foundation
import GGUF
import Quantization
import Safetensors
import Terms
import Testing
import _TestSupport

/// What is written is what the folder shows.
@Suite struct CheckpointConversionTests {
    @Test(arguments: [
        "LlamaForCausalLM", "MixtralForCausalLM", "Qwen3ForCausalLM", "Gemma2ForCausalLM",
        "Gemma3ForCausalLM",
        "Phi3ForCausalLM", "GPT2LMHeadModel",
    ])
    func aFloat32FileHasTheTensorsOfTheFolder(modelClass: String) throws {
        var checkpoint = try TinyCheckpoint(modelClass)
        checkpoint.type = .bfloat16
        try checkpoint.write()
        let source = try checkpoint.open()
        let path = checkpoint.folder.file("out.gguf")
        let report = try CheckpointConversion(source, as: .f32).write(to: path)
        let file = try GGUFFile(path: path)
        #expect(file.tensors.map(\.name) == source.tensors.map(\.name))
        #expect(report.tensorCount == source.tensors.count)
        for tensor in source.tensors {
            let written = try #require(file.tensor(tensor.name))
            #expect(written.shape == tensor.shape && written.type == .f32)
            let expected = try decodeRow(
                source.bytes(of: tensor), type: tensor.type, count: tensor.elementCount)
            let found = try decodeRow(file.bytes(of: written), type: .f32, count: tensor.elementCount)
            #expect(found == expected, "\(tensor.name)")
        }
        for entry in source.metadata.entries where entry.key != "general.file_type" {
            #expect(file.metadata[entry.key] == entry.value, "\(entry.key)")
        }
    }

    @Test func withoutATypeNothingIsLost() throws {
        var checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        checkpoint.type = .bfloat16
        try checkpoint.write()
        let path = checkpoint.folder.file("out.gguf")
        let report = try CheckpointConversion(try checkpoint.open()).write(to: path)
        #expect(report.type == .bf16)
        let (source, file) = (try checkpoint.open(), try GGUFFile(path: path))
        for tensor in source.tensors {
            let written = try #require(file.tensor(tensor.name))
            #expect(written.type == tensor.type)
            #expect(file.bytes(of: written).elementsEqual(source.bytes(of: tensor)), "\(tensor.name)")
        }
        #expect(try file.metadata.integer("general.file_type") == 32)
    }

    @Test func rowsThatAreNoWholeBlocksStayHalf() throws {
        let checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        try checkpoint.write()
        let path = checkpoint.folder.file("out.gguf")
        let report = try CheckpointConversion(try checkpoint.open(), as: .q8_0).write(to: path)
        // Rows of 16 and 24 values, blocks of 32.
        #expect(report.fallbackTensors.contains("blk.0.attn_q.weight"))
        let file = try GGUFFile(path: path)
        #expect(file.tensor("blk.0.attn_q.weight")?.type == .f16)
        #expect(file.tensor("blk.0.attn_norm.weight")?.type == .f32)
    }

    @Test func noFileOfTheCheckpointIsWrittenOver() throws {
        let checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        try checkpoint.write()
        let conversion = CheckpointConversion(try checkpoint.open(), as: .f16)
        for name in ["model.safetensors", "config.json"] {
            let before = checkpoint.folder.read(name)
            #expect(throws: (any Error).self) { try conversion.write(to: checkpoint.folder.file(name)) }
            #expect(checkpoint.folder.read(name) == before)
        }
    }

    @Test(arguments: [
        (CheckpointConversion.WeightType.f16, 100_000 as Float, ConversionError.Kind.valueTooLarge),
        (.q8_0, 9_000_000, .valueTooLarge), (.bf16, .greatestFiniteMagnitude, .valueTooLarge),
        (.f32, .infinity, .notFinite), (.f16, .nan, .notFinite), (.bf16, -.infinity, .notFinite),
        (.q8_0, .nan, .notFinite),
    ])
    func aNumberThatTheTypeCannotHoldIsNamed(
        type: CheckpointConversion.WeightType, value: Float, kind: ConversionError.Kind
    ) throws {
        var checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        // Rows of 32 in the last tensor, which are whole blocks.
        checkpoint.configuration["intermediate_size"] = 32
        for index in checkpoint.tensors.indices where checkpoint.tensors[index].name.contains("mlp") {
            checkpoint.tensors[index].shape = checkpoint.tensors[index].shape.map {
                $0 == TinyCheckpoint.inner ? 32 : $0
            }
        }
        try checkpoint.write(last: value)
        let conversion = CheckpointConversion(try checkpoint.open(), as: type)
        let error = #expect(throws: ConversionError.self) {
            try conversion.write(to: checkpoint.folder.file("out.gguf"))
        }
        #expect(error?.kind == kind && error?.field == "blk.1.ffn_down.weight, element 511")
        #expect(checkpoint.folder.read("out.gguf") == nil)
    }

    @Test func aWeightThatIsNoNumberIsRefusedWhereNothingIsRecoded() throws {
        let checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        try checkpoint.write(last: .nan)
        let error = #expect(throws: ConversionError.self) {
            try CheckpointConversion(try checkpoint.open()).write(to: checkpoint.folder.file("out.gguf"))
        }
        #expect(error?.kind == .notFinite)
    }

    @Test func progressEndsAtAllBytes() throws {
        let checkpoint = try TinyCheckpoint("LlamaForCausalLM")
        try checkpoint.write()
        nonisolated(unsafe) var last = (0, 0)
        let report = try CheckpointConversion(try checkpoint.open(), as: .f16).write(
            to: checkpoint.folder.file("out.gguf")
        ) { written, total, _ in last = (written, total) }
        #expect(last == (report.byteCount, report.byteCount))
    }
}
