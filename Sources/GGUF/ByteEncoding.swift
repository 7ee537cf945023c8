extension [UInt8] {
    /// Appends a number as GGUF stores it.
    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends a 64-bit length and the bytes.
    mutating func appendString(_ bytes: some Collection<UInt8>) {
        appendLittleEndian(UInt64(bytes.count))
        append(contentsOf: bytes)
    }
}
