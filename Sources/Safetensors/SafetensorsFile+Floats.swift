extension SafetensorsFile {
    /// The elements of a tensor as float32, row-major: `[elementCount]`.
    ///
    /// F32, F16 and BF16 are exact; F64 is rounded to nearest. Throws `tensorNotFound`, or
    /// `unsupportedType` for what is not one of these.
    public func floats(_ name: String) throws(SafetensorsError) -> [Float] {
        let tensor = try requiredTensor(name)
        let bytes = bytes(of: tensor)
        let count = tensor.elementCount
        switch tensor.type {
        case .float32: return read(bytes, count, UInt32.self) { Float(bitPattern: $0) }
        case .float16: return read(bytes, count, UInt16.self) { Float(Float16(bitPattern: $0)) }
        case .bfloat16: return read(bytes, count, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .float64: return read(bytes, count, UInt64.self) { Float(Double(bitPattern: $0)) }
        default:
            throw SafetensorsError(
                .unsupportedType, path: path, field: "dtype of \(name)", found: tensor.type.rawValue,
                allowed: "F32 F16 BF16 F64")
        }
    }

    private func read<Stored: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ count: Int, _ type: Stored.Type, _ convert: (Stored) -> Float
    ) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count {
                let stored = bytes.loadUnaligned(
                    fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
                buffer.initializeElement(at: index, to: convert(Stored(littleEndian: stored)))
            }
            filled = count
        }
    }
}
