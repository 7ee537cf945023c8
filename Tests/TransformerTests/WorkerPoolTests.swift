import Synchronization
import Testing

@testable import Transformer

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 3, 5]) func everyWorkerRunsEachRegionOnce(count: Int) {
        let pool = WorkerPool(count: count)
        let visits = (0..<count).map { _ in Counter() }
        for _ in 0..<200 { pool.run { visits[$0].value.add(1, ordering: .relaxed) } }
        #expect(visits.map { $0.value.load(ordering: .relaxed) } == Array(repeating: 200, count: count))
    }

    @Test func noWorkerPassesABarrierBeforeAllHaveComeToIt() {
        let pool = WorkerPool(count: 3)
        let arrived = Counter()
        let early = Counter()
        pool.run { _ in
            for round in 1...500 {
                arrived.value.add(1, ordering: .sequentiallyConsistent)
                pool.barrier()
                if arrived.value.load(ordering: .sequentiallyConsistent) < 3 * round {
                    early.value.add(1, ordering: .relaxed)
                }
                pool.barrier()
            }
        }
        #expect(early.value.load(ordering: .relaxed) == 0)
    }

    @Test(arguments: [1, 2, 3, 7]) func sharesCoverTheRangeOnceAndInOrder(count: Int) {
        let pool = WorkerPool(count: count)
        for total in [0, 1, 5, 16, 17, 100] {
            for grain in [1, 4, 16] {
                let shares = (0..<count).map { Worker(pool: pool, index: $0).share(of: total, grain: grain) }
                #expect(shares.flatMap(Array.init) == Array(0..<total))
                #expect(shares.dropLast().allSatisfy { $0.upperBound % grain == 0 || $0.upperBound == total })
            }
        }
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }
}
