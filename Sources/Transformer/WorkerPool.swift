import CKernels
import Glibc
import Synchronization

/// Threads that stay, for running one function on all of them at once.
///
/// A token of a small model takes a few milliseconds and passes some 150 barriers, so threads are neither
/// made nor woken for it: between two regions the workers spin for a short while and then sleep, and within a
/// region they meet at a spinning barrier. The thread that calls `run` is worker 0. Where other programs keep
/// workers from their processors, fewer of them take part (`ActiveWorkers`); the others sleep.
///
/// `@unchecked Sendable`: `body` is written by the calling thread before `region` is advanced (release) and
/// read by the workers that take part after they have seen the advance (acquire); `active` is the calling
/// thread's alone; everything else that is shared is atomic or guarded by `mutex`. `run` is never called by
/// two threads at once: an `InferenceContext` owns its pool.
final class WorkerPool: @unchecked Sendable {
    /// How many threads there are, the caller included: fewer than were asked for where
    /// the system gives no more.
    private(set) var count: Int

    /// The number of the region that runs or has run last, and how many workers take part
    /// in it (the low 16 bits).
    private let region = Atomic<UInt64>(0)
    private let running = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let waited = Atomic<UInt64>(0)
    private var active: ActiveWorkers
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
    /// Spins before a barrier lets other threads of the machine run: some 10 µs, longer than workers with
    /// a processor each wait. Where others want the processors too, a longer spin would burn the time
    /// that the late worker needs.
    private static let spinsBeforeYield = 200

    init(count: Int) {
        self.count = max(1, count)
        active = ActiveWorkers(self.count)
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
            guard status == 0 else {
                start.release()
                self.count = index
                active = ActiveWorkers(index)
                return
            }
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
        advance(to: count)
        wakeAll()
        for thread in threads { pthread_join(thread, nil) }
        pthread_cond_destroy(wake)
        pthread_mutex_destroy(mutex)
        wake.deallocate()
        mutex.deallocate()
    }

    /// Runs `body(worker)` on every worker that takes part and returns when all have ended.
    func run(_ body: (Worker) -> Void) {
        let taking = active.count
        guard taking > 1 else {
            measured { body(Worker(pool: self, index: 0, workerCount: 1)) }
            return
        }
        withoutActuallyEscaping(body) { escaping in
            self.body = { [unowned self] in escaping(Worker(pool: self, index: $0, workerCount: taking)) }
            running.store(taking - 1, ordering: .relaxed)
            measured {
                let wokenBefore = Self.taking(region.load(ordering: .relaxed))
                advance(to: taking)
                if taking > wokenBefore || sleepers.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
                self.body(0)
                waitUntil { running.load(ordering: .acquiring) == 0 }
            }
            self.body = { _ in }
        }
    }

    /// Tells `active` how long a region took, and what its workers waited in it.
    private func measured(_ runRegion: () -> Void) {
        guard count > 1 else { return runRegion() }
        let start = Self.now
        runRegion()
        let before = active.count
        active.take(duration: Self.now - start, waited: waited.exchange(0, ordering: .relaxed))
        // Whoever comes back has seen none of the pieces since.
        for index in before..<max(before, active.count) { shares[index].follow(shares[0]) }
    }

    private func advance(to taking: Int) {
        let number = region.load(ordering: .relaxed) >> 16 &+ 1
        region.store(number << 16 | UInt64(taking), ordering: .sequentiallyConsistent)
    }

    private func wakeAll() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(wake)
        pthread_mutex_unlock(mutex)
    }

    /// A clock that only goes forward, in nanoseconds.
    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Waits, inside a region, until every worker that takes part has come here.
    fileprivate func barrier(of taking: Int) {
        guard taking > 1 else { return }
        let round = barrierRound.load(ordering: .acquiring)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == taking {
            arrived.store(0, ordering: .relaxed)
            barrierRound.store(round &+ 1, ordering: .releasing)
        } else {
            let wait = waitUntil { barrierRound.load(ordering: .acquiring) != round }
            if wait > 0 { waited.add(wait, ordering: .relaxed) }
        }
    }

    /// Calls `body` with parts of `0 ..< count`, in units of `grain`: those of the worker's own
    /// share, and when they are done what others have not begun of theirs. All workers come here;
    /// each unit falls to one of them.
    ///
    /// A worker writes what it wrote in the block before as long as it can: lines that another has written
    /// come slowly. Nobody waits: the work is done after the next barrier.
    fileprivate func divide(_ count: Int, grain: Int, for worker: Worker, _ body: (Range<Int>) -> Void) {
        let units = (count + grain - 1) / grain
        let piece = shares[worker.index].nextPiece()
        for step in 0..<worker.workerCount {
            let owner = (worker.index + step) % worker.workerCount
            let (first, end) = (units * owner / worker.workerCount, units * (owner + 1) / worker.workerCount)
            while let part = shares[owner].take(of: end - first, piece: piece, fromFront: step == 0) {
                let (lower, upper) = (first + part.lowerBound, first + part.upperBound)
                body(lower * grain..<min(upper * grain, count))
            }
        }
    }

    /// Nanoseconds that it waited; 0 where that was so short that nobody looked at the clock.
    @discardableResult private func waitUntil(_ isDone: () -> Bool) -> UInt64 {
        var spins = 0
        var start: UInt64 = 0
        while !isDone() {
            spins += 1
            if spins % Self.spinsBeforeYield == 0 {
                if start == 0 { start = Self.now }
                sched_yield()
            } else {
                tl_cpu_pause()
            }
        }
        return start == 0 ? 0 : Self.now - start
    }

    private func work(as index: Int) {
        var seen: UInt64 = 0
        while true {
            seen = waitForRegion(after: seen, as: index)
            if isStopping.load(ordering: .acquiring) { return }
            if index < Self.taking(seen) {
                body(index)
                running.subtract(1, ordering: .acquiringAndReleasing)
            }
        }
    }

    /// How many workers take part in a region.
    private static func taking(_ region: UInt64) -> Int { Int(region & 0xFFFF) }

    /// Spins and then sleeps until there is another region; at once, and until there is one for it, where
    /// it had no part in the last.
    private func waitForRegion(after seen: UInt64, as index: Int) -> UInt64 {
        let hadPart = index < Self.taking(seen) || seen == 0
        if hadPart {
            for _ in 0..<Self.spinsBeforeSleep {
                let found = region.load(ordering: .acquiring)
                if found != seen { return found }
                tl_cpu_pause()
            }
        }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if hadPart { sleepers.add(1, ordering: .sequentiallyConsistent) }
        defer { if hadPart { sleepers.subtract(1, ordering: .acquiringAndReleasing) } }
        while true {
            let found = region.load(ordering: .acquiring)
            if found != seen, hadPart || index < Self.taking(found) { return found }
            pthread_cond_wait(wake, mutex)
        }
    }
}

/// One worker's view of a region: its number, and the part of a range that is its own.
struct Worker {
    let pool: WorkerPool
    let index: Int
    /// How many workers take part in the region.
    let workerCount: Int

    /// This worker's share of `0 ..< count`, in units of `grain`, contiguous and in the workers' order.
    func share(of count: Int, grain: Int = 1) -> Range<Int> {
        let units = (count + grain - 1) / grain
        let start = units * index / workerCount * grain
        let end = units * (index + 1) / workerCount * grain
        return min(start, count)..<min(end, count)
    }

    /// Calls `body` with the parts of `0 ..< count` that fall to this worker, in units of `grain`: its share,
    /// and something of the others' where they are late. Little work is divided beforehand: taking it in
    /// parts would cost more than waiting.
    func forEachPart(of count: Int, grain: Int, isLittle: Bool, _ body: (Range<Int>) -> Void) {
        guard workerCount > 1, !isLittle, count / grain < WorkShare.mostUnits else {
            let mine = share(of: count, grain: grain)
            if !mine.isEmpty { body(mine) }
            return
        }
        pool.divide(count, grain: grain, for: self, body)
    }

    /// Waits for the other workers.
    func barrier() {
        pool.barrier(of: workerCount)
    }
}
