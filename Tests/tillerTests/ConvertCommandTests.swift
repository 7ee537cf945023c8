import Foundation
import Testing
import _TestSupport

@testable import tiller

@Suite struct ConvertCommandTests {
    /// A folder with one of the tiny tokenizers and weights that are all zero.
    private func checkpoint() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let tokenizer = fixturePath("conversion/tokenizers/llama3") + "/"
        for name in ["tokenizer.json", "tokenizer_config.json", "generation_config.json"] {
            try folder.write(try Data(contentsOf: URL(fileURLWithPath: tokenizer + name)), to: name)
        }
        let rows = try fixture("conversion/tokenizers/llama3/expected.json", as: Rows.self).rows
        _ = try folder.write(
            "config.json",
            """
            {"architectures": ["LlamaForCausalLM"], "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
            "num_attention_heads": 2, "rms_norm_eps": 1e-5, "vocab_size": \(rows), "max_position_embeddings": 64,
            "tie_word_embeddings": true}
            """)
        var shapes = ["model.embed_tokens.weight": [rows, 32], "model.norm.weight": [32]]
        for name in ["q_proj", "k_proj", "v_proj", "o_proj"] {
            shapes["model.layers.0.self_attn.\(name).weight"] = [32, 32]
        }
        for name in ["gate_proj", "up_proj", "down_proj"] {
            shapes["model.layers.0.mlp.\(name).weight"] = [32, 32]
        }
        for name in ["input_layernorm", "post_attention_layernorm"] {
            shapes["model.layers.0.\(name).weight"] = [32]
        }
        var entries: [String] = []
        var offset = 0
        for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
            let end = offset + shape.reduce(2, *)
            entries.append(
                "\"\(name)\":{\"dtype\":\"BF16\",\"shape\":\(shape),\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        let header = Array("{\(entries.joined(separator: ","))}".utf8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        try folder.write(length + header + [UInt8](repeating: 0, count: offset), to: "model.safetensors")
        return folder
    }

    private struct Rows: Decodable { let rows: Int }

    @Test func theFileHasTheFoldersTokensAndTheirFingerprintsAgree() throws {
        let folder = try checkpoint()
        let path = folder.file("out.gguf")
        let run = try TillerProcess(["convert", folder.path, "-o", path, "--type", "q8_0", "--json"])
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.output) \(run.errors)")
        #expect(try run.json()["type"] as? String == "Q8_0")
        #expect(try run.json()["tensors"] as? Int == 11)
        let arguments = ["tokenize", "Hello <|eot_id|>", "--json", "-m"]
        #expect(
            try TillerProcess(arguments + [folder.path]).output == TillerProcess(arguments + [path]).output)
        let inspection = try TillerProcess(["inspect", folder.path, "--json"]).json()
        #expect(inspection["architecture"] as? String == "llama")
        #expect(inspection["kind"] as? String == "model")
        let answer = try TillerProcess([
            "generate", "-m", folder.path, "-p", "Hi", "-n", "2", "--temp", "0", "--json",
        ])
        #expect(answer.status == 0, "\(answer.output) \(answer.errors)")
    }

    @Test func theInputIsNotReplaced() throws {
        let folder = try checkpoint()
        for name in ["model.safetensors", "tokenizer.json"] {
            let before = folder.read(name)
            let run = try TillerProcess(["convert", folder.path, "-o", folder.file(name), "--json"])
            #expect(run.status == 1)
            #expect(try run.jsonError()["code"] as? String == "wouldReplaceInput")
            #expect(folder.read(name) == before)
        }
    }

    @Test func aFileIsNoFolderOfACheckpoint() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("model.gguf", "GGUF")
        let run = try TillerProcess(["convert", file, "-o", folder.file("out.gguf"), "--json"])
        #expect(try run.jsonError()["code"] as? String == "notACheckpoint")
    }

    @Test func aFolderWithoutATokenizerNeedsAWord() throws {
        let folder = try checkpoint()
        try FileManager.default.removeItem(atPath: folder.file("tokenizer.json"))
        let arguments = ["convert", folder.path, "-o", folder.file("out.gguf"), "--json"]
        #expect(try TillerProcess(arguments).jsonError()["code"] as? String == "missingTokenizer")
        #expect(try TillerProcess(arguments + ["--no-tokenizer"]).status == 0)
    }
}
