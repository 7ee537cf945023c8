import GGUF

/// Fields of a fingerprint: each says where it ends, so that no two lists of fields give the same bytes.
extension XXHash64 {
    /// The hash of what `body` adds, as `xxh64:` and 16 hexadecimal digits.
    static func text(_ body: (inout XXHash64) -> Void) -> String {
        var hash = XXHash64()
        body(&hash)
        return "xxh64:" + hexadecimal(hash.value)
    }

    /// The value of a hash as 16 hexadecimal digits.
    package static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// A number, in 8 bytes.
    package mutating func add(_ number: Int) {
        withUnsafeBytes(of: Int64(number).littleEndian) { update($0) }
    }

    /// A run of bytes, after its length.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        add(bytes.count)
        update(bytes)
    }

    /// A text, as its UTF-8 after its length.
    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    /// A metadata value, after its type. Whole numbers go in as 8 bytes whatever their width.
    mutating func add(_ value: GGUFValue) {
        add(Int(value.type.rawValue))
        switch value {
        case .string(let text): text.utf8.withUnsafeBytes { add($0) }
        case .bool(let flag): add(flag ? 1 : 0)
        case .float32(let number): add(Int(number.bitPattern))
        case .float64(let number): add(Int(truncatingIfNeeded: number.bitPattern))
        case .uint64(let number): add(Int(truncatingIfNeeded: number))
        case .array(let array): add(array)
        case .uint8, .int8, .uint16, .int16, .uint32, .int32, .int64: add(value.integer ?? 0)
        }
    }

    private mutating func add(_ array: GGUFArray) {
        add(Int(array.elementType.rawValue))
        add(array.count)
        if array.elementType == .string {
            // One run of bytes with each length before its string: a hash of millions of tiny updates would
            // take several times as long.
            var blob: [UInt8] = []
            blob.reserveCapacity(array.stringByteCount + 4 * array.count)
            array.forEachString { string in
                withUnsafeBytes(of: UInt32(truncatingIfNeeded: string.count).littleEndian) {
                    blob.append(contentsOf: $0)
                }
                blob.append(contentsOf: string)
            }
            blob.withUnsafeBytes { update($0) }
        } else if let numbers = array.integers() {
            numbers.withUnsafeBytes { update($0) }
        } else if let numbers = array.floats() {
            numbers.withUnsafeBytes { update($0) }
        } else {
            for flag in array.booleans() ?? [] { add(flag ? 1 : 0) }
        }
    }
}
