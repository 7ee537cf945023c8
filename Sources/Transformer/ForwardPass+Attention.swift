import CKernels

extension ForwardPass {
    /// Normalises heads where the family does, turns queries and keys to their positions, and puts
    /// keys and values into the rows' cells.
    func storeKeysAndValues(_ layer: Int, _ worker: Worker) {
        let size = configuration.headSize
        let (queryHeads, heads) = (configuration.headCount, configuration.keyValueHeadCount)
        let rotary = configuration.window(layer: layer) == nil ? rotary : localRotary
        let norms = weights.blocks[layer].headNorms
        // A unit is one head of one row: the queries', then those of keys and values.
        let unitsPerRow = queryHeads + heads
        for unit in worker.share(of: rows.count * unitsPerRow) {
            let (index, head) = (unit / unitsPerRow, unit % unitsPerRow)
            let row = rows[index]
            if head < queryHeads {
                let query = scratch.queries.pointer + index * configuration.querySize + head * size
                if let norms { normalizeHead(query, by: norms.query) }
                rotary?.turn(query, headCount: 1, headSize: size, position: row.position)
            } else {
                let place = index * configuration.keyValueSize + (head - queryHeads) * size
                let key = scratch.keys.pointer + place
                if let norms { normalizeHead(key, by: norms.key) }
                rotary?.turn(key, headCount: 1, headSize: size, position: row.position)
                cache.store(
                    key: key, value: scratch.values.pointer + place, layer: layer, head: head - queryHeads,
                    cell: row.cell)
            }
        }
    }

    private func normalizeHead(_ head: UnsafeMutablePointer<Float>, by gain: WeightVector) {
        vector.rms_norm(head, gain.values, head, configuration.headSize, configuration.normEpsilon)
    }

    /// attended ← softmax(Q·Kᵀ / √headSize)·V over the cells that each row can see.
    ///
    /// Rows that stand alone go segment by segment (`attendAlone`); consecutive rows of a chain go together.
    func attendToVisible(_ layer: Int, _ worker: Worker) {
        let window = configuration.window(layer: layer)
        let blocks = window == nil ? blocks : localBlocks
        attendAlone(layer, blocks.alone, worker)
        let chains = blocks.chains
        guard !chains.isEmpty else { return }
        let group = configuration.headCount / configuration.keyValueHeadCount
        // All query heads of a key head go together, unless that leaves workers without work.
        let headsPerUnit = chains.count * configuration.keyValueHeadCount >= 4 * worker.pool.count ? group : 1
        let unitsPerBlock = configuration.headCount / headsPerUnit
        // Later blocks of a chain see more, so workers take turns: with a share each from the front and the
        // back, the first worker of two waited a fifth of a prefill of 512.
        for unit in stride(from: worker.index, to: chains.count * unitsPerBlock, by: worker.workerCount) {
            let firstHead = unit % unitsPerBlock * headsPerUnit
            attend(
                layer, chains[unit / unitsPerBlock], heads: firstHead..<firstHead + headsPerUnit,
                keyValueHead: firstHead / group, window: window, scratch.workers[worker.index])
        }
    }

    /// Attention of one block's rows with query heads that share a key head.
    private func attend(
        _ layer: Int, _ block: AttentionBlock, heads: Range<Int>, keyValueHead: Int,
        window: Int?, _ own: Scratch.WorkerScratch
    ) {
        let size = configuration.headSize
        let count = block.rowCount * heads.count
        let stride = block.visibleCount
        let queries = own.queries.pointer  // [rowCount, heads, headSize], scaled
        let mixed = own.mixed.pointer  // [rowCount, heads, headSize]
        let scores = own.scores.pointer  // [rowCount, heads, visible]
        let scale = configuration.attentionScale

        for row in 0..<block.rowCount {
            let source =
                scratch.queries.pointer + (block.firstRow + row) * configuration.querySize
                + heads.lowerBound * size
            let target = queries + row * heads.count * size
            for index in 0..<heads.count * size { target[index] = source[index] * scale }
        }

        let isHalf: Int32 = cache.isHalf ? 1 : 0
        var filled = 0
        for run in block.visible {
            let keys = cache.keys(layer: layer, head: keyValueHead, cell: run.start)
            attention.scores(queries, count, keys, isHalf, run.count, size, scores + filled, stride)
            filled += run.count
        }

        for query in 0..<count {
            let hidden = block.rowCount - 1 - query / heads.count
            let row = scores + query * stride
            if let cap = configuration.attentionSoftCap { vector.soft_cap(row, cap, stride) }
            let outside = window.map { max(0, stride - hidden - $0) } ?? 0
            vector.softmax(row + outside, stride - hidden - outside)
            row.update(repeating: 0, count: outside)
            (row + stride - hidden).update(repeating: 0, count: hidden)
        }

        mixed.update(repeating: 0, count: count * size)
        filled = 0
        for run in block.visible {
            let values = cache.values(layer: layer, head: keyValueHead, cell: run.start)
            attention.mix(scores + filled, stride, count, values, isHalf, run.count, size, mixed)
            filled += run.count
        }

        for row in 0..<block.rowCount {
            (scratch.attended.row(block.firstRow + row) + heads.lowerBound * size)
                .update(from: mixed + row * heads.count * size, count: heads.count * size)
        }
    }
}
