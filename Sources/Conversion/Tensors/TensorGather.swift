import Quantization
import Safetensors

/// How one tensor of a model is put together from the stored tensors of a checkpoint, row by row, so that any
/// part of it can be made without the rest.
struct TensorGather: Sendable {
    /// The stored tensors, one after the other; experts have one each.
    let parts: [SafetensorsFolder.Member]
    /// How their elements are stored.
    let storedType: TensorType
    /// How many elements are moved together: a row, or single elements of a bias whose
    /// elements change places.
    let unitSize: Int
    /// How many units each stored tensor gives.
    let unitsPerPart: Int
    let order: Order
    /// Added to every element.
    let addend: Float

    /// Which stored unit a unit comes from.
    enum Order: Sendable, Equatable {
        case identity
        /// The rows of each head of `headRows` come half by half and leave pair by pair: llama.cpp's `llama`
        /// turns neighbours, transformers turns halves.
        case pairedHeads(headRows: Int)
        /// Of every `stride` units `count` from `first` on.
        case slices(first: Int, count: Int, stride: Int)
        /// Rows are stored as columns.
        case transposed
    }

    /// Whether the stored bytes are the tensor's own.
    func isStored(as type: TensorType) -> Bool {
        parts.count == 1 && order == .identity && addend == 0 && type == storedType
    }

    /// The stored tensors that some units come from.
    func parts(of units: Range<Int>) -> ArraySlice<SafetensorsFolder.Member> {
        guard parts.count > 1, !units.isEmpty else { return parts[...] }
        return parts[units.lowerBound / unitsPerPart...(units.upperBound - 1) / unitsPerPart]
    }

    /// Writes some units in the encoding of `type`, which is the stored one or float32.
    func write(
        _ units: Range<Int>, as type: TensorType, from folder: SafetensorsFolder,
        to output: UnsafeMutableRawPointer
    ) {
        let size = storedType.bytesPerBlock
        if type == storedType, addend == 0 {
            gather(units, from: folder) { unit, source in
                (output + (unit - units.lowerBound) * unitSize * size).copyMemory(
                    from: source, byteCount: unitSize * size)
            }
            return
        }
        let floats = output.assumingMemoryBound(to: Float.self)
        gather(units, from: folder) { unit, source in
            let row = floats + (unit - units.lowerBound) * unitSize
            decodeRow(source, type: storedType, count: unitSize, into: row)
            if addend != 0 { for index in 0..<unitSize { row[index] += addend } }
        }
    }

    /// Calls `body` with each unit and where its stored elements lie.
    private func gather(
        _ units: Range<Int>, from folder: SafetensorsFolder, _ body: (Int, UnsafeRawPointer) -> Void
    ) {
        let size = storedType.bytesPerBlock
        if order == .transposed {
            guard let base = folder.bytes(of: parts[0]).baseAddress else { return }
            return transpose(units, base, size: size, body)
        }
        for unit in units {
            let (part, source) = origin(of: unit)
            guard let base = folder.bytes(of: parts[part]).baseAddress else { return }
            body(unit, base + source * unitSize * size)
        }
    }

    private func origin(of unit: Int) -> (part: Int, unit: Int) {
        let part = unit / unitsPerPart
        let inPart = unit % unitsPerPart
        switch order {
        case .identity, .transposed:
            return (part, inPart)
        case .pairedHeads(let headRows):
            let inHead = inPart % headRows
            return (part, inPart - inHead + inHead % 2 * (headRows / 2) + inHead / 2)
        case .slices(let first, let count, let stride):
            return (0, unit / count * stride + first + unit % count)
        }
    }

    /// The stored matrix is [unitSize, units]; 32 columns of it are turned at a time, so that a line
    /// of the cache is read once.
    private func transpose(
        _ units: Range<Int>, _ base: UnsafeRawPointer, size: Int, _ body: (Int, UnsafeRawPointer) -> Void
    ) {
        let strip = 32
        let rows = UnsafeMutableRawPointer.allocate(byteCount: strip * unitSize * size, alignment: 16)
        defer { rows.deallocate() }
        var first = units.lowerBound
        while first < units.upperBound {
            let count = min(strip, units.upperBound - first)
            for element in 0..<unitSize {
                let source = base + (element * unitsPerPart + first) * size
                for column in 0..<count {
                    (rows + (column * unitSize + element) * size).copyMemory(
                        from: source + column * size, byteCount: size)
                }
            }
            for column in 0..<count { body(first + column, rows + column * unitSize * size) }
            first += count
        }
    }
}

/// One tensor of a model, and where its elements come from.
struct PlannedTensor: Sendable {
    let name: String
    /// Contiguous dimension first.
    let shape: [Int]
    /// The type under which the checkpoint shows it: the stored one, or float32 where
    /// files have nothing else.
    let type: TensorType
    let origin: Origin

    /// Where a tensor comes from.
    enum Origin: Sendable {
        case stored(TensorGather)
        /// Computed from the configuration.
        case values([Float])
    }

    /// Elements.
    var elementCount: Int { shape.reduce(1, *) }
}
