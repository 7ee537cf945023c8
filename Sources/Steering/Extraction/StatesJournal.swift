import ControlVectors
import Dispatch
import Glibc
import Transformer

/// The hidden states of an unfinished extraction, in a file, so that a process that was
/// killed is not all work lost.
///
/// The file only grows: a header, then records of some prompts each, with a hash of each. A process that dies
/// while it writes leaves a record without its end, which the next one cuts off; whatever does not hash to
/// what it says is not used. It is not brought to the disk (`fsync`): what a killed process has written the
/// system keeps, and after a power failure the hashes tell.
///
///     header   magic, format, key, hash of these                   4 × 8 bytes
///     record   first prompt, prompts, hash of these and the states  3 × 8 bytes
///              states, float32                                      [layers, prompts, hiddenSize]
final class StatesJournal {
    private let path: String
    private let key: UInt64
    private let interval: Double
    private var descriptor: Int32 = -1
    private var lastSave = DispatchTime.now()
    /// How many prompts the file holds.
    private(set) var savedPrompts = 0
    /// What a person should know: a file that was damaged, a disk that is full.
    private(set) var problem: String?

    private static let magic: UInt64 = 0x4B57_5245_4C4C_4954  // "TILLERWK" in the file
    private static let format: UInt64 = 1
    private static let headerSize = 32
    private static let recordHeaderSize = 24

    /// The journal of the work with that key; no file is made before something is kept.
    ///
    /// - Parameter interval: Seconds of work before something is kept, and between two times.
    init(folder: String, key: UInt64, interval: Double) {
        path = "\(folder)/\(XXHash64.hexadecimal(key)).\(Self.suffix)"
        self.key = key
        self.interval = interval
    }

    static let suffix = "states"

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    // MARK: - Going on

    /// Appends to an empty store the states that an earlier run has left.
    func restore(into store: StateStore) throws {
        guard access(path, F_OK) == 0, open(creating: false) else { return }
        var info = stat()
        var header = [UInt8](repeating: 0, count: Self.headerSize)
        guard fstat(descriptor, &info) == 0 else { return startOver("it could not be read") }
        let size = Int(info.st_size)
        // Killed before the header was whole.
        guard size >= Self.headerSize else { return startOver(nil) }
        let isOurs = header.withUnsafeMutableBytes { header in
            read(0, into: header)
                && header.starts(with: Self.words([Self.magic, Self.format, key]))
                && Self.word(header, 24) == Self.hash(UnsafeRawBufferPointer(rebasing: header[..<24]))
        }
        guard isOurs else { return startOver("it is damaged") }
        var end = Self.headerSize
        while let next = try restoreRecord(at: end, of: size, into: store) { end = next }
        guard ftruncate(descriptor, off_t(end)) == 0 else {
            store.truncate(to: 0)
            return startOver("it could not be shortened")
        }
    }

    /// Where the record at a place of the file ends; nil, and nothing of it in the store,
    /// where there is no whole one.
    private func restoreRecord(at start: Int, of size: Int, into store: StateStore) throws -> Int? {
        var head = [UInt8](repeating: 0, count: Self.recordHeaderSize)
        guard start + head.count <= size else { return nil }
        let (first, count, hash) = head.withUnsafeMutableBytes { head in
            _ = read(start, into: head)
            return (Self.word(head, 0), Self.word(head, 8), Self.word(head, 16))
        }
        guard first == savedPrompts, count > 0, count <= store.capacity - savedPrompts else {
            return damaged()
        }
        let layerBytes = Int(count) * store.width * MemoryLayout<Float>.stride
        // A record without its end is what a killed process leaves.
        guard layerBytes * store.hooks.count <= size - start - head.count else { return nil }
        var found = XXHash64()
        head[..<16].withUnsafeBytes { found.update($0) }
        for layer in store.hooks.indices {
            let isRead = try store.append(rows: Int(count), at: layer) { rows in
                let bytes = UnsafeMutableRawBufferPointer(rows)
                guard read(start + head.count + layer * layerBytes, into: bytes) else { return false }
                found.update(UnsafeRawBufferPointer(bytes))
                return true
            }
            guard isRead else { break }
        }
        guard found.value == hash else {
            store.truncate(to: savedPrompts)
            return damaged()
        }
        savedPrompts += Int(count)
        return start + head.count + layerBytes * store.hooks.count
    }

    private func damaged() -> Int? {
        problem = "\(path): a part of it is damaged"
        return nil
    }

    private func startOver(_ why: String?) {
        if let why { problem = "\(path): \(why)" }
        savedPrompts = 0
        if descriptor >= 0 { _ = ftruncate(descriptor, 0) }
    }

    // MARK: - Keeping

    /// Keeps what has been computed since the last time, where enough time has passed.
    ///
    /// - Parameter store: All states so far.
    func keep(_ store: StateStore) {
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - lastSave.uptimeNanoseconds) * 1e-9
        guard seconds >= interval, store.count > savedPrompts else { return }
        lastSave = DispatchTime.now()
        guard isOpen || open(creating: true) else { return }
        let rows = savedPrompts..<store.count
        var head = Self.words([UInt64(rows.lowerBound), UInt64(rows.count)])
        var hash = XXHash64()
        head.withUnsafeBytes { hash.update($0) }
        for layer in store.hooks.indices {
            store.withRows(rows, at: layer) { hash.update(UnsafeRawBufferPointer($0)) }
        }
        head += Self.words([hash.value])
        let isWritten =
            head.withUnsafeBytes(write)
            && store.hooks.indices.allSatisfy { layer in
                store.withRows(rows, at: layer) { write(UnsafeRawBufferPointer($0)) }
            }
        guard isWritten else {
            problem = "\(path): unfinished work can no longer be kept (\(String(cString: strerror(errno))))"
            remove()
            return
        }
        savedPrompts = rows.upperBound
    }

    /// Takes the file away: the work is done.
    func remove() {
        guard isOpen else { return }
        unlink(path)
        close(descriptor)
        descriptor = -2
    }

    // MARK: - The file

    private var isOpen: Bool { descriptor >= 0 }

    /// Opens the file and keeps other processes from it; where one has it already this one works without. A
    /// journal that has been given up stays so.
    private func open(creating: Bool) -> Bool {
        guard descriptor == -1 else { return false }
        descriptor = Glibc.open(path, O_RDWR | O_APPEND | O_CLOEXEC | (creating ? O_CREAT : 0), 0o644)
        guard descriptor >= 0 else {
            descriptor = -2
            return false
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            descriptor = -2
            return false
        }
        return true
    }

    /// Fills `target` from a place of the file; false where it ends before.
    private func read(_ start: Int, into target: UnsafeMutableRawBufferPointer) -> Bool {
        var filled = 0
        while filled < target.count {
            let step = pread(
                descriptor, target.baseAddress.map { $0 + filled }, target.count - filled,
                off_t(start + filled))
            if step < 0, errno == EINTR { continue }
            guard step > 0 else { return false }
            filled += step
        }
        return true
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if lseek(descriptor, 0, SEEK_END) == 0 {
            var header = Self.words([Self.magic, Self.format, key])
            header += Self.words([header.withUnsafeBytes(Self.hash)])
            guard header.withUnsafeBytes(writeAll) else { return false }
        }
        return writeAll(bytes)
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    private static func words(_ numbers: [UInt64]) -> [UInt8] {
        numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    }

    private static func word(_ bytes: UnsafeMutableRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = XXHash64()
        hash.update(bytes)
        return hash.value
    }
}
