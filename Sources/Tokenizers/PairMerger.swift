import HeapModule

/// Which two neighbours merge, and how early.
protocol MergeRules {
    /// A stretch of text on its way to become a token.
    associatedtype Symbol: BitwiseCopyable

    /// The rank of a pair, the lowest merges first, and what it becomes; `noRank` if it does not merge.
    mutating func merge(_ left: Symbol, _ right: Symbol) -> (rank: UInt32, result: Symbol)
}

extension MergeRules {
    /// What a pair that does not merge has as rank.
    static var noRank: UInt32 { .max }
}

/// Merges the symbols of one piece of text by rank, lowest first, ties leftmost.
///
/// Short pieces, nearly all, are scanned for the best pair after each merge;
/// long ones keep their pairs in a heap over a linked list, so that n equal characters take O(n log n).
/// One merger serves one call of `encode`: it owns the memory that the pieces share.
struct PairMerger<Rules: MergeRules>: ~Copyable {
    /// Up to here a scan is faster than a heap.
    private static var longestScan: Int { 48 }

    var rules: Rules
    private var capacity = 0
    /// The symbols: the caller writes `count` of them, `merge(count:)` leaves what they became.
    private(set) var symbols = UnsafeMutablePointer<Rules.Symbol>.allocate(capacity: 0)
    private var ranks = UnsafeMutablePointer<UInt32>.allocate(capacity: 0)  // of the pair that begins here
    private var results = UnsafeMutablePointer<Rules.Symbol>.allocate(capacity: 0)
    private var next = UnsafeMutablePointer<Int32>.allocate(capacity: 0)
    private var previous = UnsafeMutablePointer<Int32>.allocate(capacity: 0)

    init(_ rules: Rules) {
        self.rules = rules
    }

    deinit {
        symbols.deallocate()
        ranks.deallocate()
        results.deallocate()
        next.deallocate()
        previous.deallocate()
    }

    /// Makes room for the symbols of one piece; what was there is lost.
    mutating func reserve(_ count: Int) {
        guard count > capacity else { return }
        capacity = max(count, 2 * capacity, 256)
        symbols.deallocate()
        ranks.deallocate()
        results.deallocate()
        next.deallocate()
        previous.deallocate()
        symbols = .allocate(capacity: capacity)
        ranks = .allocate(capacity: capacity)
        results = .allocate(capacity: capacity)
        next = .allocate(capacity: capacity)
        previous = .allocate(capacity: capacity)
    }

    /// Merges the first `count` symbols until no pair merges; answers how many are left.
    mutating func merge(count: Int) -> Int {
        if count < 2 { return count }
        for index in 0..<count - 1 {
            (ranks[index], results[index]) = rules.merge(symbols[index], symbols[index + 1])
        }
        return count <= Self.longestScan ? mergeByScan(count) : mergeByHeap(count)
    }

    private mutating func mergeByScan(_ initialCount: Int) -> Int {
        var count = initialCount
        while count > 1 {
            var best = 0
            var bestRank = ranks[0]
            for index in 1..<max(count - 1, 1) where ranks[index] < bestRank {
                best = index
                bestRank = ranks[index]
            }
            if bestRank == Rules.noRank { break }
            symbols[best] = results[best]
            count -= 1
            if best + 1 < count {
                let moved = count - best - 1
                (symbols + best + 1).update(from: symbols + best + 2, count: moved)
                (ranks + best + 1).update(from: ranks + best + 2, count: moved - 1)
                (results + best + 1).update(from: results + best + 2, count: moved - 1)
                (ranks[best], results[best]) = rules.merge(symbols[best], symbols[best + 1])
            }
            if best > 0 {
                (ranks[best - 1], results[best - 1]) =
                    rules.merge(symbols[best - 1], symbols[best])
            }
        }
        return count
    }

    /// A heap entry is the rank and the place of a pair; it is out of date where the pair that begins
    /// at that place has another rank by now. Where it has the same rank it is as good as a new entry.
    private mutating func mergeByHeap(_ count: Int) -> Int {
        var entries: [UInt64] = []
        entries.reserveCapacity(count)
        for index in 0..<count {
            next[index] = Int32(truncatingIfNeeded: index + 1)
            previous[index] = Int32(truncatingIfNeeded: index - 1)
            if index + 1 < count, ranks[index] != Rules.noRank {
                entries.append(UInt64(ranks[index]) << 32 | UInt64(index))
            }
        }
        next[count - 1] = -1
        ranks[count - 1] = Rules.noRank
        var heap = Heap(entries)
        while let entry = heap.popMin() {
            let place = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF)
            guard ranks[place] == UInt32(truncatingIfNeeded: entry >> 32) else { continue }
            let swallowed = Int(next[place])
            symbols[place] = results[place]
            next[place] = next[swallowed]
            ranks[swallowed] = Rules.noRank
            if next[place] >= 0 {
                previous[Int(next[place])] = Int32(truncatingIfNeeded: place)
                update(place, &heap)
            } else {
                ranks[place] = Rules.noRank
            }
            if previous[place] >= 0 {
                update(Int(previous[place]), &heap)
            }
        }
        var kept = 0
        var place = 0
        while place >= 0 {
            symbols[kept] = symbols[place]
            kept += 1
            place = Int(next[place])
        }
        return kept
    }

    @inline(__always)
    private mutating func update(_ place: Int, _ heap: inout Heap<UInt64>) {
        (ranks[place], results[place]) =
            rules.merge(symbols[place], symbols[Int(next[place])])
        if ranks[place] != Rules.noRank {
            heap.insert(UInt64(ranks[place]) << 32 | UInt64(place))
        }
    }
}
