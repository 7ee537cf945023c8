import CKernels

/// What products read: normalised rows and activations, with their int8 form where that is taken.
extension ForwardPass {
    /// Up to this many rows each worker prepares the inputs of the products for itself: that costs less than waiting
    /// until another has done it.
    static let fewRows = 4

    /// Whether every worker prepares all inputs for itself.
    var isFew: Bool { rows.count <= Self.fewRows }

    /// Where a worker reads the normalised rows.
    func normalized(_ worker: Worker) -> ActivationBuffer {
        isFew ? scratch.workers[worker.index].normalized : scratch.normalized
    }

    /// Where a worker reads the input of `down`.
    func activated(_ worker: Worker) -> ActivationBuffer {
        isFew ? scratch.workers[worker.index].activated : scratch.activated
    }

    /// The rows whose inputs a worker prepares.
    private func preparedRows(_ worker: Worker) -> Range<Int> {
        isFew ? rows.indices : worker.share(of: rows.count)
    }

    /// normalized ← norm of the residual stream, with its int8 form where a product reads that; all rows are there when
    /// it returns.
    func normalize(by norm: ModelWeights.NormWeights, quantizes: Bool, _ worker: Worker) {
        let size = configuration.hiddenSize
        let target = normalized(worker)
        for row in preparedRows(worker) {
            normalize(scratch.residual.pointer + row * size, by: norm, into: target.row(row))
            if quantizes { target.quantize(row: row, count: size) }
        }
        if !isFew { worker.barrier() }
    }

    /// output ← norm of one row
    func normalize(
        _ row: UnsafePointer<Float>, by norm: ModelWeights.NormWeights,
        into output: UnsafeMutablePointer<Float>
    ) {
        let size = configuration.hiddenSize
        if let bias = norm.bias {
            vector.layer_norm(
                row, norm.gain.values, bias.values, output, size, configuration.normEpsilon)
        } else {
            vector.rms_norm(row, norm.gain.values, output, size, configuration.normEpsilon)
        }
    }

    /// Whether the first matrices of an MLP read the int8 form of the normalised rows.
    func readsInt8(_ feedForward: ModelWeights.FeedForward) -> Bool {
        switch feedForward {
        case .dense(let mlp): return readsInt8(mlp)
        case .experts(let experts):
            if usesInt8(experts.router) { return true }
            if let shared = experts.shared, readsInt8(shared.mlp) { return true }
            return experts.experts.contains { readsInt8($0) }
        }
    }

    private func readsInt8(_ mlp: ModelWeights.MLP) -> Bool {
        if let gate = mlp.gate, usesInt8(gate) { return true }
        return usesInt8(mlp.up)
    }

    /// Makes the int8 form of `activations` where the projection takes it; all rows are there when it returns.
    func quantizeIfTaken(
        _ activations: ActivationBuffer, by projection: ModelWeights.Projection, _ worker: Worker
    ) {
        guard usesInt8(projection) else { return }
        for row in preparedRows(worker) {
            activations.quantize(row: row, count: projection.matrix.inputs)
        }
        if !isFew { worker.barrier() }
    }
}
