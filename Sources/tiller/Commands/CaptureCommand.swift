import ArgumentParser
import ControlVectors
import GGUF
import Generation
import Safetensors
import Terms
import Transformer

/// `tiller capture`
struct CaptureCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture", abstract: "Write a prompt's hidden states to a safetensors file.",
        discussion: """
            Tensors residual_post.N [tokens, hiddenSize] for each layer, the output of block N, and logits \
            [tokens, vocabularySize], all F32, computed with float32 activations.
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var prompt: PromptOptions

    @Option(name: [.customShort("o"), .customLong("output")], help: "The safetensors file to write.")
    var outputPath: String

    @Option(help: "The layers to capture, for example 9-24 or 30%-80% (default: all).")
    var layers: String?

    @Flag(name: .customLong("last"), help: "Only the last token's states.")
    var isLastOnly = false

    @Flag(
        name: .customLong("no-logits"),
        help: "Leave the logits out; nothing after the last captured layer is computed.")
    var omitsLogits = false

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try prompt.check()
        let selection = try layers.map { text throws(ControlVectorError) in try LayerSelection(text) }
        let source = try model.open()
        let inputs = source.files
        try AtomicFile.checkOutput(outputPath, refusing: inputs)
        let model = try ModelOptions.load(source)
        let tokens = try prompt.tokens(for: model)
        let layerCount = model.transformer.configuration.layerCount
        let layers = try selection?.resolve(layerCount: layerCount) ?? 0...LayerIndex(layerCount - 1)
        let states = try capture(tokens, layers, of: model.transformer)

        var writer = SafetensorsWriter(metadata: [
            "model": model.file.path, "tool": "tiller \(Tiller.version)",
        ])
        for layer in layers {
            guard let state = states.residuals[layer] else { continue }
            writer.add(
                HookPoint.residualPost(layer).name, shape: [state.rowCount, state.width],
                floats: state.elements)
        }
        if let logits = states.logits {
            writer.add(
                HookPoint.logits.name, shape: [logits.rowCount, logits.width], floats: logits.elements)
        }
        try writer.write(to: outputPath, refusing: inputs)
        try output.print(
            json: [
                "output": .string(outputPath), "ids": .ids(tokens),
                "tokens": .integer(isLastOnly ? 1 : tokens.count), "layers": .layers(layers),
                "logits": .bool(!omitsLogits),
            ],
            text:
                "wrote \(outputPath.onOneLine): \(Quantity.counted(isLastOnly ? 1 : tokens.count, "token")), "
                + "\(layers.count == 1 ? "layer" : "layers") \(layers.runs)\(omitsLogits ? "" : ", logits")")
    }

    /// The states at the layers and the logits, of all tokens or of the last one.
    private func capture(
        _ tokens: [TokenID], _ layers: ClosedRange<LayerIndex>, of model: TransformerModel
    ) throws -> CapturedStates {
        let longest = try compute.longestText(for: model)
        guard tokens.count <= longest else {
            throw ComputeOptions.tooLong(tokens.count, in: longest, for: model)
        }
        let context = try compute.context(
            for: model, needed: tokens.count, longest: tokens.count, precision: .exact)
        let progress = Progress("capturing", unit: .things("tokens"), total: tokens.count)
        defer { progress.finish() }
        var states = CapturedStates()
        var tip = Batch.Parent.root
        while states.tokenCount < tokens.count {
            let end = min(states.tokenCount + Self.tokensPerPass, tokens.count)
            var batch = Batch.chain(
                tokens[states.tokenCount..<end], after: tip,
                logits: omitsLogits ? .none : isLastOnly ? .last : .all,
                captures: Set(layers.map { HookPoint.residualPost($0) }))
            let isEnd = end == tokens.count
            if isLastOnly {
                for row in batch.rows.indices {
                    let isLast = isEnd && row == batch.rows.count - 1
                    batch.rows[row].isCaptured = isLast
                    batch.rows[row].wantsLogits = isLast && !omitsLogits
                }
            }
            let result = try context.forward(batch)
            states.append(result, tokenCount: end - states.tokenCount, layers: layers)
            tip = result.cells.last.map(Batch.Parent.cell) ?? .root
            progress.update(end)
        }
        return states
    }

    /// Enough for full matrix products, few enough for the progress to move.
    private static let tokensPerPass = 256
}

/// What the passes of a capture have read.
struct CapturedStates {
    /// The tokens that have been computed.
    private(set) var tokenCount = 0
    /// Each [captured tokens, hiddenSize]
    private(set) var residuals: [LayerIndex: Rows] = [:]
    /// [captured tokens, vocabularySize]; nil where none were wanted.
    private(set) var logits: Rows?

    /// Rows of one width, one after the other.
    struct Rows {
        var rowCount = 0
        var width = 0
        var elements: [Float] = []

        mutating func append(_ states: HiddenStates) {
            rowCount += states.rowCount
            width = states.width
            elements += states.elements
        }
    }

    /// Adds what a pass has read.
    mutating func append(_ output: BatchOutput, tokenCount count: Int, layers: ClosedRange<LayerIndex>) {
        tokenCount += count
        for layer in layers {
            if let states = output.states[.residualPost(layer)] {
                residuals[layer, default: Rows()].append(states)
            }
        }
        if output.logits.rowCount > 0 {
            var rows = logits ?? Rows()
            logits = nil
            rows.append(output.logits)
            logits = rows
        }
    }
}
