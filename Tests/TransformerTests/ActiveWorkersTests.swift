import Testing

@testable import Transformer

@Suite struct ActiveWorkersTests {
    /// Regions of 5 ms, of which workers wait a share for one that is late.
    private static func hear(_ active: inout ActiveWorkers, milliseconds: Int, waiting share: Double) {
        for _ in 0..<milliseconds / 5 {
            let others = active.count - 1
            active.take(duration: 5_000_000, waited: UInt64(5_000_000 * share * Double(others)))
        }
    }

    @Test func allStayWhereWaitingIsShort() {
        var active = ActiveWorkers(4)
        Self.hear(&active, milliseconds: 1_000, waiting: 0.3)
        #expect(active.count == 4)
    }

    /// One slice of another program in a second is no reason.
    @Test func allStayAfterOneLongWait() {
        var active = ActiveWorkers(2)
        Self.hear(&active, milliseconds: 15, waiting: 0)
        Self.hear(&active, milliseconds: 5, waiting: 0.9)
        Self.hear(&active, milliseconds: 15, waiting: 0)
        #expect(active.count == 2)
    }

    @Test func theyGoOneByOneAndOneAlwaysStays() {
        var active = ActiveWorkers(3)
        Self.hear(&active, milliseconds: 20, waiting: 0.5)
        #expect(active.count == 2)
        Self.hear(&active, milliseconds: 20, waiting: 0.5)
        #expect(active.count == 1)
        Self.hear(&active, milliseconds: 60, waiting: 0.5)
        #expect(active.count == 1)
    }

    @Test func theyComeBackOneByOneWhenNobodyIsLate() {
        var active = ActiveWorkers(3)
        Self.hear(&active, milliseconds: 40, waiting: 0.9)
        #expect(active.count == 1)
        Self.hear(&active, milliseconds: 100, waiting: 0)
        #expect(active.count == 2)
        Self.hear(&active, milliseconds: 120, waiting: 0)
        #expect(active.count == 3)
    }

    /// Trials that fail are ever longer apart, up to a limit, so that they take less than
    /// a hundredth of the time.
    @Test func trialsThatFailAreFurtherAndFurtherApart() {
        var active = ActiveWorkers(2)
        var trials: [Int] = []
        for moment in 0..<4_000 {
            let before = active.count
            Self.hear(&active, milliseconds: 5, waiting: active.count == 2 ? 0.9 : 0)
            if before == 1, active.count == 2 { trials.append(moment * 5) }
        }
        let apart = zip(trials.dropFirst(), trials).map { $0 - $1 }
        #expect(Array(apart.prefix(5)) == [220, 420, 820, 1_620, 3_220])
        #expect(apart.dropFirst(4).allSatisfy { $0 == 3_220 })
    }

    /// The next time that workers are late, one is tried again as soon as at first.
    @Test func aTrialThatHoldsMakesTheNextOneSoon() {
        var active = ActiveWorkers(2)
        for _ in 0..<3 { Self.hear(&active, milliseconds: 1_000, waiting: active.count == 2 ? 0.9 : 0) }
        Self.hear(&active, milliseconds: 4_000, waiting: 0)
        #expect(active.count == 2)
        Self.hear(&active, milliseconds: 20, waiting: 0.9)
        #expect(active.count == 1)
        Self.hear(&active, milliseconds: 100, waiting: 0)
        #expect(active.count == 2)
    }
}
