import CKernels
import Terms

/// One pass of a few rows through the model, run by all workers at once.
///
/// Every worker walks the same path; at each step each takes its share of the rows, heads or weight rows, and
/// where a step needs what others have computed they meet at a barrier. Reads in forward order.
///
/// It is not copied: a closure over it would count two dozen references up and down, which two
/// workers then pass to and fro.
struct ForwardPass: ~Copyable {
    /// A row with everything that the pass needs to know about it.
    struct Row {
        let token: TokenID
        let position: Int
        let cell: Int
        let plan: Int?
        /// The row of the capture buffers that it fills; nil where it is not read.
        let captureIndex: Int?
        /// Its place among the rows whose steering is proved; nil for nearly all.
        let proofIndex: Int?
    }

    let model: TransformerModel
    let weights: ModelWeights
    let precision: Precision
    /// How positions turn queries and keys; nil where they are learned vectors.
    let rotary: RotaryEmbedding?
    /// The same for blocks that see only a sliding window.
    let localRotary: RotaryEmbedding?
    let cache: KeyValueCache
    let scratch: Scratch
    /// Compares rows before and after they are steered; nil where nobody asks.
    let probe: ChangeProbe?
    let vector: tl_vector_kernels
    let attention: tl_attention_kernels
    let panels: tl_panel_kernels
    let hooks: CompiledHooks
    let rows: [Row]
    /// Every row, each to its own place. Made once, and not by each worker for each product.
    let allRows: [Stretch]
    /// How many rows there were before all but those that are read were left out; nil while all are there.
    let rowsBefore: Int?
    /// The rows again, as attention takes them.
    let blocks: AttentionBlocks
    /// The rows as attention with a sliding window takes them.
    let localBlocks: AttentionBlocks
    /// Whether nothing but single rows is read of the mapped token embedding.
    let letsGoOfEmbedding: Bool
    /// The last block that is computed; nil for all and the logits.
    let lastLayer: LayerIndex?
    /// The tokens whose logits are wanted; nil for all.
    let likeliestOnly: LikeliestTokens?
    /// Rows whose logits are wanted, by their place in `rows`.
    let logitsRows: [Stretch]
    /// Where their logits go. [logitsRows, vocabularySize]
    let logits: UnsafeMutablePointer<Float>?

    var configuration: ModelConfiguration { model.configuration }

    /// Runs the pass as far as the last block's attention; called by every worker of the
    /// pool, as is `runToEnd`.
    func runToLastAttention(_ worker: Worker) {
        embed(worker)
        worker.barrier()
        visit(.embedding, scratch.residual, worker)
        for layer in 0..<last {
            attend(layer, worker)
            finish(layer, worker)
        }
        attend(last, worker)
    }

    /// Runs what is left of the pass.
    func runToEnd(_ worker: Worker) {
        if rows.isEmpty { return }
        finish(last, worker)
        if !isDone { computeOutput(worker) }
    }

    private var last: Int { lastLayer?.rawValue ?? configuration.layerCount - 1 }

    /// What comes after the last block.
    private func computeOutput(_ worker: Worker) {
        normalizeFinal(worker)
        visit(.finalNorm, scratch.normalized.values, worker)
        computeLogits(worker)
    }

    /// Whether nothing after the last block is read. Blocks themselves are never left out for a pass that
    /// nobody reads: later rows see its keys and values.
    private var isDone: Bool {
        lastLayer != nil
            || logitsRows.isEmpty
                && hooks.lastCaptured < CompiledHooks.number(of: .finalNorm, layers: configuration.layerCount)
    }

    // MARK: - Steps

    /// After so many lookups the embedding is let go: each brings in some pages of it, 64 kB.
    static let lookupsKept = 16

    /// residual ← token embedding
    private func embed(_ worker: Worker) {
        let size = configuration.hiddenSize
        for (lookups, row) in worker.share(of: rows.count).enumerated() {
            if letsGoOfEmbedding, lookups % Self.lookupsKept == Self.lookupsKept - 1 {
                model.letGoOfEmbedding()
            }
            let place = scratch.residual.pointer + row * size
            weights.tokenEmbedding.decodeRow(rows[row].token.index, into: place)
            if configuration.traits.scalesEmbedding { vector.scale(place, Float(size).squareRoot(), size) }
            if let positions = weights.positionEmbedding {
                let vectorOfPosition = scratch.workers[worker.index].decoded.pointer
                positions.decodeRow(rows[row].position, into: vectorOfPosition)
                vector.add(place, vectorOfPosition, size)
            }
        }
    }

    /// attended ← attention(norm(residual))
    private func attend(_ layer: Int, _ worker: Worker) {
        visit(.residualPre(LayerIndex(layer)), scratch.residual, worker)
        let block = weights.blocks[layer]
        // In a parallel block the MLP reads these rows too.
        normalize(
            by: block.attentionNorm,
            forms: forms(block.query).union(forms(block.key)).union(forms(block.value))
                .union(block.feedForwardNorm == nil ? forms(block.feedForward) : []), worker)
        let input = normalized(worker)
        multiply(block.query, input, into: scratch.queries.pointer, worker)
        multiply(block.key, input, into: scratch.keys.pointer, worker)
        multiply(block.value, input, into: scratch.values.pointer, worker)
        worker.barrier()
        storeKeysAndValues(layer, worker)
        worker.barrier()
        attendToVisible(layer, worker)
        worker.barrier()
    }

    /// residual ← residual + projection(attended), and then + MLP(norm(residual))
    private func finish(_ layer: Int, _ worker: Worker) {
        addAttention(layer, worker)
        visit(.residualMid(LayerIndex(layer)), scratch.residual, worker)
        feedForward(layer, worker)
        steer(layer, worker)
    }

    /// residual ← residual + projection(attended)
    private func addAttention(_ layer: Int, _ worker: Worker) {
        let block = weights.blocks[layer]
        let attended = isFew ? scratch.workers[worker.index].attended : scratch.attended
        prepare(attended, for: block.attentionOutput, worker)
        multiplyIntoResidual(
            block.attentionOutput, attended, postNorm: block.attentionPostNorm,
            hook: .attentionOutput(LayerIndex(layer)), worker)
    }

    /// residual ← residual + MLP(norm(residual)); in a parallel block MLP(what attention has read)
    private func feedForward(_ layer: Int, _ worker: Worker) {
        let block = weights.blocks[layer]
        if let norm = block.feedForwardNorm {
            normalize(by: norm, forms: forms(block.feedForward), worker)
        }
        let hook = HookPoint.mlpOutput(LayerIndex(layer))
        switch block.feedForward {
        case .dense(let mlp):
            activate(mlp, worker)
            worker.barrier()
            let activated = activated(worker)
            prepare(activated, for: mlp.down, worker)
            multiplyIntoResidual(
                mlp.down, activated, postNorm: block.feedForwardPostNorm, hook: hook,
                addingAfter: layer, worker)
        case .experts(let experts):
            mixExperts(experts, worker)
            addBranch(
                postNorm: block.feedForwardPostNorm, hook: hook, addingAfter: layer, worker)
        }
    }

    /// activated ← activation(gate(normalized)) · up(normalized), or
    /// activation(up(normalized)) where there is no gate
    func activate(_ mlp: ModelWeights.MLP, _ worker: Worker) {
        let size = configuration.feedForwardSize
        activate(
            mlp, normalized(worker), rows: allRows, size: size, gate: scratch.gate, up: scratch.up,
            into: scratch.activated, worker)
    }

    /// output ← activation(gate(input)) · up(input) for some rows; what a worker takes of gate and up is the
    /// same, so that it goes on without waiting.
    func activate(
        _ mlp: ModelWeights.MLP, _ input: ActivationBuffer, rows chosen: [Stretch], size: Int,
        gate: FloatBuffer, up: FloatBuffer, into output: ActivationBuffer, _ worker: Worker
    ) {
        forEachPart(of: size, worker) { part in
            if let projection = mlp.gate {
                multiply(
                    projection, input, part, rows: chosen, into: gate.pointer, accumulating: false, worker)
            }
            multiply(mlp.up, input, part, rows: chosen, into: up.pointer, accumulating: false, worker)
            for stretch in chosen {
                for row in stretch.firstOutput..<stretch.firstOutput + stretch.count {
                    let place = row * size + part.lowerBound
                    activate(
                        gate.pointer + place, up.pointer + place, into: output.row(row) + part.lowerBound,
                        count: part.count)
                }
            }
        }
    }

    /// output ← activation(gate) · up, by the family's activation
    func activate(
        _ gate: UnsafePointer<Float>, _ up: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        switch configuration.traits.mlp {
        case .gated(.silu): vector.silu_mul(gate, up, output, count)
        case .gated(.gelu): vector.gelu_tanh_mul(gate, up, output, count)
        case .plain: vector.gelu_tanh(up, output, count)
        }
    }

    /// normalized ← final norm of the rows. All workers wait for it: hooks may change the rows afterwards.
    private func normalizeFinal(_ worker: Worker) {
        for row in worker.share(of: rows.count) {
            normalize(
                scratch.residual.pointer + row * configuration.hiddenSize, by: weights.outputNorm,
                into: scratch.normalized.row(row))
        }
        worker.barrier()
    }

    /// logits ← output matrix · normalized, for the rows that want them
    private func computeLogits(_ worker: Worker) {
        guard let logits else { return }
        let taken = forms(weights.output)
        if !taken.isEmpty {
            for row in worker.share(of: rows.count) {
                scratch.normalized.fill(taken, row: row, count: configuration.hiddenSize)
            }
            worker.barrier()
        }
        let count = logitsRows.reduce(0) { $0 + $1.count }
        if let search = likeliestSearch(rowCount: count, into: logits) {
            computeLikeliest(search, worker)
            return
        }
        forEachPart(of: configuration.vocabularySize, worker) { part in
            multiply(
                weights.output, scratch.normalized, part, rows: logitsRows, into: logits, accumulating: false,
                kernelFor: count, worker)
            guard let cap = configuration.logitSoftCap else { return }
            for row in 0..<count {
                vector.soft_cap(
                    logits + row * configuration.vocabularySize + part.lowerBound, cap, part.count)
            }
        }
        worker.barrier()
        visitLogits(worker)
    }

    // MARK: - The residual stream

    /// residual ← residual + post norm (projection of activations). Passes through `hook` where somebody
    /// listens; what steering only adds after the block comes on top.
    private func multiplyIntoResidual(
        _ projection: ModelWeights.Projection, _ activations: ActivationBuffer,
        postNorm: ModelWeights.NormWeights?, hook: HookPoint, addingAfter layer: Int? = nil,
        _ worker: Worker
    ) {
        let number = CompiledHooks.number(of: hook, layers: configuration.layerCount)
        guard hooks.listeners[number] != nil || postNorm != nil else {
            let isSteered = layer.map { !hooks.additions.isEmpty(after: $0) } ?? false
            forEachPart(of: configuration.hiddenSize, worker) { part in
                if isFew, isSteered, let layer { askForSteering(after: layer, columns: part) }
                multiply(
                    projection, activations, part, rows: allRows, into: scratch.residual.pointer,
                    accumulating: true, worker)
                guard isSteered || probe != nil else { return }
                for row in rows.indices {
                    keep(row, before: hook, columns: part)
                    if let layer { addSteering(after: layer, to: row, columns: part) }
                }
            }
            worker.barrier()
            return
        }
        multiply(projection, activations, into: scratch.branch.pointer, worker)
        worker.barrier()
        addBranch(postNorm: postNorm, hook: hook, addingAfter: layer, worker)
    }

    /// Asks memory for what `addSteering` will add to the rows, while the product before it is computed.
    private func askForSteering(after layer: Int, columns: Range<Int>) {
        for row in rows {
            guard let plan = row.plan else { continue }
            hooks.additions.ask(after: layer, plan: plan, columns: columns)
        }
    }

    /// Adds what a row's plan only adds to the residual stream after a block, in some of its columns.
    private func addSteering(after layer: Int, to row: Int, columns: Range<Int>) {
        guard let plan = rows[row].plan, !hooks.additions.isEmpty(after: layer) else { return }
        let place = scratch.residual.pointer + row * configuration.hiddenSize
        hooks.additions.add(after: layer, plan: plan, to: place, columns: columns, vector)
    }

    /// residual ← residual + post norm (branch)
    private func addBranch(
        postNorm: ModelWeights.NormWeights?, hook: HookPoint, addingAfter layer: Int? = nil,
        _ worker: Worker
    ) {
        let size = configuration.hiddenSize
        // A row is one worker's, from its norm through the hook to its sum: nobody waits between.
        if let postNorm {
            for row in worker.share(of: rows.count) {
                let place = scratch.branch.pointer + row * size
                normalize(place, by: postNorm, into: place)
            }
        }
        visit(hook, scratch.branch, worker)
        for row in worker.share(of: rows.count) {
            vector.add(scratch.residual.pointer + row * size, scratch.branch.pointer + row * size, size)
            keep(row, before: hook, columns: 0..<size)
            if let layer { addSteering(after: layer, to: row, columns: 0..<size) }
        }
        worker.barrier()
    }

    // MARK: - The one place where hooks are called

    /// Passes through the output of a block, and proves that what was to be added there has been.
    private func steer(_ layer: Int, _ worker: Worker) {
        // Steering has been added with the block's last product, which saves a barrier.
        if hooks.additions.isEmpty(after: layer) {
            visit(.residualPost(LayerIndex(layer)), scratch.residual, worker)
        }
        guard let probe, probe.isSteered(layer) else { return }
        if worker.index == 0 {
            for (place, row) in rows.enumerated() {
                guard let index = row.proofIndex else { continue }
                probe.compare(
                    scratch.residual.pointer + place * configuration.hiddenSize, of: index, layer: layer)
            }
        }
        worker.barrier()
    }

    /// Keeps some columns of a proved row as the block's last product leaves them, before
    /// anything is added for steering.
    private func keep(_ row: Int, before hook: HookPoint, columns: Range<Int>) {
        guard let probe, let index = rows[row].proofIndex, case .mlpOutput(let layer) = hook,
            probe.isSteered(layer.rawValue)
        else { return }
        probe.keep(scratch.residual.pointer + row * configuration.hiddenSize, of: index, columns: columns)
    }

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
        for stretch in logitsRows {
            for index in worker.share(of: stretch.count) {
                call(
                    listener, for: rows[stretch.firstRow + index],
                    logits + (stretch.firstOutput + index) * width, width)
            }
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
