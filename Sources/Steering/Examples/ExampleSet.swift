import Terms

/// The pairs of an extraction as distinct prompts and distinct pairs with multiplicities.
///
/// Pairs repeat: two suffixes that begin alike give the same truncated prompts. A pair that occurs m times
/// has weight m everywhere, which equals m rows without computing them.
///
/// The split: a distinct pair is *train* when any of its occurrences comes from a train source, with the
/// number of those as its train weight. It is *held out* when none does and neither of its two prompts is a
/// prompt of a train pair: a truncated prefix of a held-out suffix that some train suffix also begins with
/// has been seen, so it is dropped from the measurement (not from the final direction, which uses all pairs).
public struct ExampleSet: Sendable {
    /// Two prompts and how often they occur together.
    public struct Pair: Sendable, Equatable {
        /// The positive prompt's place in `prompts`.
        public var positive: Int
        /// The negative prompt's place in `prompts`.
        public var negative: Int
        /// How many of all pairs are this one.
        public var weight: Double
        /// How many of the train pairs are this one.
        public var trainWeight: Double
        /// How many of the held-out pairs are this one; 0 when one of its prompts is also a train prompt.
        public var heldOutWeight: Double
        /// What it was made from; of several sources the first.
        public var source = 0
        /// Its persona or instructions; nil for ready-made pairs.
        public var persona: Int?
        /// The number of the whole pair that it is the beginning or a token of; nil where
        /// it is a whole pair itself.
        public var whole: Int?
    }

    /// The distinct prompts.
    public let prompts: SortedPrompts

    /// Of each prompt the number of last tokens whose hidden states are averaged; nil for 1 each. [prompts]
    public let spans: [Int]?

    /// Distinct pairs in the order of their first occurrence.
    public let pairs: [Pair]

    /// All prompts, repetitions included.
    public let promptCount: Int

    /// The tokens of all prompts, repetitions included: what an extraction without shared prefixes computes.
    public let tokenCount: Int

    /// Merges the pairs and splits them.
    ///
    /// - Throws: `invalidReadout` where the readout needs to know where answers begin and
    ///   the pairs do not say.
    public init(
        _ wholes: [ExamplePair], split: HeldOutSplit, readout: Readout = .last
    ) throws(SteeringError) {
        let examples = try readout.units(of: wholes)
        let prompts = SortedPrompts(examples.flatMap { [$0.positive, $0.negative] })
        self.prompts = prompts
        spans = try readout.spans(of: examples, in: prompts)
        var pairs: [Pair] = []
        var indices: [[Int]: Int] = [:]
        var numbers: [[Int?]: Int] = [:]
        var trainPrompts: Set<Int> = []
        for example in examples {
            let isHeldOut = split.heldOut.contains(example.source)
            let sides = [prompts.index(of: example.positive), prompts.index(of: example.negative)]
            if !isHeldOut { trainPrompts.formUnion(sides) }
            let index = indices[sides] ?? pairs.count
            if index == pairs.count {
                indices[sides] = index
                pairs.append(
                    Pair(
                        positive: sides[0], negative: sides[1], weight: 0, trainWeight: 0, heldOutWeight: 0,
                        source: example.source, persona: example.persona,
                        whole: Self.number(of: [example.source, example.persona], in: &numbers)))
            }
            pairs[index].weight += example.weight
            pairs[index].trainWeight += isHeldOut ? 0 : example.weight
            pairs[index].heldOutWeight += isHeldOut ? example.weight : 0
        }
        for index in pairs.indices {
            let pair = pairs[index]
            if trainPrompts.contains(pair.positive) || trainPrompts.contains(pair.negative) {
                pairs[index].heldOutWeight = 0
            }
        }
        self.pairs = pairs
        promptCount = wholes.count * 2
        tokenCount = wholes.reduce(0) { $0 + $1.positive.count + $1.negative.count }
    }

    /// The number of a source and a persona, from 0 in the order in which they come.
    private static func number(of whole: [Int?], in numbers: inout [[Int?]: Int]) -> Int {
        if let known = numbers[whole] { return known }
        numbers[whole] = numbers.count
        return numbers.count - 1
    }
}

extension [ExampleSet.Pair] {
    /// For each pair the whole pair that it belongs to: prefixes and tokens of one suffix and
    /// persona have one number. [pairs]
    var wholes: [Int] { enumerated().map { $1.whole ?? -1 - $0 } }

    /// Whether an accuracy on unseen pairs can be measured: where a single pair is left to fit to, its tokens
    /// are many rows, but no evidence of anything that pairs have in common.
    var canBeHeldOut: Bool {
        Set(zip(self, wholes).filter { $0.0.trainWeight > 0 }.map(\.1)).count >= 2
            && contains { $0.heldOutWeight > 0 }
    }
}
