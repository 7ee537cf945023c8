import Testing

@testable import Steering

@Suite struct RepetitionTests {
    @Test func theShareIsThatOfStretchesThatCameBefore() {
        #expect(Repetition.share(of: Array(1...20)) == 0)
        // Seven stretches of four, of which three are different: 1111, 1112 … no: 1 1 1 1 1 1 1 1 2 3.
        #expect(Repetition.share(of: [1, 1, 1, 1, 1, 1, 1, 1, 2, 3]) == 1 - 3.0 / 7)
        #expect(Repetition.share(of: [1, 1, 1, 1]) == 0)
        #expect(Repetition.share(of: [Int]()) == 0)
    }

    @Test(arguments: [1, 2, 3, 5, 11, 40])
    func aStretchThreeTimesInARowIsALoopFromTwelveTokensOn(_ period: Int) {
        let stretch = Array(100..<(100 + period))
        let times = max(3, (12 + period - 1) / period)
        let loop = (0..<times).flatMap { _ in stretch }
        #expect(Repetition.isLoop([1, 2, 3] + loop + [4, 5]))
        #expect(Repetition.isLoop(loop))
        #expect(!Repetition.isLoop([1, 2, 3] + loop.dropLast(period == 1 ? times - 11 : period) + [4, 5]))
    }

    @Test func changeIsNoLoop() {
        #expect(!Repetition.isLoop(Array(1...300)))
        #expect(!Repetition.isLoop([Int]()))
        // Counting up between equal words.
        #expect(!Repetition.isLoop((0..<50).flatMap { [1, 2, $0 + 10] }))
    }
}
