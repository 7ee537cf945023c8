import CKernels

extension ForwardPass {
    /// Weight rows are handed out in groups of this many: two workers never write to one cache line, and the
    /// widest kernel takes as many at a time.
    static let productGrain = 32

    /// Up to this many rows of activations meet the quantised weights directly; more are worth decoding for.
    static let directRowLimit = 4

    /// The integer form that a product with these weights reads in this pass; none where it reads float32.
    func forms(_ weights: WeightMatrix) -> ActivationForms {
        guard precision == .fast,
            weights.isInterleaved || (rowsBefore ?? rows.count) <= Self.directRowLimit
        else { return [] }
        return weights.activationForms
    }

    func forms(_ projection: ModelWeights.Projection) -> ActivationForms { forms(projection.matrix) }

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
        forEachPart(of: projection.matrix.outputs, worker) { part in
            multiply(
                projection, activations, part, rows: chosen, into: output, accumulating: accumulating, worker)
        }
    }

    /// Calls `body` with the parts of a product's weight rows that fall to this worker.
    func forEachPart(of outputs: Int, _ worker: Worker, _ body: (Range<Int>) -> Void) {
        worker.forEachPart(of: outputs, grain: Self.productGrain, isLittle: isFew, body)
    }

    /// The same for a part of the weight rows.
    func multiply(
        _ projection: ModelWeights.Projection, _ activations: ActivationBuffer, _ part: Range<Int>,
        rows chosen: [Stretch], into output: UnsafeMutablePointer<Float>, accumulating: Bool,
        kernelFor count: Int? = nil, _ worker: Worker
    ) {
        multiply(
            projection.matrix, activations, part, rows: chosen, into: output, accumulating: accumulating,
            kernelFor: count, worker)
        guard let bias = projection.bias else { return }
        for stretch in chosen {
            for row in stretch.firstOutput..<stretch.firstOutput + stretch.count {
                vector.add(
                    output + row * bias.count + part.lowerBound, bias.values + part.lowerBound, part.count)
            }
        }
    }

    /// output ← weights · activations (+ output) for the chosen rows and a part of the weight rows. `output`:
    /// [chosen rows, weights.outputs]
    ///
    /// - Parameter kernelFor: How many rows the kernel is chosen for; nil for those of the pass that were
    ///   there before all but some were left out, else the chosen ones.
    func multiply(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, _ share: Range<Int>, rows chosen: [Stretch],
        into output: UnsafeMutablePointer<Float>, accumulating: Bool, kernelFor count: Int? = nil,
        _ worker: Worker
    ) {
        if weights.isInterleaved {
            multiplyInterleaved(weights, activations, chosen, share, into: output, accumulating)
        } else if forms(weights).isEmpty,
            count ?? rowsBefore ?? chosen.reduce(0, { $0 + $1.count }) > Self.directRowLimit
        {
            multiplyDecoded(weights, activations, chosen, share, into: output, accumulating, worker)
        } else {
            multiplyRows(weights, activations, chosen, share, into: output, accumulating)
        }
    }

    /// The product with eight interleaved rows at a time: each group of rows meets all
    /// columns while it is in cache.
    private func multiplyInterleaved(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, _ chosen: [Stretch], _ share: Range<Int>,
        into output: UnsafeMutablePointer<Float>, _ accumulating: Bool
    ) {
        let height = Int(TL_INTERLEAVED_ROWS)
        let wholeEnd = min(share.upperBound, weights.outputs / height * height)
        for stretch in chosen {
            let columns = activations.columns(from: stretch.firstRow)
            let place = output + stretch.firstOutput * weights.outputs
            if share.lowerBound < wholeEnd {
                weights.multiply(
                    groups: share.lowerBound / height..<wholeEnd / height, columns, stretch.count,
                    into: place + share.lowerBound, stride: weights.outputs, accumulating: accumulating)
            }
            let first = max(share.lowerBound, wholeEnd)
            guard first < share.upperBound else { continue }
            storePart(
                of: height, share.upperBound - first, stretch.count, weights, into: place + first,
                accumulating
            ) {
                weights.multiply(
                    groups: first / height..<first / height + 1, columns, stretch.count, into: $0,
                    stride: height, accumulating: false)
            }
        }
    }

    /// The product in the file's own layout, row by row: for few rows of activations.
    private func multiplyRows(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, _ chosen: [Stretch], _ share: Range<Int>,
        into output: UnsafeMutablePointer<Float>, _ accumulating: Bool
    ) {
        let int8Dot = forms(weights) == .int8 ? weights.rowKernels.dot_int8 : nil
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

    /// Values that a worker keeps in its cache at once, of decoded weights and of
    /// activations: half a megabyte and one.
    private static let panelValues = 1 << 17
    private static let columnValues = 1 << 18

    /// How many panels of weights a worker decodes at once: an even number, for they are
    /// multiplied two at a time.
    static func panelsInWork(inputs: Int) -> Int {
        max(2, min(8, panelValues / (Int(TL_PANEL_ROWS) * max(inputs, 1)) & ~1))
    }

    /// Room for the panels of every matrix that is no wider than `widest`. Those of a narrower one
    /// may be more, and take more room together than two of the widest: 8 of 1024 inputs are a
    /// third larger than 2 of 3072.
    static func panelRoom(widest: Int) -> Int {
        max(panelValues, 2 * Int(TL_PANEL_ROWS) * widest)
    }

    /// The float32 product: a few panels of 16 weight rows are decoded, and meet the columns in parts that
    /// stay in cache beside them.
    ///
    /// Twice as fast as OpenBLAS's sgemm with the same panels at the shapes of small models, which packs the
    /// activations again for each.
    private func multiplyDecoded(
        _ weights: WeightMatrix, _ activations: ActivationBuffer, _ chosen: [Stretch], _ share: Range<Int>,
        into output: UnsafeMutablePointer<Float>, _ accumulating: Bool, _ worker: Worker
    ) {
        let own = scratch.workers[worker.index]
        let inputs = weights.inputs
        let height = Int(TL_PANEL_ROWS)
        let rowsInWork = Self.panelsInWork(inputs: inputs) * height
        precondition(rowsInWork * inputs <= own.panels.count)
        // The kernel takes twelve columns at a time.
        let part = max(12, Self.columnValues / inputs / 12 * 12)
        for start in stride(from: share.lowerBound, to: share.upperBound, by: rowsInWork) {
            let weightRows = start..<min(start + rowsInWork, share.upperBound)
            decodePanels(weights, weightRows, own)
            for stretch in chosen {
                for first in stride(from: 0, to: stretch.count, by: part) {
                    multiplyPanels(
                        weights, weightRows, own, activations.row(stretch.firstRow + first),
                        activations.width,
                        count: min(part, stretch.count - first),
                        into: output + (stretch.firstOutput + first) * weights.outputs, accumulating)
                }
            }
        }
    }

    /// Decodes rows of weights into panels; in the last one those that do not exist keep what was there.
    private func decodePanels(
        _ weights: WeightMatrix, _ weightRows: Range<Int>, _ own: Scratch.WorkerScratch
    ) {
        let height = Int(TL_PANEL_ROWS)
        for start in stride(from: weightRows.lowerBound, to: weightRows.upperBound, by: height) {
            for row in start..<min(start + height, weightRows.upperBound) {
                weights.decodeRow(row, into: own.decoded.pointer + (row - start) * weights.inputs)
            }
            panels.pack(
                own.decoded.pointer, own.panels.pointer + (start - weightRows.lowerBound) * weights.inputs,
                weights.inputs)
        }
    }

    /// Products of the decoded panels with some columns. `x`: [count, stride]; `output`:
    /// [count, weights.outputs]
    private func multiplyPanels(
        _ weights: WeightMatrix, _ weightRows: Range<Int>, _ own: Scratch.WorkerScratch,
        _ x: UnsafePointer<Float>, _ stride: Int, count: Int, into output: UnsafeMutablePointer<Float>,
        _ accumulating: Bool
    ) {
        let height = Int(TL_PANEL_ROWS)
        let inputs = weights.inputs
        var row = weightRows.lowerBound
        while row < weightRows.upperBound {
            let panel = own.panels.pointer + (row - weightRows.lowerBound) * inputs
            let rowCount = min(2 * height, weightRows.upperBound - row)
            if rowCount == 2 * height {
                panels.multiply_two(
                    panel, inputs, x, stride, count, output + row, weights.outputs, accumulating ? 1 : 0)
                row += rowCount
            } else if rowCount >= height {
                panels.multiply(
                    panel, inputs, x, stride, count, output + row, weights.outputs, accumulating ? 1 : 0)
                row += height
            } else {
                storePart(of: height, rowCount, count, weights, into: output + row, accumulating) {
                    panels.multiply(panel, inputs, x, stride, count, $0, height, 0)
                }
                row += rowCount
            }
        }
    }

    /// The rows at the end of a matrix whose height is no multiple of the kernel's: only
    /// those that exist are stored.
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
