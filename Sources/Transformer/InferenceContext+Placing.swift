import Terms

extension InferenceContext {
    /// Checks the rows and gives each its cell and its position.
    func place(_ batch: Batch) throws(TransformerError) -> ([ForwardPass.Row], logits: [Int]) {
        let start = tree.mark
        do {
            return try placeRows(batch)
        } catch {
            tree.rewind(to: start)
            throw error
        }
    }

    private func placeRows(_ batch: Batch) throws(TransformerError) -> ([ForwardPass.Row], logits: [Int]) {
        let vocabularySize = model.configuration.vocabularySize
        let layerCount = try layerCount(of: batch)
        var rows: [ForwardPass.Row] = []
        rows.reserveCapacity(batch.rows.count)
        var logitsRows: [Int] = []
        var capturedCount = 0
        var lastPosition = 0
        for (index, row) in batch.rows.enumerated() {
            guard row.token.index >= 0, row.token.index < vocabularySize else {
                throw .unknownToken(row.token, vocabularySize: vocabularySize)
            }
            if let plan = row.plan, !batch.plans.indices.contains(plan) {
                throw .unknownPlan(row: index, plan: plan, planCount: batch.plans.count)
            }
            let parent = try cell(of: row.parent, row: index, placed: rows)
            if let parent, tree.layerCount(of: parent) < layerCount {
                throw .shallowParent(row: index, layers: tree.layerCount(of: parent), needed: layerCount)
            }
            guard let cell = tree.append(after: parent, reserving: batch.reservedContinuation) else {
                throw .contextOverflow(needed: tree.takenCount + batch.rows.count - index, capacity: capacity)
            }
            tree.setLayerCount(layerCount, of: cell)
            let isCaptured = row.isCaptured && !batch.captures.isEmpty
            rows.append(
                ForwardPass.Row(
                    token: row.token, position: tree.position(of: cell), cell: cell, plan: row.plan,
                    captureIndex: isCaptured ? capturedCount : nil,
                    proofIndex: batch.provedRows.isEmpty ? nil : batch.provedRows.firstIndex(of: index)))
            if isCaptured { capturedCount += 1 }
            if row.wantsLogits { logitsRows.append(index) }
            lastPosition = max(lastPosition, tree.position(of: cell))
        }
        if let positionLimit, lastPosition >= positionLimit {
            // Phi-3's shorter limit is that of the factors which the context was made for: a
            // larger one takes the others.
            if case .learned = model.configuration.positions {
                throw .noFurtherPositions(needed: lastPosition + 1, positions: positionLimit)
            }
            throw .contextOverflow(needed: lastPosition + 1, capacity: positionLimit)
        }
        rotary?.prepare(positions: lastPosition + 1)
        if model.configuration.slidingWindow != nil { localRotary?.prepare(positions: lastPosition + 1) }
        return (rows, logitsRows)
    }

    /// How many blocks a batch computes.
    private func layerCount(of batch: Batch) throws(TransformerError) -> Int {
        let all = model.configuration.layerCount
        guard let last = batch.lastLayer else { return all }
        guard (0..<all).contains(last.rawValue), !batch.rows.contains(where: \.wantsLogits) else {
            throw .invalidSetting(
                name: "the last layer", found: "\(last)",
                expected: "a layer in 0-\(all - 1), and no row that wants logits")
        }
        return last.rawValue + 1
    }

    private func cell(
        of parent: Batch.Parent, row: Int, placed: [ForwardPass.Row]
    ) throws(TransformerError) -> Int? {
        switch parent {
        case .root: return nil
        case .row(let earlier):
            guard placed.indices.contains(earlier) else { throw .unknownParent(row: row) }
            return placed[earlier].cell
        case .cell(let cell):
            guard tree.isAlive(Int(cell.index)) else { throw .unknownParent(row: row) }
            return Int(cell.index)
        }
    }
}
