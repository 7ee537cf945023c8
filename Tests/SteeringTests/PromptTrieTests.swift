import Terms
import Testing

@testable import Steering

@Suite struct PromptTrieTests {
    private func trie(_ prompts: [[TokenID]]) -> PromptTrie {
        var trie = PromptTrie()
        for prompt in prompts { _ = trie.insert(prompt) }
        return trie
    }

    /// Prompts that share beginnings at random. [64 prompts of 1 … 12 tokens]
    private var scattered: [[TokenID]] {
        var random = SplitMix64(state: 7)
        return (0..<64).map { _ in
            (0...random.next(below: 12)).map { _ in TokenID(Int32(random.next(below: 3))) }
        }
    }

    private func path(to node: Int?, in trie: PromptTrie) -> [TokenID] {
        var path: [TokenID] = []
        var next = node
        while let node = next {
            path.append(trie.tokens[node])
            next = trie.parents[node]
        }
        return path.reversed()
    }

    @Test func aSharedBeginningIsStoredOnce() {
        var trie = PromptTrie()
        let first = trie.insert([1, 2, 3])
        let second = trie.insert([1, 2, 4])
        let inner = trie.insert([1, 2])
        #expect(trie.count == 4)
        #expect([first, second, inner] == [2, 3, 1])
        #expect(trie.parents == [nil, 0, 1, 1])
        #expect(trie.insert([]) == nil)
    }

    @Test func everyPromptIsThePathToItsNode() {
        var trie = PromptTrie()
        let nodes = scattered.map { trie.insert($0) }
        for (prompt, node) in zip(scattered, nodes) { #expect(path(to: node, in: trie) == prompt) }
        let prefixes = Set(scattered.flatMap { prompt in (1...prompt.count).map { Array(prompt[..<$0]) } })
        #expect(trie.count == prefixes.count)
    }

    @Test func depthFirstVisitsEachNodeOnceAfterItsParentAndSubtreesWhole() {
        let trie = trie(scattered)
        let order = trie.depthFirst()
        #expect(order.sorted() == Array(0..<trie.count))
        // The ancestors of a node are a stack: its parent is the previous node or one of the previous one's ancestors.
        var stack: [Int] = []
        for node in order {
            while let top = stack.last, top != trie.parents[node] { stack.removeLast() }
            #expect(stack.last == trie.parents[node])
            stack.append(node)
        }
    }

    @Test func aChainIsContiguous() {
        #expect(trie([[1, 2, 3], [9], [1, 2, 3, 4]]).depthFirst() == [0, 1, 2, 4, 3])
    }

    @Test(arguments: [1, 2, 7, 1000]) func piecesCoverTheTreeAndKeepOnlyTheAncestorsOfWhatComes(size: Int) {
        let trie = trie(scattered)
        var alive: Set<Int> = []
        var seen: [Int] = []
        for piece in trie.pieces(of: size) {
            #expect(!piece.nodes.isEmpty && piece.nodes.count <= size)
            for node in piece.nodes {
                if let parent = trie.parents[node] { #expect(alive.contains(parent)) }
                alive.insert(node)
            }
            seen += piece.nodes
            #expect(alive.count <= size + 12)
            #expect(alive.isSuperset(of: piece.finished))
            alive.subtract(piece.finished)
        }
        #expect(seen == trie.depthFirst())
        #expect(alive.isEmpty)
    }

    @Test func aTreeWithoutPromptsHasNoPieces() {
        #expect(PromptTrie().pieces(of: 8).isEmpty)
    }
}
