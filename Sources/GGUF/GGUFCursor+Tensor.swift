import Quantization

extension GGUFCursor {
    /// The list of tensors, with the place of each name in it.
    mutating func tensors(
        _ count: Int, alignment: Int
    ) throws(GGUFError) -> (tensors: [GGUFTensorInfo], positions: [String: Int]) {
        var tensors: [GGUFTensorInfo] = []
        var positions: [String: Int] = [:]
        var expected = 0
        for entry in 0..<count {
            field = "tensor name"
            index = entry
            let start = position
            let name = try name(upTo: GGUFLimits.nameLength)
            guard positions.updateValue(entry, forKey: name) == nil else {
                throw fault(.duplicateTensor, at: start, found: "\(name) again", allowed: "each name once")
            }
            let tensor = try tensor(name, expectedOffset: expected)
            let padded = tensor.byteCount.addingReportingOverflow(alignment - 1)
            let next = expected.addingReportingOverflow(padded.partialValue & ~(alignment - 1))
            guard !padded.overflow, !next.overflow else {
                throw fault(
                    .sizeOverflow, found: "tensors of more than \(Int.max) bytes",
                    allowed: "what a file holds")
            }
            expected = next.partialValue
            tensors.append(tensor)
        }
        index = nil
        return (tensors, positions)
    }

    private mutating func tensor(_ name: String, expectedOffset: Int) throws(GGUFError) -> GGUFTensorInfo {
        field = "shape of \(name)"
        let shapeStart = position
        let shape = try shape()
        field = "type of \(name)"
        let type = try tensorType()
        field = "shape of \(name)"
        // The first dimension runs along a row, and rows are whole blocks.
        guard shape[0] % type.blockSize == 0 else {
            throw fault(
                .badRowLength, at: shapeStart, found: "rows of \(shape[0])",
                allowed: "multiples of \(type.blockSize) for \(type)")
        }
        guard let byteCount = type.byteCount(elements: shape.reduce(1, *)) else {
            throw fault(
                .sizeOverflow, at: shapeStart, found: "\(shape) of \(type)",
                allowed: "at most \(Int.max) bytes")
        }
        field = "offset of \(name)"
        let offsetStart = position
        let offset = try integer(UInt64.self)
        guard offset == UInt64(expectedOffset) else {
            throw fault(
                .badOffset, at: offsetStart, found: offset,
                allowed: "\(expectedOffset), where the tensor before it ends")
        }
        return GGUFTensorInfo(
            name: name, shape: shape, type: type, offset: expectedOffset, byteCount: byteCount)
    }

    /// One to four dimensions whose product is an `Int`; any of them may be 0.
    private mutating func shape() throws(GGUFError) -> [Int] {
        let start = position
        let count = try integer(UInt32.self)
        guard count >= 1, count <= GGUFLimits.dimensionCount else {
            throw fault(
                .badDimensionCount, at: start, found: count, allowed: "1...\(GGUFLimits.dimensionCount)")
        }
        var shape: [Int] = []
        // Zeros are left out of this product, so that any part of the shape can be multiplied later.
        var product = 1
        for _ in 0..<count {
            let dimensionStart = position
            let stored = try integer(UInt64.self)
            guard let dimension = Int(exactly: stored) else {
                throw fault(.badDimension, at: dimensionStart, found: stored, allowed: "at most \(Int.max)")
            }
            let next = product.multipliedReportingOverflow(by: max(dimension, 1))
            guard !next.overflow else {
                throw fault(
                    .shapeOverflow, at: dimensionStart, found: "\(shape + [dimension])",
                    allowed: "at most \(Int.max) elements")
            }
            product = next.partialValue
            shape.append(dimension)
        }
        return shape
    }

    private mutating func tensorType() throws(GGUFError) -> TensorType {
        let start = position
        let number = try integer(UInt32.self)
        guard let type = TensorType(rawValue: number) else {
            throw fault(
                GGUFLimits.removedTypes.contains(number) ? .removedTensorType : .unknownTensorType,
                at: start, found: number, allowed: "a type that ggml has and this tool knows")
        }
        return type
    }
}
