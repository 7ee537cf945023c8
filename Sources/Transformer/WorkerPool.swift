import CKernels
import Glibc
import Synchronization

/// Threads that stay, for running one function on all of them at once.
///
/// A token of a small model takes a few milliseconds and passes some 150 barriers, so threads are neither made
/// nor woken for it: between two regions the workers spin for a short while and then sleep, and within a region
/// they meet at a spinning barrier. The thread that calls `run` is worker 0.
///
/// `@unchecked Sendable`: `body` is written by the calling thread before `generation` is advanced (release) and
/// read by workers after they have seen the advance (acquire); everything else that is shared is atomic or
/// guarded by `mutex`. `run` is never called by two threads at once: an `InferenceContext` owns its pool.
final class WorkerPool: @unchecked Sendable {
    /// How many threads run a region, the caller included.
    let count: Int

    private let generation = Atomic<Int>(0)
    private let running = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)
    private let arrived = Atomic<Int>(0)
    private let barrierRound = Atomic<Int>(0)
    private let shares: [WorkShare]
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let wake: UnsafeMutablePointer<pthread_cond_t>
    private var threads: [pthread_t] = []
    private var body: (Int) -> Void = { _ in }

    /// Spins before a waiting worker sleeps: about 0.2 ms, longer than the gap between two tokens' regions.
    private static let spinsBeforeSleep = 4000
    /// Spins before a barrier lets other threads of the machine run: some 10 µs, longer than workers with a processor
    /// each wait. Where others want the processors too, a longer spin would burn the time that the late worker needs.
    private static let spinsBeforeYield = 200

    init(count: Int) {
        self.count = max(1, count)
        shares = (0..<self.count).map { _ in WorkShare() }
        mutex = .allocate(capacity: 1)
        wake = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
        for index in 1..<max(2, self.count) where index < self.count {
            let start = Unmanaged.passRetained(
                ThreadStart(pool: Unmanaged.passUnretained(self), index: index))
            var thread = pthread_t()
            let status = pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                    // Unretained: `deinit` joins the threads before the pool goes.
                    start.pool._withUnsafeGuaranteedRef { $0.work(as: start.index) }
                    return nil
                }, start.toOpaque())
            precondition(status == 0, "pthread_create failed with \(status)")
            threads.append(thread)
        }
    }

    private final class ThreadStart {
        let pool: Unmanaged<WorkerPool>
        let index: Int

        init(pool: Unmanaged<WorkerPool>, index: Int) {
            self.pool = pool
            self.index = index
        }
    }

    deinit {
        isStopping.store(true, ordering: .releasing)
        generation.add(1, ordering: .acquiringAndReleasing)
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(wake)
        pthread_mutex_unlock(mutex)
        for thread in threads { pthread_join(thread, nil) }
        pthread_cond_destroy(wake)
        pthread_mutex_destroy(mutex)
        wake.deallocate()
        mutex.deallocate()
    }

    /// Runs `body(workerIndex)` on every worker and returns when all have ended.
    func run(_ body: (Int) -> Void) {
        guard count > 1 else {
            body(0)
            return
        }
        withoutActuallyEscaping(body) { escaping in
            self.body = escaping
            running.store(count - 1, ordering: .relaxed)
            generation.add(1, ordering: .acquiringAndReleasing)
            if sleepers.load(ordering: .acquiring) > 0 {
                pthread_mutex_lock(mutex)
                pthread_cond_broadcast(wake)
                pthread_mutex_unlock(mutex)
            }
            escaping(0)
            waitUntil { running.load(ordering: .acquiring) == 0 }
            self.body = { _ in }
        }
    }

    /// Waits, inside a region, until every worker has come here.
    func barrier() {
        guard count > 1 else { return }
        let round = barrierRound.load(ordering: .acquiring)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
            arrived.store(0, ordering: .relaxed)
            barrierRound.store(round &+ 1, ordering: .releasing)
        } else {
            waitUntil { barrierRound.load(ordering: .acquiring) != round }
        }
    }

    /// Calls `body` with parts of `0 ..< count`, in units of `grain`: those of the worker's own share, and when they are done what
    /// others have not begun of theirs. All workers come here; each unit falls to one of them.
    ///
    /// A worker writes what it wrote in the block before as long as it can: lines that another has written come slowly. Nobody
    /// waits: the work is done after the next barrier.
    fileprivate func divide(_ count: Int, grain: Int, for index: Int, _ body: (Range<Int>) -> Void) {
        let units = (count + grain - 1) / grain
        let piece = shares[index].nextPiece()
        for step in 0..<self.count {
            let owner = (index + step) % self.count
            let (first, end) = (units * owner / self.count, units * (owner + 1) / self.count)
            while let part = shares[owner].take(of: end - first, piece: piece, fromFront: step == 0) {
                let (lower, upper) = (first + part.lowerBound, first + part.upperBound)
                body(lower * grain..<min(upper * grain, count))
            }
        }
    }

    private func waitUntil(_ isDone: () -> Bool) {
        var spins = 0
        while !isDone() {
            spins += 1
            if spins % Self.spinsBeforeYield == 0 { sched_yield() } else { tl_cpu_pause() }
        }
    }

    private func work(as index: Int) {
        var seen = 0
        while true {
            waitForRegion(after: seen)
            if isStopping.load(ordering: .acquiring) { return }
            seen += 1
            body(index)
            running.subtract(1, ordering: .acquiringAndReleasing)
        }
    }

    private func waitForRegion(after seen: Int) {
        for _ in 0..<Self.spinsBeforeSleep {
            if generation.load(ordering: .acquiring) != seen { return }
            tl_cpu_pause()
        }
        pthread_mutex_lock(mutex)
        sleepers.add(1, ordering: .acquiringAndReleasing)
        while generation.load(ordering: .acquiring) == seen { pthread_cond_wait(wake, mutex) }
        sleepers.subtract(1, ordering: .acquiringAndReleasing)
        pthread_mutex_unlock(mutex)
    }
}

/// One worker's view of a region: its number, and the part of a range that is its own.
struct Worker {
    let pool: WorkerPool
    let index: Int

    /// This worker's share of `0 ..< count`, in units of `grain`, contiguous and in the workers' order.
    func share(of count: Int, grain: Int = 1) -> Range<Int> {
        let units = (count + grain - 1) / grain
        let start = units * index / pool.count * grain
        let end = units * (index + 1) / pool.count * grain
        return min(start, count)..<min(end, count)
    }

    /// Calls `body` with the parts of `0 ..< count` that fall to this worker, in units of `grain`: its share, and something of
    /// the others' where they are late. Little work is divided beforehand: taking it in parts would cost more than waiting.
    func forEachPart(of count: Int, grain: Int, isLittle: Bool, _ body: (Range<Int>) -> Void) {
        guard pool.count > 1, !isLittle, count / grain < WorkShare.mostUnits else {
            let mine = share(of: count, grain: grain)
            if !mine.isEmpty { body(mine) }
            return
        }
        pool.divide(count, grain: grain, for: index, body)
    }

    /// Waits for the other workers.
    func barrier() {
        pool.barrier()
    }
}
