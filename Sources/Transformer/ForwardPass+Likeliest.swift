import CKernels

/// The logits of the likeliest tokens alone, for one row.
///
/// A decoded token waits for the output matrix, which in a small model with many tokens is most of what is read. Its first part
/// bounds every logit; only the tokens that can still be among the likeliest have theirs computed, to the same bits as always. Every
/// worker goes through three steps:
///
/// 1. the bounds of its tokens, of which it keeps the highest;
/// 2. its share of the logits of the tokens with the highest bounds of all: they are as many as are wanted, so that all of the likeliest
///    reach the least of them;
/// 3. the logits of every token whose bound reaches that least one; −∞ for the others.
extension ForwardPass {
    /// What the steps have in common.
    struct LikeliestSearch {
        let wanted: Int
        /// The row whose logits are wanted.
        let column: tl_columns
        let row: Int
        /// Where the logits go, and before them their bounds. [vocabularySize]
        let logits: UnsafeMutablePointer<Float>
    }

    /// Nil where all logits have to be computed.
    func likeliestSearch(rowCount: Int, into logits: UnsafeMutablePointer<Float>) -> LikeliestSearch? {
        let number = CompiledHooks.number(of: .logits, layers: configuration.layerCount)
        guard let wanted = likeliestOnly, wanted <= LikeliestScratch.mostWanted, rowCount == 1,
            let row = logitsRows.first?.firstRow, hooks.listeners[number] == nil, !scratch.likeliest.isEmpty
        else { return nil }
        return LikeliestSearch(
            wanted: max(1, wanted), column: scratch.normalized.columns(from: row), row: row, logits: logits)
    }

    /// logits ← output matrix · normalized where a token can be among the likeliest, else −∞
    func computeLikeliest(_ search: LikeliestSearch, _ worker: Worker) {
        let own = scratch.likeliest[worker.index]
        let everyone = scratch.likeliest[..<worker.workerCount]
        scratch.normalized.reach(row: search.row, count: configuration.hiddenSize, into: own.reach.pointer)
        var highest = own.begin(keeping: search.wanted)
        forEachPart(of: configuration.vocabularySize, worker) { part in
            bound(part, search, reach: own.reach.pointer)
            highest.keep(part, of: search.logits, vector)
        }
        own.found = highest
        worker.barrier()
        own.least = least(of: own.highest(search.wanted, of: everyone), search, worker)
        worker.barrier()
        let threshold = everyone.reduce(Float.infinity) { min($0, $1.least) }
        forEachPart(of: configuration.vocabularySize, worker) { part in
            compute(part, from: threshold, search)
        }
        worker.barrier()
    }

    /// The least of the worker's share of some tokens' logits; −∞ where these are fewer than are wanted, or one is not a number.
    private func least(of highest: HighestBounds, _ search: LikeliestSearch, _ worker: Worker) -> Float {
        guard highest.count == search.wanted else { return -.infinity }
        var least = Float.infinity
        for place in stride(from: worker.index, to: highest.count, by: worker.workerCount) {
            let token = highest[place].token
            let logit = withGroup(of: token, search) { $0[token % Self.groupHeight] }
            guard logit > -.infinity else { return -.infinity }
            least = min(least, logit)
        }
        return least
    }

    /// Bounds of a part of the tokens, which begins with a group.
    private func bound(_ part: Range<Int>, _ search: LikeliestSearch, reach: UnsafePointer<Float>) {
        let output = weights.output.matrix
        let wholeEnd = max(
            part.lowerBound, min(part.upperBound, output.outputs / Self.groupHeight * Self.groupHeight))
        output.bound(
            groups: part.lowerBound / Self.groupHeight..<wholeEnd / Self.groupHeight, search.column,
            reach: reach, into: search.logits + part.lowerBound)
        // What is left of the last group is always computed.
        for token in wholeEnd..<part.upperBound { search.logits[token] = .infinity }
    }

    /// The logits of a part of the tokens whose bounds reach the threshold, and of those in one group with them; −∞ for the others.
    /// What is not a number reaches it, so that it is seen.
    private func compute(_ part: Range<Int>, from threshold: Float, _ search: LikeliestSearch) {
        var token = part.lowerBound
        while token < part.upperBound {
            let place = search.logits + token
            let found = token + vector.first_not_below(place, threshold, part.upperBound - token)
            let first = found == part.upperBound ? found : found / Self.groupHeight * Self.groupHeight
            place.update(repeating: -.infinity, count: first - token)
            guard first < part.upperBound else { return }
            let count = min(Self.groupHeight, part.upperBound - first)
            withGroup(of: first, search) { (search.logits + first).update(from: $0, count: count) }
            if let cap = configuration.logitSoftCap { vector.soft_cap(search.logits + first, cap, count) }
            token = first + count
        }
    }

    private static let groupHeight = Int(TL_INTERLEAVED_ROWS)

    /// Calls `body` with the products of the whole group that a token is in. [groupHeight]
    private func withGroup<Result>(
        of token: Int, _ search: LikeliestSearch, _ body: (UnsafeMutablePointer<Float>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(
            byteCount: Self.groupHeight * MemoryLayout<Float>.stride, alignment: 64
        ) { memory in
            let products = memory.bindMemory(to: Float.self).baseAddress.unsafelyUnwrapped
            let group = token / Self.groupHeight
            weights.output.matrix.multiply(
                groups: group..<group + 1, search.column, 1, into: products, stride: Self.groupHeight,
                accumulating: false)
            return body(products)
        }
    }
}
