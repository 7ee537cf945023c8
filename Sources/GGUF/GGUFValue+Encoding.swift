extension GGUFValue {
    /// Appends the type and the value as a file holds them.
    func encode(into bytes: inout [UInt8]) {
        bytes.appendLittleEndian(type.rawValue)
        switch self {
        case .uint8(let value): bytes.append(value)
        case .int8(let value): bytes.appendLittleEndian(value)
        case .uint16(let value): bytes.appendLittleEndian(value)
        case .int16(let value): bytes.appendLittleEndian(value)
        case .uint32(let value): bytes.appendLittleEndian(value)
        case .int32(let value): bytes.appendLittleEndian(value)
        case .float32(let value): bytes.appendLittleEndian(value.bitPattern)
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .string(let value): bytes.appendString(value.utf8)
        case .array(let array):
            bytes.appendLittleEndian(array.elementType.rawValue)
            bytes.appendLittleEndian(UInt64(array.count))
            array.withBytes { bytes.append(contentsOf: $0) }
        case .uint64(let value): bytes.appendLittleEndian(value)
        case .int64(let value): bytes.appendLittleEndian(value)
        case .float64(let value): bytes.appendLittleEndian(value.bitPattern)
        }
    }
}
