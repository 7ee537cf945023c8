import Steering
import Terms
import Testing

@Suite struct ExampleSetTests {
    private func example(_ positive: [TokenID], _ negative: [TokenID], _ source: Int) -> ExamplePair {
        ExamplePair(positive: positive, negative: negative, source: source)
    }

    /// Source 0 is held out, source 1 is train.
    private var split: HeldOutSplit {
        let seed = (UInt64(0)..<100).first {
            HeldOutSplit(sources: 0..<2, fraction: 0.5, seed: $0).heldOut == [0]
        }
        return HeldOutSplit(sources: 0..<2, fraction: 0.5, seed: seed ?? 0)
    }

    @Test func repetitionsBecomeWeights() throws {
        let set = try ExampleSet(
            [example([1, 5], [2, 5], 1), example([1, 6], [2, 6], 1), example([1, 5], [2, 5], 1)], split: split
        )
        #expect(set.pairs.map(\.weight) == [2, 1])
        #expect(set.pairs.map(\.trainWeight) == [2, 1])
        #expect(set.promptCount == 6)
        #expect(set.tokenCount == 12)
        #expect(set.prompts.prefixCount == 6)
        #expect(set.prompts.longest?.length == 2)
        #expect(set.prompts.prompts.count == 4)
    }

    @Test func aHeldOutPairThatTrainAlsoHasIsNotUnseen() throws {
        let set = try ExampleSet([example([1, 5], [2, 5], 0), example([1, 5], [2, 5], 1)], split: split)
        #expect(set.pairs.count == 1)
        #expect(set.pairs[0].weight == 2)
        #expect(set.pairs[0].trainWeight == 1)
        #expect(set.pairs[0].heldOutWeight == 0)
    }

    @Test func aHeldOutPairWithOnePromptOfTrainIsNotUnseen() throws {
        let set = try ExampleSet(
            [example([1, 5], [2, 5], 1), example([1, 5], [3, 5], 0), example([1, 7], [2, 7], 0)], split: split
        )
        #expect(set.pairs.map(\.heldOutWeight) == [0, 0, 1])
        #expect(set.pairs.map(\.trainWeight) == [1, 0, 0])
        #expect(set.pairs.map(\.weight) == [1, 1, 1])
    }

    @Test func prefixesOfOneSuffixAndPersonaAreOneWholePair() throws {
        let dataset = try Dataset(
            name: "mood",
            content: .personas(
                PersonaPrompts(
                    template: "be {persona}", positive: ["up", "high"], negative: ["down", "low"],
                    suffixes: ["I can see you", "You are not so"], truncates: true)))
        let pairs = try dataset.pairs(WordEncoder())
        let set = try ExampleSet(pairs, split: HeldOutSplit(sources: [], fraction: 0, seed: 0))
        #expect(set.pairs.count == pairs.count && pairs.count > 4)
        #expect(Set(set.pairs.map(\.whole)) == [0, 1, 2, 3])
        for pair in set.pairs {
            let same = set.pairs.filter { $0.whole == pair.whole }
            #expect(same.allSatisfy { $0.source == pair.source && $0.persona == pair.persona })
        }
    }

    @Test func prefixesOfATrainSuffixAreNeverHeldOut() throws {
        let dataset = try Dataset(
            name: "mood",
            content: .personas(
                PersonaPrompts(
                    template: "be {persona}", positive: ["up"], negative: ["down"],
                    suffixes: [
                        "I can see you", "I can hear a", "I am not the", "You are not so", "It was a day",
                    ],
                    truncates: true)))
        let pairs = try dataset.pairs(WordEncoder())
        for seed in 0..<20 {
            let split = HeldOutSplit(sources: pairs.map(\.source), fraction: 0.4, seed: UInt64(seed))
            let set = try ExampleSet(pairs, split: split)
            let train = Set(pairs.filter { !split.heldOut.contains($0.source) }.map(\.positive))
            let unseen = pairs.filter { split.heldOut.contains($0.source) && !train.contains($0.positive) }
            #expect(set.pairs.reduce(0) { $0 + $1.heldOutWeight } == Double(unseen.count))
            #expect(set.pairs.allSatisfy { $0.heldOutWeight == 0 || $0.trainWeight == 0 })
            #expect(set.pairs.reduce(0) { $0 + $1.weight } == Double(pairs.count))
        }
    }
}
