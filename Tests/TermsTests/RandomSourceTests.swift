import Testing

@testable import Terms

@Suite struct RandomSourceTests {
    @Test func normalNumbersHaveTheirMomentsAndTheirSeed() {
        var (source, again) = (RandomSource(seed: 3), RandomSource(seed: 3))
        let drawn = (0..<20_000).map { _ in source.nextNormal() }
        #expect(drawn == (0..<20_000).map { _ in again.nextNormal() })
        // Four standard errors of a mean, of a variance and of a share.
        let mean = drawn.reduce(0, +) / 20_000
        let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        let within = Double(drawn.count { abs($0) < 1 }) / 20_000
        #expect(abs(mean) < 0.029 && abs(variance - 1) < 0.04 && abs(within - 0.6827) < 0.0132)
    }

    /// A stream that begins a step later in another's numbers would have all but one of them in common.
    @Test func streamsOfASeedHaveNoNumbersInCommon() {
        var seen: Set<UInt64> = []
        for stream in -1..<40 {
            var source = RandomSource(seed: RandomSource.seed(7, stream: stream))
            for _ in 0..<100 { seen.insert(source.next()) }
        }
        #expect(seen.count == 41 * 100)
        #expect(RandomSource.seed(7, stream: 3) == RandomSource.seed(7, stream: 3))
        #expect(RandomSource.seed(7, stream: 3) != RandomSource.seed(8, stream: 3))
    }
}
