import ControlVectors
import Dispatch
import Glibc

/// The hidden states of an unfinished extraction, in a file, so that a process that was killed is not all work lost.
///
/// The file only grows: a header, then records of some prompts each, with a hash of each. A process that dies while it
/// writes leaves a record without its end, which the next one cuts off; whatever does not hash to what it says is
/// not used. It is not brought to the disk (`fsync`): what a killed process has written the system keeps, and after a
/// power failure the hashes tell.
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
        let digits = String(key, radix: 16)
        path = "\(folder)/\(String(repeating: "0", count: 16 - digits.count))\(digits).\(Self.suffix)"
        self.key = key
        self.interval = interval
    }

    static let suffix = "states"

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    // MARK: - Going on

    /// The states that an earlier run has left, layer by layer, each [prompts, hiddenSize]; nil where there are none.
    func restore(layerCount: Int, hiddenSize: Int, promptCount: Int) -> [[Float]]? {
        guard access(path, F_OK) == 0, open(creating: false) else { return nil }
        var info = stat()
        guard fstat(descriptor, &info) == 0, let bytes = read(0, Int(info.st_size)) else {
            return startOver("it could not be read")
        }
        guard bytes.count >= Self.headerSize else {
            // Killed before the header was whole.
            return startOver(nil)
        }
        let isOurs = bytes.withUnsafeBytes { bytes in
            bytes.starts(with: Self.words([Self.magic, Self.format, key]))
                && Self.word(bytes, 24) == Self.hash([UnsafeRawBufferPointer(rebasing: bytes[..<24])])
        }
        guard isOurs else { return startOver("it is damaged") }
        var states = [[Float]](repeating: [], count: layerCount)
        var end = Self.headerSize
        bytes.withUnsafeBytes { bytes in
            while end + Self.recordHeaderSize <= bytes.count {
                let (first, count) = (Self.word(bytes, end), Self.word(bytes, end + 8))
                guard first == savedPrompts, count > 0, count <= promptCount - savedPrompts else { break }
                let layerBytes = Int(count) * hiddenSize * MemoryLayout<Float>.stride
                let start = end + Self.recordHeaderSize
                // A record without its end is what a killed process leaves.
                guard layerBytes * layerCount <= bytes.count - start else { return }
                let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<start + layerBytes * layerCount])
                let head = UnsafeRawBufferPointer(rebasing: bytes[end..<end + 16])
                guard Self.word(bytes, end + 16) == Self.hash([head, payload]) else { break }
                for layer in 0..<layerCount {
                    let part = UnsafeRawBufferPointer(
                        rebasing: payload[layer * layerBytes..<(layer + 1) * layerBytes])
                    states[layer] += [Float](unsafeUninitializedCapacity: part.count / 4) { target, filled in
                        UnsafeMutableRawBufferPointer(target).copyMemory(from: part)
                        filled = part.count / 4
                    }
                }
                savedPrompts += Int(count)
                end = start + payload.count
            }
            if bytes.count - end >= Self.recordHeaderSize { problem = "\(path): a part of it is damaged" }
        }
        guard ftruncate(descriptor, off_t(end)) == 0 else { return startOver("it could not be shortened") }
        return savedPrompts > 0 ? states : nil
    }

    private func startOver(_ why: String?) -> [[Float]]? {
        if let why { problem = "\(path): \(why)" }
        savedPrompts = 0
        if descriptor >= 0 { _ = ftruncate(descriptor, 0) }
        return nil
    }

    // MARK: - Keeping

    /// Keeps what has been computed since the last time, where enough time has passed.
    ///
    /// - Parameter states: All states so far, layer by layer, each [prompts, hiddenSize].
    func keep(_ states: [[Float]], promptCount: Int, hiddenSize: Int) {
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - lastSave.uptimeNanoseconds) * 1e-9
        guard seconds >= interval, promptCount > savedPrompts else { return }
        lastSave = DispatchTime.now()
        guard isOpen || open(creating: true) else { return }
        let range = savedPrompts * hiddenSize..<promptCount * hiddenSize
        var head = Self.words([UInt64(savedPrompts), UInt64(promptCount - savedPrompts)])
        var hash = XXHash64()
        head.withUnsafeBytes { hash.update($0) }
        for layer in states { layer[range].withUnsafeBytes { hash.update($0) } }
        head += Self.words([hash.value])
        let isWritten =
            head.withUnsafeBytes(write) && states.allSatisfy { $0[range].withUnsafeBytes(write) }
        guard isWritten else {
            problem = "\(path): unfinished work can no longer be kept (\(String(cString: strerror(errno))))"
            remove()
            return
        }
        savedPrompts = promptCount
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

    /// Opens the file and keeps other processes from it; where one has it already this one works without. A journal
    /// that has been given up stays so.
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

    private func read(_ start: Int, _ count: Int) -> [UInt8]? {
        var filled = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            while filled < count {
                let step = pread(
                    descriptor, target.baseAddress.map { $0 + filled }, count - filled, off_t(start + filled))
                if step < 0, errno == EINTR { continue }
                if step <= 0 { break }
                filled += step
            }
            initialized = filled
        }
        return filled == count ? bytes : nil
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if lseek(descriptor, 0, SEEK_END) == 0 {
            var header = Self.words([Self.magic, Self.format, key])
            header += Self.words([header.withUnsafeBytes { Self.hash([$0]) }])
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

    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func hash(_ parts: [UnsafeRawBufferPointer]) -> UInt64 {
        var hash = XXHash64()
        for part in parts { hash.update(part) }
        return hash.value
    }
}
