import Terms

/// The pairs of an extraction as distinct prompts and distinct pairs with multiplicities.
///
/// Pairs repeat: two suffixes that begin alike give the same truncated prompts. A pair that occurs m times has
/// weight m everywhere, which equals m rows without computing them.
///
/// The split: a distinct pair is *train* when any of its occurrences comes from a train source, with the
/// number of those as its train weight. It is *held out* when none does and neither of its two prompts is a
/// prompt of a train pair: a truncated prefix of a held-out suffix that some train suffix also begins with has
/// been seen, so it is dropped from the measurement (not from the final direction, which uses all pairs).
public struct ExampleSet: Sendable {
    /// Two prompts and how often they occur together.
    public struct Pair: Sendable, Equatable {
        /// The positive prompt's place in `prompts`.
        public var positive: Int
        /// The negative prompt's place in `prompts`.
        public var negative: Int
        /// How many of all pairs are this one.
        public var weight: Int
        /// How many of the train pairs are this one.
        public var trainWeight: Int
        /// How many of the held-out pairs are this one; 0 when one of its prompts is also a train prompt.
        public var heldOutWeight: Int
    }

    /// The distinct prompts.
    public let prompts: SortedPrompts

    /// Distinct pairs in the order of their first occurrence.
    public let pairs: [Pair]

    /// All prompts, repetitions included.
    public let promptCount: Int

    /// The tokens of all prompts, repetitions included: what an extraction without shared prefixes computes.
    public let tokenCount: Int

    /// Merges the pairs and splits them.
    public init(_ examples: [ExamplePair], split: HeldOutSplit) {
        prompts = SortedPrompts(examples.flatMap { [$0.positive, $0.negative] })
        var pairs: [Pair] = []
        var indices: [[Int]: Int] = [:]
        var trainPrompts: Set<Int> = []
        var tokenCount = 0
        for example in examples {
            tokenCount += example.positive.count + example.negative.count
            let isHeldOut = split.heldOut.contains(example.source)
            let sides = [prompts.index(of: example.positive), prompts.index(of: example.negative)]
            if !isHeldOut { trainPrompts.formUnion(sides) }
            let index = indices[sides] ?? pairs.count
            if index == pairs.count {
                indices[sides] = index
                pairs.append(
                    Pair(positive: sides[0], negative: sides[1], weight: 0, trainWeight: 0, heldOutWeight: 0))
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
        self.pairs = pairs
        promptCount = examples.count * 2
        self.tokenCount = tokenCount
    }
}
