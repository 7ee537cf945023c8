internal import Dispatch
internal import GGUF
internal import Quantization
internal import Synchronization

/// One tensor from one type to another, slice by slice; the pieces of a slice are recoded side by side.
struct TensorRecoding {
    private let tensor: GGUFTensorInfo
    private let source: any ModelSource
    private let from: TensorType
    private let to: TensorType
    private let threads: Int

    /// Elements that one thread takes at a time: a megabyte of floats, which its cache holds.
    private static let pieceSize = 1 << 18
    /// Pieces of a slice, per thread: few enough for a slice to be small, enough for threads to end together.
    private static let piecesPerThread = 8

    init(_ tensor: GGUFTensorInfo, of source: any ModelSource, to type: TensorType, threads: Int) {
        self.tensor = tensor
        self.source = source
        from = tensor.type
        to = type
        self.threads = max(1, threads)
    }

    /// Recodes all rows and hands over the bytes in order; those that stay as they are, too.
    func run(_ consume: (UnsafeRawBufferPointer) throws -> Void) throws {
        let (rows, columns) = (tensor.rowCount, tensor.shape[0])
        guard rows > 0 else { return }
        let pieceRows = max(1, Self.pieceSize / columns)
        let sliceRows = min(rows, pieceRows * Self.piecesPerThread * threads)
        if from == to { return try source.forEachSlice(of: tensor, rows: sliceRows, consume) }
        guard let fromRow = from.byteCount(elements: columns), let toRow = to.byteCount(elements: columns)
        else { return }
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: sliceRows * toRow, alignment: 64)
        let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: threads * pieceRows * columns)
        defer {
            output.deallocate()
            floats.deallocate()
        }
        var start = 0
        try source.forEachSlice(of: tensor, rows: sliceRows) { slice in
            guard let base = slice.baseAddress else { return }
            let count = slice.count / fromRow
            let (first, columns) = (start, columns)
            start += count
            // A piece is rows of one thread's own: nothing that is written is shared.
            nonisolated(unsafe) let (output, floats) = (output, floats)
            nonisolated(unsafe) let input = base
            let next = Atomic<Int>(0)
            let failure = Mutex<(row: Int, error: QuantizingError)?>(nil)
            DispatchQueue.concurrentPerform(iterations: min(threads, (count + pieceRows - 1) / pieceRows)) {
                thread in
                guard let target = output.baseAddress,
                    let values = floats.baseAddress.map({ $0 + thread * pieceRows * columns })
                else { return }
                while true {
                    let row = next.add(pieceRows, ordering: .relaxed).oldValue
                    guard row < count else { return }
                    let elements = min(pieceRows, count - row) * columns
                    decodeRow(input + row * fromRow, type: from, count: elements, into: values)
                    do throws(QuantizingError) {
                        try encode(
                            values, elements, firstElement: (first + row) * columns, target + row * toRow)
                    } catch {
                        // The first of the tensor is told, whichever thread is faster.
                        failure.withLock { if $0.map({ row < $0.row }) ?? true { $0 = (row, error) } }
                        return
                    }
                }
            }
            if let failure = failure.withLock({ $0 }) { throw failure.error }
            try consume(UnsafeRawBufferPointer(rebasing: output[..<(count * toRow)]))
        }
    }

    private func encode(
        _ values: UnsafePointer<Float>, _ count: Int, firstElement: Int, _ output: UnsafeMutableRawPointer
    ) throws(QuantizingError) {
        if let index = to.firstUnstorable(values, count: count) {
            throw .cannotStore(
                path: source.path, tensor: tensor.name, element: firstElement + index, value: values[index],
                type: to)
        }
        do {
            try encodeRow(values, type: to, count: count, into: output)
        } catch {
            throw .encoding(path: source.path, tensor: tensor.name, error)
        }
    }
}
