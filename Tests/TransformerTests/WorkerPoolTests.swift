import Glibc
import Synchronization
import Testing

@testable import Transformer

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 3, 5]) func everyWorkerRunsEachRegionOnce(count: Int) {
        let pool = WorkerPool(count: count)
        let visits = (0..<count).map { _ in Counter() }
        for _ in 0..<200 { pool.run { visits[$0.index].value.add(1, ordering: .relaxed) } }
        #expect(visits.map { $0.value.load(ordering: .relaxed) } == Array(repeating: 200, count: count))
    }

    @Test func noWorkerPassesABarrierBeforeAllHaveComeToIt() {
        let pool = WorkerPool(count: 3)
        let arrived = Counter()
        let early = Counter()
        pool.run { worker in
            for round in 1...500 {
                arrived.value.add(1, ordering: .sequentiallyConsistent)
                worker.barrier()
                if arrived.value.load(ordering: .sequentiallyConsistent) < 3 * round {
                    early.value.add(1, ordering: .relaxed)
                }
                worker.barrier()
            }
        }
        #expect(early.value.load(ordering: .relaxed) == 0)
    }

    @Test(arguments: [1, 2, 3, 7]) func sharesCoverTheRangeOnceAndInOrder(count: Int) {
        let pool = WorkerPool(count: count)
        for total in [0, 1, 5, 16, 17, 100] {
            for grain in [1, 4, 16] {
                let shares = (0..<count).map {
                    Worker(pool: pool, index: $0, workerCount: count).share(of: total, grain: grain)
                }
                #expect(shares.flatMap(Array.init) == Array(0..<total))
                #expect(shares.dropLast().allSatisfy { $0.upperBound % grain == 0 || $0.upperBound == total })
            }
        }
    }

    /// Pieces of all sizes one after the other, without a barrier between them, while one worker is late.
    @Test(arguments: [1, 2, 3, 5]) func eachPartFallsToOneWorker(count: Int) {
        let pool = WorkerPool(count: count)
        let sizes = [0, 1, 5, 16, 17, 64, 100, 1_000]
        let visits = (0..<300).map { piece in (0..<sizes[piece % sizes.count]).map { _ in Counter() } }
        for pieces in [0..<150, 150..<300] {
            pool.run { worker in
                for piece in pieces {
                    if worker.index == count - 1, piece % 7 == 0 { sched_yield() }
                    worker.forEachPart(
                        of: visits[piece].count, grain: 1 + piece % 5, isLittle: piece % 11 == 0
                    ) { part in
                        for unit in part { visits[piece][unit].value.add(1, ordering: .relaxed) }
                    }
                }
            }
        }
        for (piece, units) in visits.enumerated() {
            #expect(units.allSatisfy { $0.value.load(ordering: .relaxed) == 1 }, "piece \(piece)")
        }
    }

    /// Workers that are late at every barrier: fewer take part, each unit still falls to one,
    /// and another is tried later.
    @Test(arguments: [2, 3, 5]) func fewerWorkersTakePartWhereOneIsLate(count: Int) {
        let pool = WorkerPool(count: count)
        let work = (0..<64).map { _ in Counter() }
        var taking: Set<Int> = []
        var regions = 0
        func run(isLate: Bool) -> Int {
            let seen = Counter()
            pool.run { worker in
                seen.value.store(worker.workerCount, ordering: .relaxed)
                for _ in 0..<4 {
                    if isLate, worker.index == worker.workerCount - 1, worker.index > 0 { usleep(2_000) }
                    worker.forEachPart(of: work.count, grain: 1, isLittle: false) { part in
                        for unit in part { work[unit].value.add(1, ordering: .relaxed) }
                    }
                    worker.barrier()
                }
            }
            regions += 1
            return seen.value.load(ordering: .relaxed)
        }
        func run(isLate: Bool, until isDone: (Int) -> Bool) -> Bool {
            let start = ContinuousClock.now
            while ContinuousClock.now - start < .seconds(30) {
                if isDone(run(isLate: isLate)) { return true }
            }
            return false
        }
        let hasComeDown = run(isLate: true) {
            taking.insert($0)
            return taking.count == count
        }
        #expect(hasComeDown && taking == Set(1...count))
        let hasGoneUp = run(isLate: false) { $0 == 2 }
        #expect(hasGoneUp)
        #expect(work.allSatisfy { $0.value.load(ordering: .relaxed) == 4 * regions })
    }

    @Test func ownersTakeFromTheFrontAndOthersFromTheBack() {
        let share = WorkShare()
        let piece = share.nextPiece()
        #expect(share.take(of: 8, piece: piece, fromFront: true) == 0..<4)
        #expect(share.take(of: 8, piece: piece, fromFront: false) == 6..<8)
        #expect(share.take(of: 8, piece: piece, fromFront: true) == 4..<5)
        #expect(share.take(of: 8, piece: piece, fromFront: false) == 5..<6)
        #expect(share.take(of: 8, piece: piece, fromFront: true) == nil)
        // Another comes to the next piece first; who is still at the one before finds nothing.
        #expect(share.take(of: 2, piece: piece + 1, fromFront: false) == 1..<2)
        #expect(share.take(of: 8, piece: piece, fromFront: false) == nil)
        #expect(share.take(of: 2, piece: share.nextPiece(), fromFront: true) == 0..<1)
    }

    /// Piece numbers have 24 bits and begin again.
    @Test func piecesAreCountedBeyondTheirBits() {
        let share = WorkShare()
        let last: UInt32 = 0xFF_FFFF
        #expect(share.take(of: 1, piece: 0x40_0000, fromFront: true) == 0..<1)
        #expect(share.take(of: 1, piece: 0xA0_0000, fromFront: true) == 0..<1)
        #expect(share.take(of: 1, piece: last, fromFront: true) == 0..<1)
        #expect(share.take(of: 1, piece: 0, fromFront: true) == 0..<1)
        #expect(share.take(of: 1, piece: last, fromFront: true) == nil)
    }

    /// A worker may be left out of many pieces that are smaller than the pool.
    @Test func aShareThatIsEmptyForLongIsNotLost() {
        let share = WorkShare()
        for piece: UInt32 in [0x40_0000, 0x80_0000, 0xA0_0000] {
            #expect(share.take(of: 0, piece: piece, fromFront: true) == nil)
            #expect(share.take(of: 0, piece: piece, fromFront: false) == nil)
        }
        #expect(share.take(of: 4, piece: 0xB0_0000, fromFront: true) == 0..<2)
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }
}
