import Terms
import Testing

@testable import Transformer

@Suite struct BatchTrieTests {
    @Test func sharedBeginningsAreOneRowEach() {
        var trie = BatchTrie()
        let first = trie.insert([1, 2, 3])
        let second = trie.insert([1, 2, 4, 5])
        #expect(trie.rows.count == 5)
        #expect(first == 2)
        #expect(second == 4)
        #expect(trie.rows.map(\.parent) == [.root, .row(0), .row(1), .row(1), .row(3)])
    }

    @Test func aPrefixOfAKnownTextNeedsNoRow() {
        var trie = BatchTrie()
        _ = trie.insert([1, 2, 3])
        #expect(trie.insert([1, 2]) == 1)
        #expect(trie.rows.count == 3)
    }

    @Test func differentPlansShareNothing() {
        var trie = BatchTrie()
        _ = trie.insert([1, 2], plan: nil)
        _ = trie.insert([1, 2], plan: 0)
        #expect(trie.rows.count == 4)
    }

    @Test func anEmptyTextHasNoRow() {
        var trie = BatchTrie()
        #expect(trie.insert([]) == nil)
    }
}
