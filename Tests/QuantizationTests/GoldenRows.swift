import Foundation
import Quantization
import Testing

/// One record of `Tests/Fixtures/quantization/rows.bin`.
struct GoldenRow: Sendable, CustomTestStringConvertible {
    enum Kind: UInt32 {
        /// `values` are what the reference decodes from `bytes`.
        case decoded = 0
        /// `bytes` are what the reference encodes from `values`.
        case encoded = 1
    }

    var kind: Kind
    var type: TensorType
    var values: [Float]
    var bytes: [UInt8]

    var testDescription: String { type.name }

    /// Bytes of some of the row's blocks.
    func blocks(_ range: Range<Int>) -> [UInt8] {
        Array(bytes[range.lowerBound * type.bytesPerBlock..<range.upperBound * type.bytesPerBlock])
    }

    /// Values of some of the row's blocks.
    func values(_ range: Range<Int>) -> [Float] {
        Array(values[range.lowerBound * type.blockSize..<range.upperBound * type.blockSize])
    }

    var blockCount: Int { values.count / type.blockSize }
}

enum GoldenRows {
    /// All records; a file that cannot be read is an empty list, which `theFixtureHasEveryType` reports.
    static let all: [GoldenRow] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/quantization/rows.bin")
        guard let data = try? [UInt8](Data(contentsOf: path)) else { return [] }
        var rows: [GoldenRow] = []
        var offset = 0
        func word() -> UInt32 {
            defer { offset += 4 }
            return data[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        while offset < data.count {
            guard let kind = GoldenRow.Kind(rawValue: word()), let type = TensorType(rawValue: word()) else {
                return []
            }
            let count = Int(word())
            let size = Int(word())
            let values = (0..<count).map { _ in Float(bitPattern: word()) }
            rows.append(
                GoldenRow(kind: kind, type: type, values: values, bytes: Array(data[offset..<offset + size])))
            offset += size
        }
        return rows
    }()

    static let decoded = all.filter { $0.kind == .decoded }
    static let quantized = decoded.filter { $0.type.isQuantized }
    static let encoded = all.filter { $0.kind == .encoded }
}
