import ArgumentParser
import Conversion
import GGUF
import Quantization
import Terms

/// `tiller quantize`
struct QuantizeCommand: ComputingCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Write a model in another type: tiller quantize IN.gguf OUT.gguf Q4_K_M.",
        discussion: """
            Types: \(QuantizationTarget.allCases.map(\.description).joined(separator: ", ")). \
            Which tensor gets how many bits follows llama.cpp's recipe for that name. Rows that are no multiple of 256 \
            get the nearest type with blocks of 32.
            """)

    @Argument(
        help:
            "A GGUF file, a checkpoint's folder or the name of a fetched model, the file to write, and the type."
    )
    var words: [String]

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "The file to write, if it does not stand between input and type.")
    var outputPath: String?

    @Flag(help: "One type for all matrices, embeddings and output too.")
    var pure = false

    @Flag(
        name: .customLong("allow-requantize"),
        help: "Quantise what is quantised already; both errors add up.")
    var allowsRequantizing = false

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        _ = try parsedWords()
    }

    private func parsedWords() throws -> (input: String, output: String, target: QuantizationTarget) {
        let words = words + (outputPath.map { [$0] } ?? [])
        guard words.count == 3, let name = outputPath == nil ? words.last : words.dropLast().last else {
            throw ValidationError("expected an input, an output and a type, as in IN.gguf OUT.gguf Q4_K_M")
        }
        guard let target = QuantizationTarget(named: name) else {
            let known = QuantizationTarget.allCases.map(\.description)
            throw ValidationError("there is no type \(name); known are \(known.joined(separator: ", "))")
        }
        return (words[0], outputPath ?? words[1], target)
    }

    func run() throws {
        let (input, outputPath, target) = try parsedWords()
        let file = try ModelOptions.open(ModelStore.find(input))
        let quantizer = try ModelQuantizer(
            file, target: target, isPure: pure, allowsRequantizing: allowsRequantizing)
        try AtomicFile.checkOutput(outputPath, refusing: file.files)

        let clock = ContinuousClock()
        let start = clock.now
        let progress = Progress("quantising to \(target)", unit: .bytes, total: quantizer.byteCount)
        defer { progress.finish() }
        try quantizer.write(
            to: outputPath, threads: threads.count,
            progress: { progress.update($0) })
        progress.finish()
        let seconds = (clock.now - start) / .seconds(1)

        let words = QuantizationWords(
            target: target, plan: quantizer.plan, sourceByteCount: file.byteCount, outputPath: outputPath,
            seconds: seconds)
        words.warnings.forEach(warn)
        try output.print(json: words.json, text: words.text(titleStyle: output.titleStyle))
    }
}
