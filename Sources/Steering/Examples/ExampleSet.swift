import Terms

/// The pairs of an extraction as distinct pairs of trie nodes with multiplicities.
///
/// Pairs repeat: two suffixes that begin alike give the same truncated prompts. A pair that occurs m times has
/// weight m everywhere, which equals m rows without computing them.
///
/// The split: a distinct pair is *train* when any of its occurrences comes from a train source, with the
/// number of those as its train weight. It is *held out* when none does and neither of its two prompts is a prompt
/// of a train pair: a truncated prefix of a held-out suffix that some train suffix also begins with has been seen,
/// so it is dropped from the measurement (not from the final direction, which uses all pairs).
public struct ExampleSet: Sendable {
    /// Two readout nodes and how often they occur.
    public struct Pair: Sendable, Equatable {
        /// The node of the positive prompt's last token.
        public var positive: PromptTrie.Node
        /// The node of the negative prompt's last token.
        public var negative: PromptTrie.Node
        /// How many of all pairs are this one.
        public var weight: Int
        /// How many of the train pairs are this one.
        public var trainWeight: Int
        /// How many of the held-out pairs are this one; 0 when one of its prompts is also a train prompt.
        public var heldOutWeight: Int
    }

    /// The prefixes of all prompts.
    public let trie: PromptTrie

    /// Distinct pairs in the order of their first occurrence.
    public let pairs: [Pair]

    /// All prompts, repetitions included.
    public let promptCount: Int

    /// The tokens of all prompts, repetitions included: what an extraction without the trie computes.
    public let tokenCount: Int

    /// The tokens of the longest prompt.
    public let longestPrompt: Int

    /// Merges the pairs into a trie and splits them.
    public init(_ examples: [ExamplePair], split: HeldOutSplit) {
        var trie = PromptTrie()
        var pairs: [Pair] = []
        var indices: [[PromptTrie.Node]: Int] = [:]
        var trainPrompts: Set<PromptTrie.Node> = []
        var tokenCount = 0
        var longestPrompt = 0
        for example in examples {
            tokenCount += example.positive.count + example.negative.count
            longestPrompt = max(longestPrompt, example.positive.count, example.negative.count)
            guard let positive = trie.insert(example.positive), let negative = trie.insert(example.negative)
            else {
                continue
            }
            let isHeldOut = split.heldOut.contains(example.source)
            if !isHeldOut { trainPrompts.formUnion([positive, negative]) }
            let index = indices[[positive, negative]] ?? pairs.count
            if index == pairs.count {
                indices[[positive, negative]] = index
                pairs.append(
                    Pair(positive: positive, negative: negative, weight: 0, trainWeight: 0, heldOutWeight: 0))
            }
            pairs[index].weight += 1
            pairs[index].trainWeight += isHeldOut ? 0 : 1
            pairs[index].heldOutWeight += isHeldOut ? 1 : 0
        }
        for index in pairs.indices {
            let pair = pairs[index]
            if trainPrompts.contains(pair.positive) || trainPrompts.contains(pair.negative) {
                pairs[index].heldOutWeight = 0
            }
        }
        self.trie = trie
        self.pairs = pairs
        promptCount = examples.count * 2
        self.tokenCount = tokenCount
        self.longestPrompt = longestPrompt
    }

    /// The nodes whose hidden states are kept, each once, ascending.
    public var readouts: [PromptTrie.Node] {
        Set(pairs.lazy.flatMap { [$0.positive, $0.negative] }).sorted()
    }
}
