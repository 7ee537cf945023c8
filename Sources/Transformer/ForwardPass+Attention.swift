import CKernels

/// Consecutive rows of a chain: each sees what the one before sees, and itself.
///
/// Their queries meet the keys together, so that a key is read once for all of them.
struct AttentionBlock: Equatable {
    let firstRow: Int
    private(set) var rowCount: Int
    /// What the last row of the block sees.
    private(set) var visible: [CellTree.Run]

    /// How many cells the last row sees.
    var visibleCount: Int { visible.reduce(0) { $0 + $1.count } }

    /// Rows that are taken together at the most; the tail of their scores is computed in vain.
    static let rowLimit = 16

    /// Cuts rows into blocks.
    static func blocks(of rows: [ForwardPass.Row]) -> [AttentionBlock] {
        var blocks: [AttentionBlock] = []
        for (index, row) in rows.enumerated() {
            if var last = blocks.last, last.extend(with: row.visible) {
                blocks[blocks.count - 1] = last
            } else {
                blocks.append(AttentionBlock(firstRow: index, rowCount: 1, visible: row.visible))
            }
        }
        return blocks
    }

    /// The block with only those cells that one of its rows sees through a sliding window.
    func trimmed(to window: Int) -> AttentionBlock {
        var excess = visibleCount - (rowCount - 1) - window
        guard excess > 0 else { return self }
        var trimmed = self
        while excess > 0, let first = trimmed.visible.first {
            let dropped = min(excess, first.count)
            trimmed.visible[0].start += dropped
            trimmed.visible[0].count -= dropped
            if trimmed.visible[0].count == 0 { trimmed.visible.removeFirst() }
            excess -= dropped
        }
        return trimmed
    }

    private mutating func extend(with next: [CellTree.Run]) -> Bool {
        guard rowCount < Self.rowLimit, next.count == visible.count, next.dropLast() == visible.dropLast(),
            let run = next.last, let before = visible.last, run.start == before.start,
            run.count == before.count + 1
        else { return false }
        rowCount += 1
        visible = next
        return true
    }
}

extension ForwardPass {
    /// Normalises heads where the family does, turns queries and keys to their positions, and puts
    /// keys and values into the rows' cells.
    func storeKeysAndValues(_ layer: Int, _ worker: Worker) {
        let size = configuration.headSize
        let heads = configuration.keyValueHeadCount
        let rotary = configuration.window(layer: layer) == nil ? rotary : localRotary
        for index in worker.share(of: rows.count) {
            let row = rows[index]
            let queries = scratch.queries.pointer + index * configuration.querySize
            let keys = scratch.keys.pointer + index * configuration.keyValueSize
            let values = scratch.values.pointer + index * configuration.keyValueSize
            normalizeHeads(layer, queries, keys)
            rotary?.turn(queries, headCount: configuration.headCount, headSize: size, position: row.position)
            rotary?.turn(keys, headCount: heads, headSize: size, position: row.position)
            for head in 0..<heads {
                (cache.keys(layer: layer, head: head) + row.cell * size)
                    .update(from: keys + head * size, count: size)
                (cache.values(layer: layer, head: head) + row.cell * size)
                    .update(from: values + head * size, count: size)
            }
        }
    }

    private func normalizeHeads(
        _ layer: Int, _ queries: UnsafeMutablePointer<Float>, _ keys: UnsafeMutablePointer<Float>
    ) {
        let size = configuration.headSize
        if let norms = weights.blocks[layer].headNorms {
            for head in 0..<configuration.headCount {
                let place = queries + head * size
                vector.rms_norm(place, norms.query.pointer, place, size, configuration.normEpsilon)
            }
            for head in 0..<configuration.keyValueHeadCount {
                let place = keys + head * size
                vector.rms_norm(place, norms.key.pointer, place, size, configuration.normEpsilon)
            }
        }
    }

    /// attended ← softmax(Q·Kᵀ / √headSize)·V over the cells that each row can see.
    func attendToVisible(_ layer: Int, _ worker: Worker) {
        let group = configuration.headCount / configuration.keyValueHeadCount
        let window = configuration.window(layer: layer)
        let blocks = window == nil ? blocks : localBlocks
        // All query heads of a key head go together, unless that leaves workers without work.
        let headsPerUnit = blocks.count * configuration.keyValueHeadCount >= 4 * worker.pool.count ? group : 1
        let unitsPerBlock = configuration.headCount / headsPerUnit
        for unit in worker.share(of: blocks.count * unitsPerBlock) {
            let firstHead = unit % unitsPerBlock * headsPerUnit
            attend(
                layer, blocks[unit / unitsPerBlock], heads: firstHead..<firstHead + headsPerUnit,
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

        let keys = cache.keys(layer: layer, head: keyValueHead)
        var filled = 0
        for run in block.visible {
            attention.scores(
                queries, count, keys + run.start * size, run.count, size, scores + filled, stride)
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

        let values = cache.values(layer: layer, head: keyValueHead)
        mixed.update(repeating: 0, count: count * size)
        filled = 0
        for run in block.visible {
            attention.mix(scores + filled, stride, count, values + run.start * size, run.count, size, mixed)
            filled += run.count
        }

        for row in 0..<block.rowCount {
            (scratch.attended.row(block.firstRow + row) + heads.lowerBound * size)
                .update(from: mixed + row * heads.count * size, count: heads.count * size)
        }
    }
}
