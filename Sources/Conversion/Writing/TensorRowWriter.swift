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
            // Also what is copied as it is stored: a weight that is no number is nobody's model.
            decodeRow(made, type: tensor.type, count: count, into: floats)
            try check(floats, count: count, from: first * unitSize)
            if type != tensor.type {
                do throws(QuantizationError) {
                    try encodeRow(floats, type: type, count: count, into: encoded)
                } catch {
                    throw ConversionError(error, path: source.path)
                }
                bytes = UnsafeRawPointer(encoded)
            }
            let byteCount = type.byteCount(elements: count) ?? 0
            try output.write(UnsafeRawBufferPointer(start: bytes, count: byteCount))
            wrote(byteCount)
            first = units.upperBound
        }
    }

    /// Refuses what the type cannot hold.
    private func check(_ floats: UnsafePointer<Float>, count: Int, from start: Int) throws(ConversionError) {
        guard let index = type.firstUnstorable(floats, count: count) else { return }
        let isNumber = floats[index].isFinite
        throw ConversionError(
            isNumber ? .valueTooLarge : .notFinite, path: source.path,
            field: "\(tensor.name), element \(start + index)", found: "\(floats[index])",
            allowed: isNumber ? "at most \(type.largestValue) in \(type.name)" : "a number")
    }
}
