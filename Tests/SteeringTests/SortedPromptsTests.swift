import Terms
import Testing
import Transformer

@testable import Steering

@Suite struct SortedPromptsTests {
    /// Prompts that share beginnings at random. [200 prompts of 1 … 12 tokens]
    private var scattered: [[TokenID]] {
        var random = RandomSource(seed: 7)
        return (0..<200).map { _ in
            (0...random.next(below: 12)).map { _ in TokenID(Int32(random.next(below: 3))) }
        }
    }

    @Test func promptsAreDistinctAndSorted() {
        let sorted = SortedPrompts([[2], [1, 2, 4], [1, 2], [1, 2, 3], [1, 2]])
        #expect(sorted.prompts == [[1, 2], [1, 2, 3], [1, 2, 4], [2]])
        #expect(sorted.sharedLengths == [0, 2, 2, 0])
        #expect(sorted.prefixCount == 5)
        #expect(sorted.longest?.length == 3)
        #expect(sorted.index(of: [1, 2, 4]) == 2)
    }

    @Test func thePrefixCountIsThatOfTheSetOfPrefixes() {
        let prompts = scattered
        let prefixes = Set(prompts.flatMap { prompt in (1...prompt.count).map { Array(prompt[..<$0]) } })
        #expect(SortedPrompts(prompts).prefixCount == prefixes.count)
        #expect(SortedPrompts(prompts.shuffled()) == SortedPrompts(prompts))
    }

    @Test func aTrieOfSortedPromptsIsDepthFirst() {
        var trie = BatchTrie()
        let sorted = SortedPrompts(scattered)
        let rows = sorted.prompts.compactMap { trie.insert($0) }
        #expect(trie.rows.count == sorted.prefixCount)
        // The last rows of the prompts ascend, so captured rows come back in the order of the prompts.
        #expect(rows == rows.sorted())
        // A row's parent is the row before it, or one of that row's ancestors.
        var ancestors: [Int] = []
        for (index, row) in trie.rows.enumerated() {
            let parent: Int? = if case .row(let parent) = row.parent { parent } else { nil }
            while let top = ancestors.last, top != parent { ancestors.removeLast() }
            #expect(ancestors.last == parent)
            ancestors.append(index)
        }
    }

    @Test(arguments: [1, 12, 13, 50, 10_000]) func runsCoverAllPromptsAndHoldTheirRows(rows: Int) {
        let sorted = SortedPrompts(scattered)
        var next = 0
        for run in sorted.runs(ofAtMost: rows) {
            #expect(run.prompts.lowerBound == next)
            next = run.prompts.upperBound
            #expect(run.rowCount <= rows || run.prompts.count == 1)
            var trie = BatchTrie()
            for prompt in sorted.prompts[run.prompts] { _ = trie.insert(prompt) }
            #expect(trie.rows.count == run.rowCount)
        }
        #expect(next == sorted.prompts.count)
    }

    @Test func withoutPromptsThereAreNoRuns() {
        #expect(SortedPrompts([]).runs(ofAtMost: 8).isEmpty)
        #expect(SortedPrompts([]).longest == nil)
    }
}
