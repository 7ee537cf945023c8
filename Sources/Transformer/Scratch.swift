import CKernels

/// The buffers of a forward pass over up to `rowCapacity` rows; made once for a context.
final class Scratch {
    let rowCapacity: Int
    let residual: FloatBuffer  // [rows, hiddenSize]
    let branch: FloatBuffer  // [rows, hiddenSize]: what attention or the MLP adds to the residual stream
    let queries: FloatBuffer  // [rows, headCount, headSize]
    let keys: FloatBuffer  // [rows, keyValueHeadCount, headSize]
    let values: FloatBuffer  // [rows, keyValueHeadCount, headSize]
    let gate: FloatBuffer  // [rows, feedForwardSize]
    let up: FloatBuffer  // [rows, feedForwardSize]
    let normalized: ActivationBuffer  // [rows, hiddenSize]: input of Q, K, V, gate, up and the output matrix
    let attended: ActivationBuffer  // [rows, headCount × headSize]: input of the attention output
    let activated: ActivationBuffer  // [rows, feedForwardSize]: input of down
    let workers: [WorkerScratch]

    /// What each worker has for itself.
    final class WorkerScratch {
        let queries: FloatBuffer  // [queries of a block, headSize]
        let mixed: FloatBuffer  // [queries of a block, headSize]
        let scores: FloatBuffer  // [queries of a block, context capacity]
        let decoded: FloatBuffer  // [panel rows, widest input]: decoded weights
        let panel: FloatBuffer  // [widest input, panel rows]: the same, side by side

        init(_ model: TransformerModel, contextCapacity: Int) {
            let configuration = model.configuration
            let group = configuration.headCount / configuration.keyValueHeadCount
            let queryCount = AttentionBlock.rowLimit * group
            queries = FloatBuffer(count: queryCount * configuration.headSize)
            mixed = FloatBuffer(count: queryCount * configuration.headSize)
            scores = FloatBuffer(count: queryCount * contextCapacity)
            decoded = FloatBuffer(count: Int(TL_PANEL_ROWS) * model.widestInput)
            panel = FloatBuffer(count: Int(TL_PANEL_ROWS) * model.widestInput)
        }
    }

    init(_ model: TransformerModel, rowCapacity: Int, contextCapacity: Int, workerCount: Int) {
        let configuration = model.configuration
        self.rowCapacity = rowCapacity
        residual = FloatBuffer(count: rowCapacity * configuration.hiddenSize)
        branch = FloatBuffer(count: rowCapacity * configuration.hiddenSize)
        queries = FloatBuffer(count: rowCapacity * configuration.querySize)
        keys = FloatBuffer(count: rowCapacity * configuration.keyValueSize)
        values = FloatBuffer(count: rowCapacity * configuration.keyValueSize)
        gate = FloatBuffer(count: rowCapacity * configuration.feedForwardSize)
        up = FloatBuffer(count: rowCapacity * configuration.feedForwardSize)
        normalized = ActivationBuffer(rowCapacity: rowCapacity, width: configuration.hiddenSize)
        attended = ActivationBuffer(rowCapacity: rowCapacity, width: configuration.querySize)
        activated = ActivationBuffer(rowCapacity: rowCapacity, width: configuration.feedForwardSize)
        workers = (0..<workerCount).map { _ in
            WorkerScratch(model, contextCapacity: contextCapacity)
        }
    }
}
