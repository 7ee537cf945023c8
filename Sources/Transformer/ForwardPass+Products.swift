import CKernels
import COpenBLAS

extension ForwardPass {
    /// Weight rows are shared out in groups of this many, so that two workers never write to one cache line.
    static let productGrain = 16

    /// Up to this many rows of activations meet the quantised weights directly; more are worth decoding for.
    static let directRowLimit = 4

    /// Whether a product with these weights reads int8 activations in this pass.
    func usesInt8(_ weights: WeightMatrix) -> Bool {
        precision == .fast && weights.takesQuantizedActivations && rows.count <= Self.directRowLimit
    }

    /// output ← weights · activations for every row. `output`: [rows, weights.outputs]
    func multiply(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, into output: UnsafeMutablePointer<Float>,
        _ worker: Worker
    ) {
        multiply(weights, activations, rows: nil, into: output, accumulating: false, worker)
    }

    /// output ← weights · activations (+ output) for the chosen rows, by their places; all where nil.
    ///
    /// Each worker computes its share of the weight rows. `output`: [chosen rows, weights.outputs]
    func multiply(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, rows chosen: [Int]?,
        into output: UnsafeMutablePointer<Float>, accumulating: Bool, _ worker: Worker
    ) {
        let share = worker.share(of: weights.outputs, grain: Self.productGrain)
        let count = chosen?.count ?? rows.count
        if !usesInt8(weights), count > Self.directRowLimit {
            multiplyDecoded(
                weights, activations, chosen, share, into: output, accumulating: accumulating, worker)
            return
        }
        let int8Dot = usesInt8(weights) ? weights.kernels.dot_int8 : nil
        for weightRow in share {
            let bytes = weights.row(weightRow)
            for index in 0..<count {
                let row = chosen?[index] ?? index
                let sum =
                    if let int8Dot {
                        activations.dot(bytes, int8Dot, row: row, count: weights.inputs)
                    } else {
                        weights.kernels.dot_float(bytes, activations.row(row), weights.inputs)
                    }
                let place = output + index * weights.outputs + weightRow
                place.pointee = accumulating ? place.pointee + sum : sum
            }
        }
    }

    /// The float32 product: panels of weight rows are decoded and multiplied by OpenBLAS, one thread a panel.
    private func multiplyDecoded(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, _ chosen: [Int]?, _ share: Range<Int>,
        into output: UnsafeMutablePointer<Float>, accumulating: Bool, _ worker: Worker
    ) {
        let panel = scratch.workers[worker.index].panel.pointer  // [panelRows, inputs]
        let inputs = weights.inputs
        // Chosen rows are multiplied in contiguous stretches, which for a prompt is one.
        let stretches = Self.stretches(of: chosen, count: rows.count)
        var start = share.lowerBound
        while start < share.upperBound {
            let end = min(start + Scratch.panelRows, share.upperBound)
            for row in start..<end { weights.decodeRow(row, into: panel + (row - start) * inputs) }
            for stretch in stretches {
                cblas_sgemm(
                    CblasRowMajor, CblasNoTrans, CblasTrans, Int32(stretch.count), Int32(end - start),
                    Int32(inputs), 1, activations.row(stretch.firstRow), Int32(activations.width), panel,
                    Int32(inputs), accumulating ? 1 : 0, output + stretch.firstOutput * weights.outputs + start,
                    Int32(weights.outputs))
            }
            start = end
        }
    }

    private struct Stretch {
        var firstRow: Int
        var firstOutput: Int
        var count: Int
    }

    private static func stretches(of chosen: [Int]?, count: Int) -> [Stretch] {
        guard let chosen else { return [Stretch(firstRow: 0, firstOutput: 0, count: count)] }
        var stretches: [Stretch] = []
        for (output, row) in chosen.enumerated() {
            if let last = stretches.last, last.firstRow + last.count == row {
                stretches[stretches.count - 1].count += 1
            } else {
                stretches.append(Stretch(firstRow: row, firstOutput: output, count: 1))
            }
        }
        return stretches
    }
}
