import CKernels

/// The buffers of a forward pass over up to `rowCapacity` rows; made once for a context.
final class Scratch {
    let rowCapacity: Int
    let residual: FloatBuffer  // [rows, hiddenSize]
    let branch: FloatBuffer  // [rows, hiddenSize]: what attention or the MLP adds to the residual stream
    let queries: FloatBuffer  // [rows, headCount, headSize], with room for what `gate` is
    let keys: FloatBuffer  // [rows, keyValueHeadCount, headSize]
    let values: FloatBuffer  // [rows, keyValueHeadCount, headSize]
    let gate: FloatBuffer  // [rows, feedForwardSize], where the queries were: attention has read them
    let up: FloatBuffer  // [rows, feedForwardSize]
    let normalized: ActivationBuffer  // [rows, hiddenSize]: input of Q, K, V, gate, up and the output matrix
    let attended: ActivationBuffer  // [rows, headCount × headSize]: input of the attention output
    let activated: ActivationBuffer  // [rows, feedForwardSize]: input of down
    /// What a mixture of experts needs beside these; nil for one MLP.
    let experts: ExpertScratch?
    /// Segments that the cells of a full cache are cut into.
    let segmentCapacity: Int
    /// The segments of few rows, which workers share. [rows × key heads, segments, part]
    let parts: FloatBuffer
    /// What each worker needs to find the likeliest tokens; none where the output matrix says no bounds.
    let likeliest: [LikeliestScratch]
    let workers: [WorkerScratch]

    /// What each worker has for itself.
    final class WorkerScratch {
        let queries: FloatBuffer  // [queries of a block, headSize]
        let mixed: FloatBuffer  // [queries of a block, headSize]
        let scores: FloatBuffer  // [queries of a block, context capacity]
        let decoded: FloatBuffer  // [panel rows, widest input]: decoded weights
        let panels: FloatBuffer  // [panels, inputs, panel rows]: the same, side by side
        let parts: FloatBuffer  // [segments, part]: what attention gives for each segment of a row
        // For passes of a few rows, whose inputs every worker prepares for itself:
        let normalized: ActivationBuffer  // [few rows, hiddenSize]
        let attended: ActivationBuffer  // [few rows, headCount × headSize], the values shared
        let activated: ActivationBuffer  // [few rows, feedForwardSize], the values shared

        init(
            _ model: TransformerModel, contextCapacity: Int, attended: ActivationBuffer,
            activated: ActivationBuffer
        ) throws(TransformerError) {
            let configuration = model.configuration
            let few = ForwardPass.fewRows
            normalized = try ActivationBuffer(rowCapacity: few, width: configuration.hiddenSize)
            self.attended = ActivationBuffer(sharing: attended, rowCapacity: few)
            self.activated = ActivationBuffer(sharing: activated, rowCapacity: few)
            let group = configuration.headCount / configuration.keyValueHeadCount
            let queryCount = AttentionBlock.rowLimit * group
            queries = try FloatBuffer(count: queryCount * configuration.headSize)
            mixed = try FloatBuffer(count: queryCount * configuration.headSize)
            scores = try FloatBuffer(count: queryCount, contextCapacity)
            decoded = try FloatBuffer(count: Int(TL_PANEL_ROWS) * model.widestInput)
            parts = try FloatBuffer(
                count: Scratch.segmentCapacity(contextCapacity), ForwardPass.partSize(configuration))
            panels = try FloatBuffer(count: ForwardPass.panelRoom(widest: model.widestInput))
        }
    }

    init(
        _ model: TransformerModel, rowCapacity: Int, contextCapacity: Int, workerCount: Int,
        boundsLogits: Bool
    ) throws(TransformerError) {
        let configuration = model.configuration
        if boundsLogits {
            let mean = try MeanColumn(configuration)
            likeliest = try (0..<workerCount).map { _ throws(TransformerError) in
                try LikeliestScratch(configuration, mean: mean)
            }
        } else {
            likeliest = []
        }
        self.rowCapacity = rowCapacity
        residual = try FloatBuffer(count: rowCapacity * configuration.hiddenSize)
        branch = try FloatBuffer(count: rowCapacity * configuration.hiddenSize)
        queries = try FloatBuffer(
            count: rowCapacity * max(configuration.querySize, configuration.feedForwardSize))
        keys = try FloatBuffer(count: rowCapacity * configuration.keyValueSize)
        values = try FloatBuffer(count: rowCapacity * configuration.keyValueSize)
        gate = queries
        up = try FloatBuffer(count: rowCapacity * configuration.feedForwardSize)
        normalized = try ActivationBuffer(rowCapacity: rowCapacity, width: configuration.hiddenSize)
        let attended = try ActivationBuffer(rowCapacity: rowCapacity, width: configuration.querySize)
        let activated = try ActivationBuffer(
            rowCapacity: rowCapacity, width: configuration.feedForwardSize)
        self.attended = attended
        self.activated = activated
        experts = try configuration.experts.map { settings throws(TransformerError) in
            try ExpertScratch(settings, hiddenSize: configuration.hiddenSize, rowCapacity: rowCapacity)
        }
        segmentCapacity = Self.segmentCapacity(contextCapacity)
        parts = try FloatBuffer(
            count: Self.sharedUnits(workerCount), segmentCapacity, ForwardPass.partSize(configuration))
        workers = try (0..<workerCount).map { _ throws(TransformerError) in
            try WorkerScratch(
                model, contextCapacity: contextCapacity, attended: attended, activated: activated)
        }
    }

    /// From this many rows · key heads on, each is the work of one worker.
    static func sharedUnits(_ workerCount: Int) -> Int { 4 * workerCount }

    private static func segmentCapacity(_ contextCapacity: Int) -> Int {
        (contextCapacity + ForwardPass.segmentSize - 1) / ForwardPass.segmentSize
    }
}
