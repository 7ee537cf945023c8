import Steering
import Testing

@Suite struct HeldOutSplitTests {
    @Test func aFifthOfTheSourcesIsHeldOut() {
        #expect(HeldOutSplit(sources: 0..<50, fraction: 0.2, seed: 1).heldOut.count == 10)
    }

    @Test func theSeedAloneDecides() {
        let sources = [4, 4, 2, 9, 2, 7, 1, 30, 31, 32, 33]
        let one = HeldOutSplit(sources: sources, fraction: 0.3, seed: 5)
        #expect(one == HeldOutSplit(sources: Array(sources.reversed()), fraction: 0.3, seed: 5))
        #expect(
            Set((0..<20).map { HeldOutSplit(sources: sources, fraction: 0.3, seed: $0).heldOut }).count > 10)
        // The draw is part of a vector's recipe: this must never change.
        #expect(HeldOutSplit(sources: 0..<20, fraction: 0.2, seed: 1).heldOut == [10, 11, 15, 19])
    }

    @Test(arguments: [
        (0, 0.2, 0), (1, 0.2, 0), (2, 0.2, 1), (2, 0.9, 1), (3, 1, 2), (10, 0, 0), (10, -1, 0), (10, 7, 9),
        (10, .nan, 0), (10, .infinity, 0), (10, 0.01, 1),
    ])
    func atLeastOneIsHeldOutAndNeverAll(sources: Int, fraction: Double, expected: Int) {
        #expect(HeldOutSplit(sources: 0..<sources, fraction: fraction, seed: 3).heldOut.count == expected)
    }

    @Test func everySourceIsDrawnEquallyOften() {
        var counts = [Int](repeating: 0, count: 10)
        for seed in 0..<2000 {
            for source in HeldOutSplit(sources: 0..<10, fraction: 0.2, seed: UInt64(seed)).heldOut {
                counts[source] += 1
            }
        }
        #expect(counts.allSatisfy { (320...480).contains($0) }, "\(counts)")
    }
}
