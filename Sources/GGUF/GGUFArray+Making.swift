import Terms

extension GGUFArray {
    /// An array of unsigned bytes.
    public init(_ values: [UInt8]) { self.init(.uint8, values) }
    /// An array of signed bytes.
    public init(_ values: [Int8]) { self.init(.int8, values) }
    /// An array of unsigned 16-bit numbers.
    public init(_ values: [UInt16]) { self.init(.uint16, values) }
    /// An array of signed 16-bit numbers.
    public init(_ values: [Int16]) { self.init(.int16, values) }
    /// An array of unsigned 32-bit numbers.
    public init(_ values: [UInt32]) { self.init(.uint32, values) }
    /// An array of signed 32-bit numbers.
    public init(_ values: [Int32]) { self.init(.int32, values) }
    /// An array of unsigned 64-bit numbers.
    public init(_ values: [UInt64]) { self.init(.uint64, values) }
    /// An array of signed 64-bit numbers.
    public init(_ values: [Int64]) { self.init(.int64, values) }
    /// An array of float32.
    public init(_ values: [Float]) { self.init(.float32, values.map(\.bitPattern)) }
    /// An array of float64.
    public init(_ values: [Double]) { self.init(.float64, values.map(\.bitPattern)) }
    /// An array of truth values.
    public init(_ values: [Bool]) { self.init(.bool, values.map { $0 ? 1 : 0 as UInt8 }) }
    /// An array of texts.
    public init(_ values: [String]) { self.init(strings: values.map(\.utf8)) }
    /// An array of strings that need not be UTF-8.
    public init(_ values: [GGUFString]) { self.init(strings: values.map(\.utf8)) }

    /// An array of strings that lie in one blob, each at its range: a vocabulary without a
    /// Swift string for each token.
    public init(strings ranges: [Range<Int>], in blob: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 * ranges.count + blob.count)
        for range in ranges {
            bytes.appendLittleEndian(UInt64(range.count))
            bytes.append(contentsOf: blob[range])
        }
        self.init(.string, count: ranges.count, bytes: bytes)
    }

    private init(_ type: GGUFValueType, _ values: [some FixedWidthInteger]) {
        var bytes: [UInt8] = []
        for value in values { bytes.appendLittleEndian(value) }
        self.init(type, count: values.count, bytes: bytes)
    }

    private init(strings values: [some Collection<UInt8>]) {
        var bytes: [UInt8] = []
        for value in values { bytes.appendString(value) }
        self.init(.string, count: values.count, bytes: bytes)
    }

    private init(_ type: GGUFValueType, count: Int, bytes: [UInt8]) {
        elementType = type
        self.count = count
        contents = FileContents(copying: bytes)
        range = 0..<bytes.count
    }
}
