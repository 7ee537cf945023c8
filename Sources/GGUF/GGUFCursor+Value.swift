extension GGUFCursor {
    /// The number of a value type.
    private mutating func valueType() throws(GGUFError) -> GGUFValueType {
        let start = position
        let number = try integer(UInt32.self)
        guard let type = GGUFValueType(rawValue: number) else {
            throw fault(.unknownValueType, at: start, found: number, allowed: "0...12")
        }
        return type
    }

    /// A value with the type before it.
    mutating func value() throws(GGUFError) -> GGUFValue {
        switch try valueType() {
        case .uint8: .uint8(try integer())
        case .int8: .int8(try integer())
        case .uint16: .uint16(try integer())
        case .int16: .int16(try integer())
        case .uint32: .uint32(try integer())
        case .int32: .int32(try integer())
        case .float32: .float32(Float(bitPattern: try integer()))
        // The standard knows 0 and 1; like ggml we take every other byte for true.
        case .bool: .bool(try integer(UInt8.self) != 0)
        case .string: .string(GGUFString(utf8: bytes[try string(0...Int.max)]))
        case .array: .array(try array())
        case .uint64: .uint64(try integer())
        case .int64: .int64(try integer())
        case .float64: .float64(Double(bitPattern: try integer()))
        }
    }

    private mutating func array() throws(GGUFError) -> GGUFArray {
        let start = position
        let type = try valueType()
        guard type != .array else {
            throw fault(
                .nestedArray, at: start, found: "an array of arrays", allowed: "arrays of single values")
        }
        let count = try count(upTo: GGUFLimits.arrayCount, of: type.minimumByteCount, else: .arrayTooLarge)
        let range =
            if let size = type.byteCount {
                // Cannot wrap: count was bounded by the bytes that remain.
                try take(count * size)
            } else {
                try strings(count)
            }
        return GGUFArray(elementType: type, count: count, contents: contents, range: range)
    }
}
