import CKernels
import Terms

/// One pass of a few rows through the model, run by all workers at once.
///
/// Every worker walks the same path; at each step each takes its share of the rows, heads or weight rows, and
/// where a step needs what others have computed they meet at a barrier. Reads in forward order.
struct ForwardPass {
    /// A row with everything that the pass needs to know about it.
    struct Row {
        let token: TokenID
        let position: Int
        let cell: Int
        let visible: [CellTree.Run]
        let plan: Int?
        /// The row of the capture buffers that it fills; nil where it is not read.
        let captureIndex: Int?
    }

    let model: TransformerModel
    let weights: ModelWeights
    let precision: Precision
    let rotary: RotaryEmbedding
    /// The same for blocks that see only a sliding window.
    let localRotary: RotaryEmbedding
    let cache: KeyValueCache
    let scratch: Scratch
    let vector: tl_vector_kernels
    let attention: tl_attention_kernels
    let panels: tl_panel_kernels
    let hooks: CompiledHooks
    let rows: [Row]
    /// The rows again, as attention takes them.
    let blocks: [AttentionBlock]
    /// The rows as attention with a sliding window takes them.
    let localBlocks: [AttentionBlock]
    /// The last block that is computed; nil for all and the logits.
    let lastLayer: LayerIndex?
    /// Rows whose logits are wanted, by their place in `rows`.
    let logitsRows: [Int]
    /// Where their logits go. [logitsRows, vocabularySize]
    let logits: UnsafeMutablePointer<Float>?

    var configuration: ModelConfiguration { model.configuration }

    /// Runs the pass; called by every worker of the pool.
    func run(_ worker: Worker) {
        embed(worker)
        worker.barrier()
        visit(.embedding, scratch.residual, worker)
        for layer in 0..<configuration.layerCount {
            if let lastLayer, layer > lastLayer.rawValue { return }
            visit(.residualPre(LayerIndex(layer)), scratch.residual, worker)
            attend(layer, worker)
            visit(.residualMid(LayerIndex(layer)), scratch.residual, worker)
            feedForward(layer, worker)
            visit(.residualPost(LayerIndex(layer)), scratch.residual, worker)
        }
        if isDone { return }
        normalizeFinal(worker)
        visit(.finalNorm, scratch.normalized.values, worker)
        computeLogits(worker)
    }

    /// Whether nothing after the last block is read. Blocks themselves are never left out for a pass that nobody reads:
    /// later rows see its keys and values.
    private var isDone: Bool {
        lastLayer != nil
            || logitsRows.isEmpty
                && hooks.lastCaptured < CompiledHooks.number(of: .finalNorm, layers: configuration.layerCount)
    }

    // MARK: - Steps

    /// residual ← token embedding
    private func embed(_ worker: Worker) {
        let size = configuration.hiddenSize
        for row in worker.share(of: rows.count) {
            let place = scratch.residual.pointer + row * size
            weights.tokenEmbedding.decodeRow(rows[row].token.index, into: place)
            if configuration.traits.scalesEmbedding { vector.scale(place, Float(size).squareRoot(), size) }
        }
    }

    /// residual ← residual + attention(norm(residual))
    private func attend(_ layer: Int, _ worker: Worker) {
        let block = weights.blocks[layer]
        normalize(
            by: block.attentionNorm,
            quantizes: usesInt8(block.query) || usesInt8(block.key) || usesInt8(block.value), worker)
        worker.barrier()
        multiply(block.query, scratch.normalized, into: scratch.queries.pointer, worker)
        multiply(block.key, scratch.normalized, into: scratch.keys.pointer, worker)
        multiply(block.value, scratch.normalized, into: scratch.values.pointer, worker)
        worker.barrier()
        storeKeysAndValues(layer, worker)
        worker.barrier()
        attendToVisible(layer, worker)
        worker.barrier()
        quantizeIfTaken(scratch.attended, by: block.attentionOutput, worker)
        multiplyIntoResidual(
            block.attentionOutput, scratch.attended, postNorm: block.attentionPostNorm,
            hook: .attentionOutput(LayerIndex(layer)), worker)
    }

    /// residual ← residual + down(activation(gate(norm(residual))) · up(norm(residual)))
    private func feedForward(_ layer: Int, _ worker: Worker) {
        let block = weights.blocks[layer]
        let size = configuration.feedForwardSize
        normalize(
            by: block.feedForwardNorm, quantizes: usesInt8(block.gate) || usesInt8(block.up), worker)
        worker.barrier()
        multiply(block.gate, scratch.normalized, into: scratch.gate.pointer, worker)
        multiply(block.up, scratch.normalized, into: scratch.up.pointer, worker)
        // A worker's share of gate and up is the same, so it can go on without waiting.
        let mine = worker.share(of: size, grain: Self.productGrain)
        let activate = configuration.traits.activation == .silu ? vector.silu_mul : vector.gelu_tanh_mul
        for row in rows.indices {
            activate(
                scratch.gate.pointer + row * size + mine.lowerBound,
                scratch.up.pointer + row * size + mine.lowerBound,
                scratch.activated.row(row) + mine.lowerBound, mine.count)
        }
        worker.barrier()
        quantizeIfTaken(scratch.activated, by: block.down, worker)
        multiplyIntoResidual(
            block.down, scratch.activated, postNorm: block.feedForwardPostNorm,
            hook: .mlpOutput(LayerIndex(layer)), worker)
    }

    /// normalized ← final norm of the rows that anybody reads. Rows keep their places.
    private func normalizeFinal(_ worker: Worker) {
        normalize(by: weights.outputNorm, quantizes: usesInt8(weights.output), worker)
        worker.barrier()
    }

    /// logits ← output matrix · normalized, for the rows that want them
    private func computeLogits(_ worker: Worker) {
        guard let logits else { return }
        // A hook at the final norm may have changed the float32 rows after their int8 form was made.
        if hooks.listeners[CompiledHooks.number(of: .finalNorm, layers: configuration.layerCount)] != nil {
            quantizeIfTaken(scratch.normalized, by: weights.output, worker)
        }
        multiply(
            weights.output, scratch.normalized, rows: logitsRows, into: logits, accumulating: false, worker)
        worker.barrier()
        visitLogits(worker)
    }

    // MARK: - Norms and activations

    /// normalized ← rms norm of the residual stream, with its int8 form where a product reads that.
    private func normalize(by gain: FloatBuffer, quantizes: Bool, _ worker: Worker) {
        let size = configuration.hiddenSize
        for row in worker.share(of: rows.count) {
            vector.rms_norm(
                scratch.residual.pointer + row * size, gain.pointer, scratch.normalized.row(row), size,
                configuration.normEpsilon)
            if quantizes { scratch.normalized.quantize(row: row, count: size) }
        }
    }

    /// Makes the int8 form of `activations` where `weights` takes it, and waits for all rows.
    private func quantizeIfTaken(
        _ activations: ActivationBuffer, by weights: WeightMatrix, _ worker: Worker
    ) {
        guard usesInt8(weights) else { return }
        for row in worker.share(of: rows.count) {
            activations.quantize(row: row, count: weights.inputs)
        }
        worker.barrier()
    }

    /// residual ← residual + post norm (weights · activations). Passes through `hook` where somebody listens.
    private func multiplyIntoResidual(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, postNorm: FloatBuffer?, hook: HookPoint,
        _ worker: Worker
    ) {
        let number = CompiledHooks.number(of: hook, layers: configuration.layerCount)
        guard hooks.listeners[number] != nil || postNorm != nil else {
            multiply(
                weights, activations, rows: nil, into: scratch.residual.pointer, accumulating: true, worker)
            worker.barrier()
            return
        }
        multiply(weights, activations, into: scratch.branch.pointer, worker)
        worker.barrier()
        let size = configuration.hiddenSize
        if let postNorm {
            for row in worker.share(of: rows.count) {
                let place = scratch.branch.pointer + row * size
                vector.rms_norm(place, postNorm.pointer, place, size, configuration.normEpsilon)
            }
            worker.barrier()
        }
        visit(hook, scratch.branch, worker)
        for row in worker.share(of: rows.count) {
            vector.add(scratch.residual.pointer + row * size, scratch.branch.pointer + row * size, size)
        }
        worker.barrier()
    }

    // MARK: - The one place where hooks are called

    /// Changes and reads the rows at a hook point; all workers have finished writing them.
    private func visit(_ hook: HookPoint, _ buffer: FloatBuffer, _ worker: Worker) {
        let number = CompiledHooks.number(of: hook, layers: configuration.layerCount)
        guard let listener = hooks.listeners[number] else { return }
        let width = configuration.hiddenSize
        let stride = hook == .finalNorm ? scratch.normalized.width : width
        for row in worker.share(of: rows.count) {
            call(listener, for: rows[row], buffer.pointer + row * stride, width)
        }
        worker.barrier()
    }

    /// The same for the logits, whose rows are only those that want them.
    private func visitLogits(_ worker: Worker) {
        let number = CompiledHooks.number(of: .logits, layers: configuration.layerCount)
        guard let listener = hooks.listeners[number], let logits else { return }
        let width = configuration.vocabularySize
        for index in worker.share(of: logitsRows.count) {
            call(listener, for: rows[logitsRows[index]], logits + index * width, width)
        }
        worker.barrier()
    }

    private func call(
        _ listener: CompiledHooks.Listener, for row: Row, _ values: UnsafeMutablePointer<Float>, _ width: Int
    ) {
        if let plan = row.plan {
            for operation in listener.operations[plan] {
                operation.apply(to: UnsafeMutableBufferPointer(start: values, count: width))
            }
        }
        if let capture = listener.capture, let index = row.captureIndex {
            (capture.pointer + index * width).update(from: values, count: width)
        }
    }
}
