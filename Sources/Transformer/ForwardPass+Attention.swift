import CKernels

extension ForwardPass {
    /// Turns queries and keys to their positions, and puts keys and values into the rows' cells.
    func storeKeysAndValues(_ layer: Int, _ worker: Worker) {
        let size = configuration.headSize
        let heads = configuration.keyValueHeadCount
        for index in worker.share(of: rows.count) {
            let row = rows[index]
            let queries = scratch.queries.pointer + index * configuration.querySize
            let keys = scratch.keys.pointer + index * configuration.keyValueSize
            let values = scratch.values.pointer + index * configuration.keyValueSize
            rotary.turn(queries, headCount: configuration.headCount, headSize: size, position: row.position)
            rotary.turn(keys, headCount: heads, headSize: size, position: row.position)
            for head in 0..<heads {
                (cache.keys(layer: layer, head: head) + row.cell * size)
                    .update(from: keys + head * size, count: size)
                (cache.values(layer: layer, head: head) + row.cell * size)
                    .update(from: values + head * size, count: size)
            }
        }
    }

    /// attended ← softmax(Q·Kᵀ / √headSize)·V over the cells that each row can see.
    func attendToVisible(_ layer: Int, _ worker: Worker) {
        let headCount = configuration.headCount
        for unit in worker.share(of: rows.count * headCount) {
            attendToVisible(layer, row: unit / headCount, head: unit % headCount, worker)
        }
    }

    private func attendToVisible(_ layer: Int, row index: Int, head: Int, _ worker: Worker) {
        let row = rows[index]
        let size = configuration.headSize
        let keyValueHead = head / (configuration.headCount / configuration.keyValueHeadCount)
        let keys = cache.keys(layer: layer, head: keyValueHead)
        let values = cache.values(layer: layer, head: keyValueHead)
        let query = scratch.queries.pointer + index * configuration.querySize + head * size
        let output = scratch.attended.row(index) + head * size
        let scores = scratch.workers[worker.index].scores.pointer  // [visible]
        let scale = 1 / Float(size).squareRoot()

        var filled = 0
        for run in row.visible {
            vector.attention_scores(query, keys + run.start * size, size, run.count, scale, scores + filled)
            filled += run.count
        }
        vector.softmax(scores, filled)
        output.update(repeating: 0, count: size)
        filled = 0
        for run in row.visible {
            vector.attention_mix(scores + filled, values + run.start * size, size, run.count, output)
            filled += run.count
        }
    }
}
