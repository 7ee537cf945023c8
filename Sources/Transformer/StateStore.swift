import Glibc

/// Hidden states of many rows at a few hook points of one width, written where they stay: forward passes
/// append to it (`InferenceContext.forward(_:appendingTo:)`), and who reads them reads them there.
///
/// Up to `memoryBudget` they are in memory. What is larger lies in a file without a name, whose
/// pages the system writes out and takes back as it needs to, so that the memory of a process
/// does not grow with the rows.
///
/// `@unchecked Sendable`: it is filled on one thread, and read by others only when that is done.
public final class StateStore: @unchecked Sendable {
    /// Where the states were read.
    public let hooks: [HookPoint]
    /// The length of a row.
    public let width: Int
    /// How many rows there is room for, at each hook point.
    public let capacity: Int
    /// Whether they lie in a file.
    public let isInFile: Bool

    private let base: UnsafeMutablePointer<Float>  // [hooks, capacity, width]
    private let byteCount: Int
    private var filled: [Int]  // [hooks]

    /// Bytes that are kept in memory, where nobody says otherwise.
    public static let standardBudget = 256 << 20

    /// The folder of the file, where one is needed: `TMPDIR`, else `/var/tmp`, which is on a disk where
    /// `/tmp` may be memory. A variable without a value names none.
    static func folder(named name: String?) -> String {
        guard let name, !name.isEmpty else { return "/var/tmp" }
        return name
    }

    /// Room for some rows.
    ///
    /// - Throws: `outOfMemory`, or `noRoomForStates` where the file's folder has no room.
    public init(
        hooks: [HookPoint], width: Int, capacity: Int, memoryBudget: Int = standardBudget
    ) throws(TransformerError) {
        var count = MemoryLayout<Float>.stride
        for factor in [hooks.count, width, capacity] {
            let (product, overflows) = count.multipliedReportingOverflow(by: factor)
            guard factor >= 0, !overflows else { throw .outOfMemory(bytes: Int.max) }
            count = product
        }
        self.hooks = hooks
        self.width = width
        self.capacity = capacity
        byteCount = max(count, 64)
        isInFile = byteCount > memoryBudget
        filled = hooks.map { _ in 0 }
        let memory = isInFile ? try Self.mapFile(byteCount) : try Self.map(byteCount, descriptor: -1)
        base = memory.bindMemory(to: Float.self, capacity: byteCount / MemoryLayout<Float>.stride)
    }

    deinit { munmap(base, byteCount) }

    private static func map(
        _ byteCount: Int, descriptor: Int32
    ) throws(TransformerError) -> UnsafeMutableRawPointer {
        let kind = descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED
        guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, kind, descriptor, 0),
            memory != MAP_FAILED
        else { throw .outOfMemory(bytes: byteCount) }
        madvise(memory, byteCount, MADV_HUGEPAGE)
        return memory
    }

    /// A file that is gone with the process, however that ends.
    private static func mapFile(_ byteCount: Int) throws(TransformerError) -> UnsafeMutableRawPointer {
        let folder = folder(named: getenv("TMPDIR").map { String(cString: $0) })
        var path = Array("\(folder)/tiller-states-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else {
            throw .noRoomForStates(bytes: byteCount, folder: folder, reason: String(cString: strerror(errno)))
        }
        unlink(path)
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // Room is taken now: a full disk would end the process in the middle of its work.
        let failure = posix_fallocate(descriptor, 0, off_t(byteCount))
        guard failure == 0 else {
            throw .noRoomForStates(
                bytes: byteCount, folder: folder, reason: String(cString: strerror(failure)))
        }
        return try map(byteCount, descriptor: descriptor)
    }

    /// The rows that are there at every hook point.
    public var count: Int { filled.min() ?? 0 }

    /// The place of the next rows at a hook point, given by its index in `hooks`. [count, width]
    func place(at hook: Int, for count: Int) throws(TransformerError) -> UnsafeMutablePointer<Float> {
        guard count <= capacity - filled[hook] else {
            throw .invalidSetting(
                name: "captured rows", found: String(filled[hook] + count), expected: "at most \(capacity)")
        }
        return base + (hook * capacity + filled[hook]) * width
    }

    /// Says that the rows at the next place have been written.
    func advance(_ hook: Int, by count: Int) {
        filled[hook] += count
    }

    /// Appends rows at one hook point, unless `write` gives false.
    ///
    /// - Parameter write: Writes them, every element. [count, width]
    /// - Returns: What `write` gave.
    @discardableResult
    public func append(
        rows count: Int, at hook: Int, _ write: (UnsafeMutableBufferPointer<Float>) throws -> Bool
    ) throws -> Bool {
        let place = try place(at: hook, for: count)
        guard try write(UnsafeMutableBufferPointer(start: place, count: count * width)) else { return false }
        advance(hook, by: count)
        return true
    }

    /// Rows at one hook point, where they lie. [rows, width]
    public func withRows<Result>(
        _ rows: Range<Int>, at hook: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= filled[hook], "rows \(rows) of \(filled[hook])")
        return try body(
            UnsafeBufferPointer(
                start: base + (hook * capacity + rows.lowerBound) * width, count: rows.count * width))
    }

    /// Takes back the rows after some number of them.
    public func truncate(to count: Int) {
        for hook in filled.indices { filled[hook] = min(filled[hook], count) }
    }

    /// Lets the pages of a hook point's rows go, where they lie in a file: the next who
    /// reads them brings them back.
    public func letGo(at hook: Int) {
        guard isInFile else { return }
        let page = Int(getpagesize())
        let start = Int(bitPattern: base + hook * capacity * width) / page * page
        let end = Int(bitPattern: base + (hook * capacity + filled[hook]) * width)
        madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_DONTNEED)
    }
}
