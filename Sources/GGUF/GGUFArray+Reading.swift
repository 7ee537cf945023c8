import Terms

extension GGUFArray {
    /// The whole numbers; nil where the elements are of another type, or one does not fit an `Int`.
    public func integers() -> [Int]? {
        switch elementType {
        case .uint8: map(UInt8.self) { Int($0) }
        case .int8: map(Int8.self) { Int($0) }
        case .uint16: map(UInt16.self) { Int($0) }
        case .int16: map(Int16.self) { Int($0) }
        case .uint32: map(UInt32.self) { Int($0) }
        case .int32: map(Int32.self) { Int($0) }
        case .int64: map(Int64.self) { Int($0) }
        case .uint64: unsignedIntegers()
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    private func unsignedIntegers() -> [Int]? {
        let values = map(UInt64.self) { $0 }
        return values.allSatisfy { $0 <= UInt64(Int.max) } ? values.map { Int($0) } : nil
    }

    /// The numbers as float32; nil where the elements are not floating-point numbers.
    public func floats() -> [Float]? {
        switch elementType {
        case .float32: map(UInt32.self) { Float(bitPattern: $0) }
        case .float64: map(UInt64.self) { Float(Double(bitPattern: $0)) }
        default: nil
        }
    }

    /// The truth values; nil where the elements are of another type.
    public func booleans() -> [Bool]? {
        elementType == .bool ? map(UInt8.self) { $0 != 0 } : nil
    }

    /// The strings, with U+FFFD where their bytes are not UTF-8; nil where the elements are of another type.
    ///
    /// This makes one `String` an element: for a vocabulary use `forEachString`.
    public func strings() -> [String]? {
        guard elementType == .string else { return nil }
        var result: [String] = []
        result.reserveCapacity(count)
        forEachString { result.append(String(decoding: $0, as: UTF8.self)) }
        return result
    }

    /// Calls `body` with the bytes of each string in order, without copying; the bytes are valid inside
    /// the call only. Calls nothing where the elements are of another type.
    public func forEachString(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        guard elementType == .string else { return }
        try withExtendedLifetime(contents) {
            let bytes = contents.bytes
            var position = range.lowerBound
            for _ in 0..<count {
                // The lengths were checked when the array was made.
                let length = Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                position += 8
                try body(UnsafeRawBufferPointer(rebasing: bytes[position..<position + length]))
                position += length
            }
        }
    }

    /// All bytes of all strings together: what a blob of them needs.
    public var stringByteCount: Int {
        elementType == .string ? range.count - 8 * count : 0
    }

    private func map<Element: FixedWidthInteger & BitwiseCopyable, Value>(
        _ type: Element.Type, _ transform: (Element) -> Value
    ) -> [Value] {
        withBytes { bytes in
            [Value](unsafeUninitializedCapacity: count) { buffer, filled in
                for index in 0..<count {
                    let stored = bytes.loadUnaligned(
                        fromByteOffset: index * MemoryLayout<Element>.size, as: Element.self)
                    buffer.initializeElement(at: index, to: transform(Element(littleEndian: stored)))
                }
                filled = count
            }
        }
    }
}
