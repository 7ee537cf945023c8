import CKernels
import Terms

/// The logits of the likeliest tokens alone, for one row.
///
/// A decoded token waits for the output matrix, which in a small model with many tokens is most of what is
/// read. Its first part bounds every logit; only the tokens that can still be among the likeliest have theirs
/// computed, to the same bits as always. Every worker goes through its tokens some at a time, and of each
/// group of eight it reads no more than it must:
///
/// 1. bounds by the first part. A group is suspect if one reaches the threshold: what as many computed
/// logits as are wanted reach, of
///    those that any worker has come to so far;
/// 2. closer bounds of the suspects before, by a little of the second part, which has been asked for. A
/// group one of whose bounds still
///    reaches the threshold is a candidate, and the rest of its weights is asked for;
/// 3. logits of the candidates before, whose first part is still in the cache.
///
/// Where many groups would be suspect, the closer bounds of all are computed at once.
///
/// In the end −∞ stands for everything that is not wanted.
extension ForwardPass {
    /// What the steps have in common.
    struct LikeliestSearch {
        /// How many are wanted, and which tokens besides, ascending.
        let count: Int
        let named: [Int]
        /// The row whose logits are wanted.
        let column: tl_columns
        let row: Int
        /// What of it the bounds cover, and the share of the mean column that the rest is.
        var bounded: tl_columns
        var share: Float = 0
        /// Where the logits go, and before them their bounds. [vocabularySize]
        let logits: UnsafeMutablePointer<Float>

        /// The place of the first named token that is not below one.
        func firstNamed(from token: Int) -> Int {
            var (low, high) = (0, named.count)
            while low < high {
                let middle = (low + high) / 2
                if named[middle] < token { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// Nil where all logits have to be computed.
    func likeliestSearch(rowCount: Int, into logits: UnsafeMutablePointer<Float>) -> LikeliestSearch? {
        let number = CompiledHooks.number(of: .logits, layers: configuration.layerCount)
        guard let wanted = likeliestOnly, wanted.count <= LikeliestScratch.mostWanted, rowCount == 1,
            let row = logitsRows.first?.firstRow, hooks.listeners[number] == nil, !scratch.likeliest.isEmpty
        else { return nil }
        let tokens = wanted.besides.map(\.index).filter((0..<configuration.vocabularySize).contains)
        let column = scratch.normalized.columns(from: row)
        return LikeliestSearch(
            count: max(1, wanted.count), named: tokens.sorted(), column: column, row: row, bounded: column,
            logits: logits)
    }

    /// logits ← output matrix · normalized for the tokens that are wanted, else −∞
    func computeLikeliest(_ search: LikeliestSearch, _ worker: Worker) {
        let own = scratch.likeliest[worker.index]
        let everyone = scratch.likeliest[..<worker.workerCount]
        if own.mean.isDue {
            multiplyMean(own.mean, worker)
            own.forgetDistances()
        }
        var search = search
        if let mean = own.mean.column {
            (search.bounded, search.share) = weights.output.matrix.prepareBounds(
                search.column, without: mean, room: own.centred.pointer, reach: own.reach.pointer)
        } else {
            weights.output.matrix.prepareBounds(search.column, reach: own.reach.pointer)
        }
        own.begin(keeping: search.count)
        forEachPart(of: configuration.vocabularySize, worker) { part in
            var start = part.lowerBound
            while start < part.upperBound {
                let threshold = everyone.reduce(-.infinity) { max($0, $1.least) }
                let hasThreshold = threshold > -.infinity
                let count =
                    hasThreshold ? LikeliestScratch.tokensAtATime : LikeliestScratch.tokensAtFirst
                let tokens = start..<min(start + count, part.upperBound)
                start = tokens.upperBound
                let before = own.candidateCount
                findCandidates(search, from: threshold, own)
                findSuspects(among: tokens, search, from: threshold, own)
                computeCandidates(upTo: before, search, own)
                if !hasThreshold { finishPipeline(search, from: threshold, own) }
            }
        }
        finishPipeline(search, from: everyone.reduce(-.infinity) { max($0, $1.least) }, own)
        worker.barrier()
        if worker.index == 0 { own.mean.note(scratch.normalized.row(search.row), cost: own.cost) }
        finishCandidates(from: own.least(search.count, of: everyone), search, own)
        worker.barrier()
        own.end()
    }

    /// Takes the mean of the columns so far, and the output matrix's products with it.
    private func multiplyMean(_ mean: MeanColumn, _ worker: Worker) {
        let output = weights.output.matrix
        if worker.index == 0 { mean.take(output.activationForms) }
        worker.barrier()
        guard let column = mean.column else { return }
        forEachPart(of: configuration.vocabularySize, worker) { part in
            let groups =
                part.lowerBound / Self.groupHeight..<(part.upperBound + Self.groupHeight - 1)
                / Self.groupHeight
            output.multiply(
                groups: groups, column, 1, into: mean.products.pointer + groups.lowerBound * Self.groupHeight,
                stride: mean.products.count, accumulating: false)
        }
        worker.barrier()
    }

    /// Computes what is wanted of all that has been found.
    private func finishPipeline(_ search: LikeliestSearch, from threshold: Float, _ own: LikeliestScratch) {
        findCandidates(search, from: threshold, own)
        computeCandidates(upTo: own.candidateCount, search, own)
    }

    private static let groupHeight = Int(TL_INTERLEAVED_ROWS)

    /// Takes the groups of some tokens, the first of which begins one, whose bounds reach a threshold, as
    /// suspects, or by closer bounds as candidates. What is not a number reaches it, so that it is seen.
    /// Leaves −∞ in the tokens' places.
    private func findSuspects(
        among tokens: Range<Int>, _ search: LikeliestSearch, from threshold: Float, _ own: LikeliestScratch
    ) {
        bound(tokens, search, own)
        var named = search.firstNamed(from: tokens.lowerBound)
        for token in search.named[named...].prefix(while: { $0 < tokens.upperBound }) {
            search.logits[token] = .infinity
        }
        var (token, reaching) = (tokens.lowerBound, 0)
        while true {
            token += vector.first_not_below(search.logits + token, threshold, tokens.upperBound - token)
            guard token < tokens.upperBound else { break }
            let group = token / Self.groupHeight
            token = min((group + 1) * Self.groupHeight, tokens.upperBound)
            var bits: UInt8 = 0
            while named < search.named.count, search.named[named] < token {
                bits |= 1 << UInt8(search.named[named] % Self.groupHeight)
                named += 1
            }
            if bits == 0 { reaching += 1 }
            let found = LikeliestScratch.Candidate(group: Int32(truncatingIfNeeded: group), named: bits)
            if own.looksCloser {
                own.append(found)
                weights.output.matrix.askForRest(of: group)
            } else {
                own.suspect(found)
                weights.output.matrix.askForMore(of: group)
            }
        }
        (search.logits + tokens.lowerBound).update(repeating: -.infinity, count: tokens.count)
        if threshold > -.infinity { own.bounded(tokens.count / Self.groupHeight, reaching: reaching) }
    }

    /// Appends the suspects that are named or whose closer bounds reach a threshold, too.
    private func findCandidates(_ search: LikeliestSearch, from threshold: Float, _ own: LikeliestScratch) {
        let output = weights.output.matrix
        let bounds = own.products.pointer
        for suspect in own.suspects {
            let group = Int(suspect.group)
            if suspect.named == 0 {
                bound(group..<group + 1, search, isCloser: true, own, into: bounds)
                let reaching = vector.first_not_below(bounds, threshold, Self.groupHeight)
                guard reaching < Self.groupHeight else { continue }
            }
            own.append(suspect)
            output.askForRest(of: group)
        }
        own.clearSuspects()
    }

    /// Bounds of some tokens, the first of which begins a group.
    private func bound(_ tokens: Range<Int>, _ search: LikeliestSearch, _ own: LikeliestScratch) {
        let output = weights.output.matrix
        let wholeEnd = max(
            tokens.lowerBound, min(tokens.upperBound, output.outputs / Self.groupHeight * Self.groupHeight))
        let groups = tokens.lowerBound / Self.groupHeight..<wholeEnd / Self.groupHeight
        bound(groups, search, isCloser: own.looksCloser, own, into: search.logits + tokens.lowerBound)
        // What is left of the last group is always looked at.
        for token in wholeEnd..<tokens.upperBound { search.logits[token] = .infinity }
    }

    /// Bounds of some groups' logits. `bounds`: [8 · groups]
    private func bound(
        _ groups: Range<Int>, _ search: LikeliestSearch, isCloser: Bool, _ own: LikeliestScratch,
        into bounds: UnsafeMutablePointer<Float>
    ) {
        weights.output.matrix.bound(
            groups: groups, search.bounded, isCloser: isCloser, reach: own.reach.pointer,
            known: own.mean.products.pointer + groups.lowerBound * Self.groupHeight, share: search.share,
            into: bounds)
    }

    /// Computes the logits of the candidates that have none yet, up to a place.
    private func computeCandidates(upTo end: Int, _ search: LikeliestSearch, _ own: LikeliestScratch) {
        let products = own.products.pointer
        while own.computedCount < end {
            let candidate = own.nextToCompute()
            let group = Int(candidate.group)
            let tokens = tokens(of: candidate)
            weights.output.matrix.multiply(
                groups: group..<group + 1, search.column, 1, into: products, stride: Self.groupHeight,
                accumulating: false)
            (search.logits + tokens.lowerBound).update(from: products, count: tokens.count)
            own.keep(products, of: candidate, count: tokens.count)
        }
        own.publish()
    }

    /// Caps the logits that are wanted and takes the others back.
    private func finishCandidates(from least: Float, _ search: LikeliestSearch, _ own: LikeliestScratch) {
        for candidate in own.candidates[..<own.candidateCount] {
            let tokens = tokens(of: candidate)
            let place = search.logits + tokens.lowerBound
            var unwanted: UInt8 = 0
            for row in 0..<tokens.count where place[row] < least { unwanted |= 1 << UInt8(row) }
            unwanted &= ~candidate.named
            if let cap = configuration.logitSoftCap { vector.soft_cap(place, cap, tokens.count) }
            for row in 0..<tokens.count where unwanted >> UInt8(row) & 1 != 0 { place[row] = -.infinity }
        }
    }

    private func tokens(of candidate: LikeliestScratch.Candidate) -> Range<Int> {
        let first = Int(candidate.group) * Self.groupHeight
        return first..<min(first + Self.groupHeight, configuration.vocabularySize)
    }
}
