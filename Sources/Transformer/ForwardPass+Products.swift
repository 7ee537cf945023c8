import CKernels

extension ForwardPass {
    /// Weight rows are shared out in groups of this many, so that two workers never write to one cache line.
    static let productGrain = 16

    /// Up to this many rows of activations meet the quantised weights directly; more are worth decoding for.
    static let directRowLimit = 4

    /// Whether a product with these weights reads int8 activations in this pass.
    func usesInt8(_ weights: WeightMatrix) -> Bool {
        guard precision == .fast, weights.takesQuantizedActivations else { return false }
        if case .interleaved = weights.layout { return true }
        return rows.count <= Self.directRowLimit
    }

    func usesInt8(_ projection: ModelWeights.Projection) -> Bool { usesInt8(projection.matrix) }

    /// Every row, each to its own place.
    var allRows: [Stretch] { [Stretch(firstRow: 0, firstOutput: 0, count: rows.count)] }

    /// output ← projection of activations, for every row. `output`: [rows, outputs]
    func multiply(
        _ projection: ModelWeights.Projection, _ activations: ActivationBuffer,
        into output: UnsafeMutablePointer<Float>, _ worker: Worker
    ) {
        multiply(projection, activations, rows: allRows, into: output, accumulating: false, worker)
    }

    /// output ← projection of activations (+ output) for the chosen rows. `output`: [chosen rows, outputs]
    func multiply(
        _ projection: ModelWeights.Projection, _ activations: ActivationBuffer, rows chosen: [Stretch],
        into output: UnsafeMutablePointer<Float>, accumulating: Bool, _ worker: Worker
    ) {
        multiply(
            projection.matrix, activations, rows: chosen, into: output, accumulating: accumulating, worker)
        guard let bias = projection.bias else { return }
        let mine = worker.share(of: bias.count, grain: Self.productGrain)
        for stretch in chosen {
            for row in stretch.firstOutput..<stretch.firstOutput + stretch.count {
                vector.add(
                    output + row * bias.count + mine.lowerBound, bias.pointer + mine.lowerBound, mine.count)
            }
        }
    }

    /// output ← weights · activations (+ output) for the chosen rows.
    ///
    /// Each worker computes its share of the weight rows. `output`: [chosen rows, weights.outputs]
    func multiply(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, rows chosen: [Stretch],
        into output: UnsafeMutablePointer<Float>, accumulating: Bool, _ worker: Worker
    ) {
        let share = worker.share(of: weights.outputs, grain: Self.productGrain)
        if case .interleaved(let kernels, let groupByteCount) = weights.layout {
            multiplyInterleaved(
                weights, kernels, groupByteCount, activations, chosen, share, into: output, accumulating)
        } else if !usesInt8(weights), chosen.reduce(0, { $0 + $1.count }) > Self.directRowLimit {
            multiplyDecoded(weights, activations, chosen, share, into: output, accumulating, worker)
        } else {
            multiplyRows(weights, activations, chosen, share, into: output, accumulating)
        }
    }

    /// The product with eight interleaved rows at a time: each group of rows meets all columns while it is in cache.
    private func multiplyInterleaved(
        _ weights: WeightMatrix, _ kernels: tl_interleaved_kernels, _ groupByteCount: Int,
        _ activations: ActivationBuffer, _ chosen: [Stretch], _ share: Range<Int>,
        into output: UnsafeMutablePointer<Float>, _ accumulating: Bool
    ) {
        let height = Int(TL_INTERLEAVED_ROWS)
        let wholeEnd = min(share.upperBound, weights.outputs / height * height)
        for stretch in chosen {
            let columns = activations.columns(from: stretch.firstRow)
            let place = output + stretch.firstOutput * weights.outputs
            if share.lowerBound < wholeEnd {
                kernels.multiply(
                    weights.bytes + share.lowerBound / height * groupByteCount,
                    (wholeEnd - share.lowerBound) / height, weights.inputs, columns, stretch.count,
                    place + share.lowerBound, weights.outputs, accumulating ? 1 : 0)
            }
            let first = max(share.lowerBound, wholeEnd)
            guard first < share.upperBound else { continue }
            storePart(
                of: height, share.upperBound - first, stretch.count, weights, into: place + first,
                accumulating
            ) {
                kernels.multiply(
                    weights.bytes + first / height * groupByteCount, 1, weights.inputs, columns,
                    stretch.count, $0, height, 0)
            }
        }
    }

    /// The product in the file's own layout, row by row: for few rows of activations.
    private func multiplyRows(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, _ chosen: [Stretch], _ share: Range<Int>,
        into output: UnsafeMutablePointer<Float>, _ accumulating: Bool
    ) {
        let int8Dot = usesInt8(weights) ? weights.rowKernels.dot_int8 : nil
        for weightRow in share {
            let bytes = weights.row(weightRow)
            for stretch in chosen {
                for index in 0..<stretch.count {
                    let row = stretch.firstRow + index
                    let sum =
                        if let int8Dot {
                            activations.dot(bytes, int8Dot, row: row, count: weights.inputs)
                        } else {
                            weights.rowKernels.dot_float(bytes, activations.row(row), weights.inputs)
                        }
                    let place = output + (stretch.firstOutput + index) * weights.outputs + weightRow
                    place.pointee = accumulating ? place.pointee + sum : sum
                }
            }
        }
    }

    /// The float32 product: panels of 16 weight rows are decoded, two at a time, and meet all columns while they are in cache.
    ///
    /// Twice as fast as OpenBLAS's sgemm with the same panels at the shapes of small models, which packs the
    /// activations again for each.
    private func multiplyDecoded(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, _ chosen: [Stretch], _ share: Range<Int>,
        into output: UnsafeMutablePointer<Float>, _ accumulating: Bool, _ worker: Worker
    ) {
        let own = scratch.workers[worker.index]
        let height = Int(TL_PANEL_ROWS)
        let inputs = weights.inputs
        var start = share.lowerBound
        while start < share.upperBound {
            let rowCount = min(height, share.upperBound - start)
            let isPair = start + 2 * height <= share.upperBound
            for panel in 0..<(isPair ? 2 : 1) {
                for row in 0..<rowCount {
                    weights.decodeRow(start + panel * height + row, into: own.decoded.pointer + row * inputs)
                }
                panels.pack(own.decoded.pointer, own.panel.pointer + panel * height * inputs, inputs)
            }
            for stretch in chosen {
                let place = output + stretch.firstOutput * weights.outputs + start
                if rowCount == height {
                    (isPair ? panels.multiply_two : panels.multiply)(
                        own.panel.pointer, inputs, activations.row(stretch.firstRow), activations.width,
                        stretch.count, place, weights.outputs, accumulating ? 1 : 0)
                } else {
                    storePart(of: height, rowCount, stretch.count, weights, into: place, accumulating) {
                        panels.multiply(
                            own.panel.pointer, inputs, activations.row(stretch.firstRow), activations.width,
                            stretch.count, $0, height, 0)
                    }
                }
            }
            start += isPair ? 2 * height : rowCount
        }
    }

    /// The rows at the end of a matrix whose height is no multiple of the kernel's: only those that exist are stored.
    ///
    /// `multiply` writes [columns, height] sums.
    private func storePart(
        of height: Int, _ rowCount: Int, _ columnCount: Int, _ weights: WeightMatrix,
        into output: UnsafeMutablePointer<Float>, _ accumulating: Bool,
        multiply: (UnsafeMutablePointer<Float>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: columnCount * height) { sums in
            guard let start = sums.baseAddress else { return }
            multiply(start)
            for column in 0..<columnCount {
                for row in 0..<rowCount {
                    let place = output + column * weights.outputs + row
                    let sum = sums[column * height + row]
                    place.pointee = accumulating ? place.pointee + sum : sum
                }
            }
        }
    }

    /// Rows of activations that lie side by side, and where their results go.
    struct Stretch {
        var firstRow: Int
        var firstOutput: Int
        var count: Int
    }

    /// Ascending rows as stretches, their results one after the other.
    static func stretches(of chosen: [Int]) -> [Stretch] {
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
