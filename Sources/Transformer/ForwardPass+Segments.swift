import CKernels
import Glibc

/// Attention of rows that stand alone, as in decode: what a row sees is cut into segments, whose softmax and
/// mix are computed apart and put together afterwards, so that workers share even a single head. The segments
/// do not depend on the workers, and so neither do the results.
extension ForwardPass {
    /// Cells of a segment: their keys and values stay in the second cache from the scores to the mix.
    static let segmentSize = 128

    /// What one segment gives for one query: its largest score, Σ exp(score − largest), and the values
    /// mixed by exp(score − largest).
    private static let partHeader = 2

    /// The floats of a segment's results for all queries of a key head.
    static func partSize(_ configuration: ModelConfiguration) -> Int {
        configuration.headCount / configuration.keyValueHeadCount * (partHeader + configuration.headSize)
    }

    /// attended ← the attention of rows that stand alone
    func attendAlone(_ layer: Int, _ alone: [AttentionBlock], _ worker: Worker) {
        guard !alone.isEmpty else { return }
        let heads = configuration.keyValueHeadCount
        let partSize = Self.partSize(configuration)
        let own = scratch.workers[worker.index]
        let isLittle = alone.count * heads < Scratch.sharedUnits(worker.pool.count)
        // With one segment a head there is nothing to put together, and nobody to wait for.
        guard isLittle, alone.contains(where: { $0.segmentCount > 1 }) else {
            worker.forEachPart(of: alone.count * heads, grain: 1, isLittle: isLittle) { part in
                for unit in part {
                    let block = alone[unit / heads]
                    for segment in 0..<block.segmentCount {
                        attend(
                            layer, block, segment, keyValueHead: unit % heads,
                            into: own.parts.pointer + segment * partSize, own)
                    }
                    combine(own.parts.pointer, block, keyValueHead: unit % heads)
                }
            }
            return
        }
        // Few rows that see much: workers share the segments, and meet before these are put together.
        let stride = scratch.segmentCapacity * partSize
        var unit = 0
        let total = alone.reduce(0) { $0 + $1.segmentCount } * heads
        let mine = worker.share(of: total)
        for (index, block) in alone.enumerated() {
            for place in 0..<heads * block.segmentCount {
                defer { unit += 1 }
                guard mine.contains(unit) else { continue }
                let (head, segment) = (place / block.segmentCount, place % block.segmentCount)
                attend(
                    layer, block, segment, keyValueHead: head,
                    into: scratch.parts.pointer + (index * heads + head) * stride + segment * partSize, own)
            }
        }
        worker.barrier()
        for unit in worker.share(of: alone.count * heads) {
            combine(scratch.parts.pointer + unit * stride, alone[unit / heads], keyValueHead: unit % heads)
        }
    }

    /// One segment for the query heads of one key head.
    private func attend(
        _ layer: Int, _ block: AttentionBlock, _ segment: Int, keyValueHead: Int,
        into parts: UnsafeMutablePointer<Float>, _ own: Scratch.WorkerScratch
    ) {
        let size = configuration.headSize
        let group = configuration.headCount / configuration.keyValueHeadCount
        let queries = own.queries.pointer  // [group, headSize], scaled
        let source =
            scratch.queries.pointer + block.firstRow * configuration.querySize + keyValueHead * group * size
        for index in 0..<group * size { queries[index] = source[index] * configuration.attentionScale }

        let start = segment * Self.segmentSize
        let count = min(Self.segmentSize, block.visibleCount - start)
        let scores = own.scores.pointer  // [group, count]
        let isHalf: Int32 = cache.isHalf ? 1 : 0
        block.forEachRun(in: start..<start + count) { run, filled in
            let keys = cache.keys(layer: layer, head: keyValueHead, cell: run.start)
            attention.scores(queries, group, keys, isHalf, run.count, size, scores + filled, count)
        }
        let partSize = Self.partHeader + size
        for query in 0..<group {
            let row = scores + query * count
            if let cap = configuration.attentionSoftCap { vector.soft_cap(row, cap, count) }
            let part = parts + query * partSize
            part[1] = vector.exp_below(row, count, part)
            (part + Self.partHeader).update(repeating: 0, count: size)
        }
        let mixed = own.mixed.pointer  // [group, headSize]
        mixed.update(repeating: 0, count: group * size)
        block.forEachRun(in: start..<start + count) { run, filled in
            let values = cache.values(layer: layer, head: keyValueHead, cell: run.start)
            attention.mix(scores + filled, count, group, values, isHalf, run.count, size, mixed)
        }
        for query in 0..<group {
            (parts + query * partSize + Self.partHeader).update(from: mixed + query * size, count: size)
        }
    }

    /// attended ← Σ over segments of exp(largest − largest of all) · mix, divided by the sum of all
    private func combine(
        _ parts: UnsafeMutablePointer<Float>, _ block: AttentionBlock, keyValueHead: Int
    ) {
        let size = configuration.headSize
        let group = configuration.headCount / configuration.keyValueHeadCount
        let partSize = Self.partHeader + size
        for query in 0..<group {
            let target =
                scratch.attended.row(block.firstRow) + (keyValueHead * group + query) * size
            target.update(repeating: 0, count: size)
            var largest = -Float.infinity
            for segment in 0..<block.segmentCount {
                largest = max(largest, parts[(segment * group + query) * partSize])
            }
            var sum: Float = 0
            for segment in 0..<block.segmentCount {
                let part = parts + (segment * group + query) * partSize
                let weight = expf(part[0] - largest)
                sum += weight * part[1]
                vector.add_scaled(target, part + Self.partHeader, weight, size)
            }
            vector.scale(target, 1 / sum, size)
        }
    }
}

extension AttentionBlock {
    /// How many segments the cells are cut into.
    var segmentCount: Int {
        (visibleCount + ForwardPass.segmentSize - 1) / ForwardPass.segmentSize
    }

    /// Visits the runs of a part of what is seen, each with the number of cells before it in that part.
    func forEachRun(in range: Range<Int>, _ body: (CellTree.Run, Int) -> Void) {
        var passed = 0
        for run in visible {
            let (first, last) = (max(range.lowerBound, passed), min(range.upperBound, passed + run.count))
            if first < last {
                body(
                    CellTree.Run(start: run.start + first - passed, count: last - first),
                    first - range.lowerBound)
            }
            passed += run.count
            if passed >= range.upperBound { return }
        }
    }
}
