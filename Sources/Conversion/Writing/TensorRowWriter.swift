import Quantization
import Terms

/// One tensor of a checkpoint on its way into a file, in another encoding, a megabyte at a time.
struct TensorRowWriter {
    private let tensor: PlannedTensor
    private let type: TensorType
    private let source: CheckpointSource

    /// What is made at a time, in elements.
    private static let pieceSize = 1 << 18

    init(_ tensor: PlannedTensor, as type: TensorType, of source: CheckpointSource) {
        self.tensor = tensor
        self.type = type
        self.source = source
    }

    /// Writes all rows; `wrote` hears of the bytes of each piece.
    func write(to output: inout AtomicFile.Writer, wrote: (Int) -> Void) throws {
        let unitSize = max(1, tensor.unitSize)
        let unitsAtOnce = max(1, Self.pieceSize / unitSize)
        let room = unitsAtOnce * unitSize
        let made = UnsafeMutableRawPointer.allocate(byteCount: room * 4, alignment: 64)
        let encoded = UnsafeMutableRawPointer.allocate(byteCount: room * 4, alignment: 64)
        let floats = UnsafeMutablePointer<Float>.allocate(capacity: room)
        defer {
            made.deallocate()
            encoded.deallocate()
            floats.deallocate()
        }
        var first = 0
        while first < tensor.unitCount {
            let units = first..<min(first + unitsAtOnce, tensor.unitCount)
            let count = units.count * unitSize
            tensor.write(units, from: source.folder, to: made)
            var bytes = UnsafeRawPointer(made)
            if type != tensor.type {
                decodeRow(made, type: tensor.type, count: count, into: floats)
                try encode(floats, count: count, into: encoded, from: first * unitSize)
                bytes = UnsafeRawPointer(encoded)
            }
            let byteCount = type.byteCount(elements: count) ?? 0
            try output.write(UnsafeRawBufferPointer(start: bytes, count: byteCount))
            wrote(byteCount)
            first = units.upperBound
        }
    }

    private func encode(
        _ floats: UnsafePointer<Float>, count: Int, into output: UnsafeMutableRawPointer, from start: Int
    ) throws(ConversionError) {
        if type == .f16,
            let index = (0..<count).first(where: { floats[$0].isFinite && abs(floats[$0]) >= 65520 })
        {
            throw ConversionError(
                .valueTooLarge, path: source.path, field: "\(tensor.name), element \(start + index)",
                found: "\(floats[index])", allowed: "at most 65504, the largest float16")
        }
        do throws(QuantizationError) {
            try encodeRow(floats, type: type, count: count, into: output)
        } catch {
            guard let index = (0..<count).first(where: { !floats[$0].isFinite }) else {
                throw ConversionError(error, path: source.path)
            }
            throw ConversionError(
                .notFinite, path: source.path, field: "\(tensor.name), element \(start + index)",
                found: "\(floats[index])", allowed: "a number")
        }
    }
}
