import CKernels

/// What products read: normalised rows and activations, with the integer forms that are taken.
extension ForwardPass {
    /// Up to this many rows each worker prepares the inputs of the products for itself: that costs less than
    /// waiting until another has done it.
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

    /// normalized ← norm of the residual stream, with the forms that products read; all rows are there when
    /// it returns.
    func normalize(by norm: ModelWeights.NormWeights, forms: ActivationForms, _ worker: Worker) {
        let size = configuration.hiddenSize
        let target = normalized(worker)
        for row in preparedRows(worker) {
            normalize(scratch.residual.pointer + row * size, by: norm, into: target.row(row))
            target.fill(forms, row: row, count: size)
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

    /// The forms of the normalised rows that the first matrices of an MLP read.
    func forms(_ feedForward: ModelWeights.FeedForward) -> ActivationForms {
        switch feedForward {
        case .dense(let mlp): forms(mlp)
        case .experts(let experts):
            experts.experts.reduce(
                forms(experts.router).union(experts.shared.map { forms($0.mlp) } ?? [])
            ) { $0.union(forms($1)) }
        }
    }

    private func forms(_ mlp: ModelWeights.MLP) -> ActivationForms {
        forms(mlp.up).union(mlp.gate.map { forms($0) } ?? [])
    }

    /// Makes the form of `activations` that the projection reads; all rows are there when it returns.
    func prepare(_ activations: ActivationBuffer, for projection: ModelWeights.Projection, _ worker: Worker) {
        let taken = forms(projection)
        guard !taken.isEmpty else { return }
        for row in preparedRows(worker) {
            activations.fill(taken, row: row, count: projection.matrix.inputs)
        }
        if !isFew { worker.barrier() }
    }
}
