import ControlVectors
import Generation
import Terms
import Testing

@testable import Steering

@Suite struct SweepCellsTests {
    private func sweep(_ strengths: [Double]) -> Sweep {
        Sweep(
            prompts: [.init(text: "x", tokens: [1])], strengths: strengths, subjects: [],
            circumstances: .init(
                modelDigest: "", toolVersion: "", sampling: .greedy, maximumTokens: 1, isExact: false))
    }

    @Test(arguments: [
        ([-1.0, 1], [-1.0, 0, 1]), ([0.5, 1], [0, 0.5, 1]), ([-2, -1], [-2, -1, 0]), ([1, -1], [1, 0, -1]),
        ([1, 3, 2], [0, 1, 3, 2]), ([0], [0]), ([1, 1, -0.0], [1, 0]),
    ])
    func zeroIsAlwaysThere(_ given: [Double], _ expected: [Double]) {
        #expect(sweep(given).strengths == expected)
    }

    @Test(arguments: [
        ([-1.5, -1, -0.5, 0, 0.5, 1, 1.5], [-1.5, -1, 1, 1.5]), ([0.0, 1], [1.0]), ([0], []),
        ([-1, 0, 0.25, 0.5], [-1, 0.25, 0.5]),
    ])
    func theRandomVectorActsAtTheEndsAndHalfWay(_ strengths: [Double], _ expected: [Double]) {
        #expect(sweep(strengths).controlStrengths == expected)
    }

    @Test func aRandomTwinHasTheLengthsAndAnotherDirection() throws {
        let vector = try ControlVector(directions: [
            3: (0..<512).map { Float($0 % 5) }, 4: (0..<512).map { Float($0 % 3) - 1 },
        ])
        let twin = try vector.randomTwin(seed: 7)
        #expect(twin.layers == vector.layers)
        for layer in vector.layers {
            let (own, drawn) = (try #require(vector[layer]), try #require(twin[layer]))
            let lengths = [own, drawn].map { $0.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() }
            #expect(abs(lengths[0] - lengths[1]) < 1e-5 * lengths[0])
            let cosine =
                zip(own, drawn).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / lengths[0] / lengths[1]
            // Four standard deviations of 1/√512.
            #expect(abs(cosine) < 0.18)
        }
        #expect(try vector.randomTwin(seed: 7) == twin)
        #expect(try vector.randomTwin(seed: 8) != twin)
    }

    @Test func aKeyChangesWithWhateverDecidesTheAnswer() throws {
        var circumstances = AnswerKey.Circumstances(
            modelDigest: "m", toolVersion: "1", sampling: .greedy, maximumTokens: 8, isExact: false)
        func key(
            _ prompt: [TokenID] = [1, 2], _ steering: String? = "v 1", _ meter: String? = "m"
        ) throws -> AnswerKey {
            try AnswerKey(prompt: prompt, steering: steering, meter: meter, in: circumstances)
        }
        var keys = [
            try key(), try key([12]), try key([1, 2], "v 2"), try key([1, 2], nil),
            try key([1, 2], "v 1", nil),
        ]
        #expect(try key() == keys[0])
        circumstances.modelDigest = "n"
        keys.append(try key())
        circumstances.toolVersion = "2"
        keys.append(try key())
        circumstances.maximumTokens = 9
        keys.append(try key())
        circumstances.isExact = true
        keys.append(try key())
        circumstances.takesLongFactors = true
        keys.append(try key())
        let changes: [(inout SamplingOptions) -> Void] = [
            { $0.temperature += 0.1 }, { $0.topK += 1 }, { $0.topP -= 0.1 }, { $0.minP += 0.1 },
            { $0.repeatPenalty += 0.1 }, { $0.repeatLastN += 1 }, { $0.dryMultiplier += 0.1 },
            { $0.dryBase += 0.1 }, { $0.dryAllowedLength += 1 }, { $0.allowsEmpty.toggle() },
            { $0.keepsScript.toggle() }, { $0.seed += 1 },
        ]
        #expect(changes.count == Mirror(reflecting: SamplingOptions()).children.count, "one for each option")
        for change in changes {
            change(&circumstances.sampling)
            keys.append(try key())
        }
        #expect(Set(keys).count == keys.count)
        #expect(keys.allSatisfy { $0.text.utf8.count == 32 })
    }

    @Test func aDatasetsOwnWordsAskForTheTrait() throws {
        let personas = try Dataset(
            name: "happy",
            content: .personas(
                PersonaPrompts(
                    template: "Act {persona}.", positive: ["happy", "glad"], negative: ["sad", "low"],
                    suffixes: ["I am", "It is"])))
        let instruction = try #require(personas.instruction(for: .negative))
        #expect(instruction.system == nil)
        #expect(instruction.user(asking: "How are you?") == "Act sad.\n\nHow are you?")
        let pairs = try Dataset(
            name: "p",
            content: .pairs([.init(positive: "a", negative: "b"), .init(positive: "c", negative: "d")]))
        #expect(pairs.instruction(for: .positive) == nil)
    }
}
