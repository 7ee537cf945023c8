@testable import GGUF
import Quantization
import Terms

/// The parts of a GGUF file, each of which a test can spoil before the bytes are laid out.
struct RawGGUF {
    struct Tensor {
        var name = "t"
        var dimensionCount: UInt32?
        var shape: [UInt64] = [32]
        var type: UInt32 = TensorType.f32.rawValue
        /// Where the file says that the data begins; nil for the right place.
        var offset: UInt64?
        var data: [UInt8]?
    }

    var magic = Array("GGUF".utf8)
    var version: UInt32 = 3
    var tensorCount: UInt64?
    var metadataCount: UInt64?
    /// Each a key, a type and a value, already laid out.
    var entries: [[UInt8]] = []
    var tensors: [Tensor] = []
    /// What the data are laid out by; the file says so only if an entry does.
    var alignment = 32
    var padsLastTensor = true

    static func entry(_ key: String, _ type: UInt32, _ value: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendString(key.utf8)
        bytes.appendLittleEndian(type)
        return bytes + value
    }

    static func entry(_ key: String, _ type: GGUFValueType, _ value: [UInt8]) -> [UInt8] {
        entry(key, type.rawValue, value)
    }

    static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLittleEndian(value)
        return bytes
    }

    static func string(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendString(text.utf8)
        return bytes
    }

    /// The value of an array.
    static func array(_ type: UInt32, _ count: UInt64, _ elements: [UInt8]) -> [UInt8] {
        little(type) + little(count) + elements
    }

    /// Everything before the tensor data.
    var header: [UInt8] {
        var bytes = magic
        bytes.appendLittleEndian(version)
        bytes.appendLittleEndian(tensorCount ?? UInt64(tensors.count))
        bytes.appendLittleEndian(metadataCount ?? UInt64(entries.count))
        for entry in entries { bytes += entry }
        var next: UInt64 = 0
        for tensor in tensors {
            bytes.appendString(tensor.name.utf8)
            bytes.appendLittleEndian(tensor.dimensionCount ?? UInt32(tensor.shape.count))
            for dimension in tensor.shape { bytes.appendLittleEndian(dimension) }
            bytes.appendLittleEndian(tensor.type)
            bytes.appendLittleEndian(tensor.offset ?? next)
            next += UInt64(padded(data(of: tensor).count))
        }
        return bytes
    }

    /// The whole file.
    var bytes: [UInt8] {
        var bytes = header
        if !tensors.isEmpty { pad(&bytes) }
        for (index, tensor) in tensors.enumerated() {
            bytes += data(of: tensor)
            if padsLastTensor || index + 1 < tensors.count { pad(&bytes) }
        }
        return bytes
    }

    func open() throws(GGUFError) -> GGUFFile {
        try GGUFFile(FileContents(copying: bytes, path: "raw.gguf"))
    }

    private func data(of tensor: Tensor) -> [UInt8] {
        if let data = tensor.data { return data }
        let elements = tensor.shape.reduce(UInt64(1), &*)
        guard elements < 1_000_000, let type = TensorType(rawValue: tensor.type) else { return [] }
        let count = type.byteCount(elements: Int(elements)) ?? 0
        return (0..<count).map { UInt8(truncatingIfNeeded: $0 &+ 1) }
    }

    private func padded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }

    private func pad(_ bytes: inout [UInt8]) {
        bytes += Array(repeating: 0, count: padded(bytes.count) - bytes.count)
    }
}

extension RawGGUF {
    /// A small file with a value of every type and tensors of four types: nothing is wrong with it.
    static var valid: RawGGUF {
        var raw = RawGGUF()
        raw.entries = [
            entry("general.architecture", .string, string("tiny")),
            entry("u8", .uint8, [200]),
            entry("i8", .int8, [0xff]),
            entry("u16", .uint16, little(UInt16(60_000))),
            entry("i16", .int16, little(Int16(-2))),
            entry("u32", .uint32, little(UInt32(4_000_000_000))),
            entry("i32", .int32, little(Int32(-3))),
            entry("f32", .float32, little(Float(1.5).bitPattern)),
            entry("yes", .bool, [1]),
            entry("u64", .uint64, little(UInt64.max)),
            entry("i64", .int64, little(Int64.min)),
            entry("f64", .float64, little(Double(-2.5).bitPattern)),
            entry("names", .array, array(8, 3, string("a") + string("") + string("b\u{301}c"))),
            entry("numbers", .array, array(4, 3, little(UInt32(1)) + little(UInt32(2)) + little(UInt32(3)))),
            entry("empty", .array, array(6, 0, [])),
        ]
        raw.tensors = [
            Tensor(name: "token_embd.weight", shape: [32, 3], type: TensorType.q4_1.rawValue),
            Tensor(name: "norm.weight", shape: [5], type: TensorType.f32.rawValue),
            Tensor(name: "half", shape: [3, 1, 2, 1], type: TensorType.f16.rawValue),
            Tensor(name: "blk.0.attn_q.weight", shape: [256, 2], type: TensorType.q6_K.rawValue),
        ]
        return raw
    }
}

extension RawGGUF {
    /// Writes an alignment into the metadata, and by it the tensors if `layingOut`.
    mutating func declare(alignment: UInt32, layingOut: Bool = false) {
        entries.append(Self.entry("general.alignment", .uint32, Self.little(alignment)))
        if layingOut { self.alignment = Int(alignment) }
    }
}
