import Foundation
import Testing
import Tokenizers

/// The tokenizer of the default model, read with just enough GGUF for `tokenizer.ggml.*`.
enum SmolLM2 {
    static let shared = Result { try Tokenizer(definition()) }

    static func definition() throws -> TokenizerDefinition {
        let home = ProcessInfo.processInfo.environment["TILLER_HOME"] ?? NSHomeDirectory() + "/.cache/tiller"
        let path = home + "/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
            throw Missing(path: path)
        }
        return data.withUnsafeBytes { bytes in
            var reader = Reader(bytes: bytes, offset: 16)
            return reader.definition()
        }
    }

    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String {
            "\(path) is missing: run ./scripts/test, or tiller pull smollm2-135m-instruct"
        }
    }

    private struct Reader {
        let bytes: UnsafeRawBufferPointer
        var offset: Int

        mutating func read<Value: FixedWidthInteger>(_: Value.Type) -> Value {
            defer { offset += MemoryLayout<Value>.size }
            return bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
        }

        mutating func string() -> UnsafeRawBufferPointer {
            let count = Int(read(UInt64.self))
            defer { offset += count }
            return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
        }

        mutating func skip(_ type: UInt32) {
            switch type {
            case 0, 1, 7: offset += 1
            case 2, 3: offset += 2
            case 4, 5, 6: offset += 4
            case 8: _ = string()
            case 9:
                let element = read(UInt32.self)
                for _ in 0..<read(UInt64.self) { skip(element) }
            default: offset += 8
            }
        }

        mutating func definition() -> TokenizerDefinition {
            var definition = TokenizerDefinition(
                model: .byteLevel(preTokenizer: "smollm"), tokens: ByteStrings())
            for _ in 0..<read(UInt64.self) {
                let key = String(decoding: string(), as: UTF8.self)
                let type = read(UInt32.self)
                switch key {
                case "tokenizer.ggml.tokens":
                    offset += 4
                    for _ in 0..<read(UInt64.self) { definition.tokens.append(string()) }
                case "tokenizer.ggml.merges":
                    offset += 4
                    for _ in 0..<read(UInt64.self) { definition.merges.append(line: string()) }
                case "tokenizer.ggml.token_type":
                    offset += 4
                    for _ in 0..<read(UInt64.self) { definition.types.append(read(Int32.self)) }
                case "tokenizer.ggml.pre":
                    definition.model = .byteLevel(preTokenizer: String(decoding: string(), as: UTF8.self))
                case "tokenizer.ggml.bos_token_id": definition.beginningOfSequence = Int(read(UInt32.self))
                case "tokenizer.ggml.eos_token_id": definition.endOfSequence = Int(read(UInt32.self))
                case "tokenizer.ggml.unknown_token_id": definition.unknown = Int(read(UInt32.self))
                case "tokenizer.ggml.padding_token_id": definition.padding = Int(read(UInt32.self))
                case "tokenizer.ggml.add_bos_token":
                    definition.addsBeginningOfSequence = read(UInt8.self) != 0
                default: skip(type)
                }
            }
            return definition
        }
    }
}
