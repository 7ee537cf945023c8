import Glibc

extension AtomicFile {
    /// Collects what is written to a file and hands it to the system in large pieces.
    public struct Writer: ~Copyable {
        /// How many bytes have been written so far.
        public private(set) var byteCount = 0

        /// The file that is being made, for messages.
        let path: String
        private let descriptor: Int32
        private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        private var filled = 0

        /// Writes to an open descriptor, which stays the caller's to close.
        init(descriptor: Int32, path: String) {
            self.descriptor = descriptor
            self.path = path
        }

        deinit { buffer.deallocate() }

        /// Appends bytes.
        public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
            if bytes.count > buffer.count - filled { try flush() }
            if bytes.count >= buffer.count {
                try hand(bytes)
            } else {
                UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).copyMemory(from: bytes)
                filled += bytes.count
            }
            byteCount += bytes.count
        }

        /// Appends bytes.
        public mutating func write(_ bytes: some Collection<UInt8>) throws(FileError) {
            // An array is not copied by this.
            try Array(bytes).withUnsafeBufferPointer { stored throws(FileError) in
                try write(UnsafeRawBufferPointer(stored))
            }
        }

        /// Appends the UTF-8 of a text.
        public mutating func write(_ text: String) throws(FileError) {
            try write(Array(text.utf8))
        }

        /// Appends numbers as they stand in memory: little-endian on every machine that this runs on.
        public mutating func write(_ values: [Float]) throws(FileError) {
            try values.withUnsafeBufferPointer { stored throws(FileError) in
                try write(UnsafeRawBufferPointer(stored))
            }
        }

        /// Appends zeros, as padding.
        public mutating func writeZeros(_ count: Int) throws(FileError) {
            try write([UInt8](repeating: 0, count: count))
        }

        /// Hands everything collected to the system.
        mutating func flush() throws(FileError) {
            let pending = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            filled = 0
            try hand(pending)
        }

        /// `write` may take less than it was given, or be interrupted.
        private func hand(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
            var rest = bytes
            while let start = rest.baseAddress, !rest.isEmpty {
                let count = Glibc.write(descriptor, start, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw .writing(errno, path: path, while: "cannot write it")
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
