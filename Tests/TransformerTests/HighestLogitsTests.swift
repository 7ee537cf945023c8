import Terms
import Testing

@testable import Transformer

/// The highest logits against sorting all of them.
@Suite struct HighestLogitsTests {
    /// Of few and many, with what is infinite or not a number among them: as many as are
    /// kept reach the least.
    @Test func asManyReachTheLeast() throws {
        let (memory, memoryOfBoth) = (try FloatBuffer(count: 64), try FloatBuffer(count: 64))
        var random = RandomSource(seed: 11)
        for count in [0, 1, 5, 64, 65, 500] {
            for limit in [1, 3, 64] {
                let logits = (0..<count).map { index in
                    index % 50 == 7 ? .nan : index % 50 == 9 ? .infinity : Float(Int(random.nextUnit() * 400))
                }
                var (both, half) = (
                    HighestLogits(limit: limit, in: memoryOfBoth), HighestLogits(limit: limit, in: memory)
                )
                for (index, logit) in logits.enumerated() {
                    if index % 2 == 0 { both.keep(logit) } else { half.keep(logit) }
                }
                both.keep(half)
                let sorted = logits.filter { !$0.isNaN }.sorted(by: >)
                #expect(both.count == min(limit, sorted.count))
                #expect(both.least == (sorted.count < limit ? -.infinity : sorted[limit - 1]))
            }
        }
    }
}
