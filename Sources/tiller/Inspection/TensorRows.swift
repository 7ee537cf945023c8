import GGUF
import Quantization
import Safetensors
import Terms

/// Some rows of a tensor as numbers.
struct TensorRows: Inspection {
    let name: String
    let type: String
    /// As the file has it.
    let shape: [Int]
    let rows: [Row]
    let rowCount: Int

    /// One row.
    struct Row {
        var number: Int
        /// [columns]
        var values: [Float]
    }

    /// Rows of a tensor of a GGUF file, decoded. A row is a run of its first dimension.
    init(_ tensorName: String, of file: any ModelSource, rows range: RowRange) throws {
        guard let tensor = file.tensor(tensorName) else {
            throw TillerError.unknownTensor(
                name: tensorName, path: file.path,
                suggestion: Suggestion.closest(to: tensorName, among: file.tensors.map(\.name)))
        }
        name = tensor.name
        type = tensor.type.name
        shape = tensor.shape
        let columns = tensor.shape.first ?? 1
        rowCount = columns > 0 ? tensor.elementCount / columns : 0
        let stride = rowCount > 0 ? tensor.byteCount / rowCount : 0
        let bytes = file.bytes(of: tensor)
        var rows: [Row] = []
        for number in try range.clamped(rowCount: rowCount, tensor: tensorName) {
            let row = UnsafeRawBufferPointer(rebasing: bytes[number * stride..<(number + 1) * stride])
            rows.append(Row(number: number, values: try decodeRow(row, type: tensor.type, count: columns)))
        }
        self.rows = rows
    }

    /// Rows of a tensor of a safetensors file. A row is a run of its last dimension.
    init(_ tensorName: String, of file: SafetensorsFile, rows range: RowRange) throws {
        guard let tensor = file.tensor(tensorName) else {
            throw TillerError.unknownTensor(
                name: tensorName, path: file.path,
                suggestion: Suggestion.closest(to: tensorName, among: file.tensors.map(\.name)))
        }
        name = tensor.name
        type = tensor.type.rawValue
        shape = tensor.shape
        let values = try file.floats(tensorName)
        let columns = tensor.shape.last ?? 1
        rowCount = columns > 0 ? values.count / columns : 0
        rows = try range.clamped(rowCount: rowCount, tensor: tensorName).map {
            Row(number: $0, values: Array(values[$0 * columns..<($0 + 1) * columns]))
        }
    }

    var json: JSONValue {
        [
            "name": .string(name), "type": .string(type), "shape": .array(shape.map(JSONValue.integer)),
            "rows": .array(
                rows.map { ["row": .integer($0.number), "values": .array($0.values.map(JSONValue.single))] }),
        ]
    }

    func text(titleStyle: TextStyle?) -> String {
        var table = Table(.number("ROW"), .number("NORM"), .number("MIN"), .number("MAX"), .text("VALUES"))
        for row in rows {
            let norm = row.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            table.append(
                "\(row.number)", Quantity.decimal(norm, 4), Self.words(row.values.min()),
                Self.words(row.values.max()),
                row.values.prefix(6).map(Self.words).joined(separator: "  ")
                    + (row.values.count > 6 ? "  …" : ""))
        }
        return
            "\(name.onOneLine): \(type), \(TensorTable.shape(shape)), \(Quantity.counted(rowCount, "row"))\n"
            + table.rendered(titleStyle: titleStyle)
    }

    private static func words(_ value: Float?) -> String {
        value.map { Quantity.decimal(Double($0), 5) } ?? "–"
    }
}
