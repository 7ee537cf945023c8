import GGUF
import Quantization

/// Tensors below each other: name, type, shape, size.
enum TensorTable {
    /// One tensor.
    struct Row {
        var name: String
        var type: String
        var shape: [Int]
        var byteCount: Int
    }

    /// The table for people.
    static func rendered(_ rows: [Row], titleStyle: TextStyle?) -> String {
        var table = Table(.text("TENSOR"), .text("TYPE"), .number("SHAPE"), .number("SIZE"))
        for row in rows {
            table.append(row.name, row.type, shape(row.shape), Quantity.bytes(row.byteCount))
        }
        return table.rendered(titleStyle: titleStyle)
    }

    /// `576 × 49152`
    static func shape(_ shape: [Int]) -> String {
        shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: " × ")
    }
}

extension TensorTable.Row {
    /// A tensor of a GGUF file; its shape as the file has it, contiguous dimension first.
    init(_ tensor: GGUFTensorInfo) {
        self.init(name: tensor.name, type: tensor.type.name, shape: tensor.shape, byteCount: tensor.byteCount)
    }
}
