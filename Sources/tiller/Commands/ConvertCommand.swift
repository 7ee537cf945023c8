import ArgumentParser
import Conversion
import Quantization
import Terms

/// `tiller convert`
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Write a checkpoint of Hugging Face as a GGUF file.",
        discussion: """
            The folder has config.json, model.safetensors (or its shards) and the tokenizer's files. Norms, biases and \
            routers stay F32. Every command reads the folder as it is, too: a file is for sharing, and for other programs.
            """)

    @Argument(help: "The checkpoint's folder.")
    var folder: String

    @Option(name: [.customShort("o"), .customLong("output")], help: "The GGUF file to write.")
    var outputPath: String

    @Option(
        name: .customLong("type"),
        help: ArgumentHelp(
            "What weights are written as: f32, f16, bf16 or q8_0 (default: what the checkpoint stores).",
            valueName: "type"))
    var type: CheckpointConversion.WeightType?

    @Flag(
        name: .customLong("no-tokenizer"),
        help: "Write the file although the folder has no tokenizer: such a model knows no text.")
    var allowsNoTokenizer = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let source = try CheckpointSource(path: folder)
        guard source.hasTokenizer || allowsNoTokenizer else {
            throw ConversionError(
                .missingTokenizer, path: folder, field: "folder", found: "no tokenizer",
                allowed: "tokenizer.json or tokenizer.model (or --no-tokenizer)")
        }
        let conversion = CheckpointConversion(source, as: type)
        try AtomicFile.checkOutput(outputPath, refusing: conversion.inputs)
        let progress = Progress("writing \(outputPath)", unit: .bytes)
        defer { progress.finish() }
        let report = try conversion.write(to: outputPath) { written, total, _ in
            progress.update(written, of: total)
        }
        progress.finish()
        source.notes.forEach(warn)
        if !report.fallbackTensors.isEmpty {
            warn(
                "\(Quantity.counted(report.fallbackTensors.count, "tensor")) are F16: their rows are no whole blocks of "
                    + report.type.name)
        }
        try output.print(
            json: [
                "output": .string(outputPath), "type": .string(report.type.name),
                "tensors": .integer(report.tensorCount), "floatTensors": .integer(report.floatTensorCount),
                "fallbackTensors": .array(report.fallbackTensors.map { .string($0) }),
                "bytes": .integer(report.byteCount), "notes": .array(source.notes.map { .string($0) }),
            ],
            text: "wrote \(outputPath.onOneLine): \(Quantity.counted(report.tensorCount, "tensor")), "
                + "\(Quantity.bytes(report.byteCount)), weights \(report.type.name)")
    }
}
