import Terms
import Transformer

extension InferenceContext {
    /// Computes rows that follow each other, at most `size` a forward pass: what a pass gives back (captures,
    /// logits) is then bounded, and progress can be told in between.
    ///
    /// - Parameters:
    ///   - store: Gets the captured rows instead of the outputs.
    ///   - body: Gets the output of each pass and how many rows are done.
    func forward(
        _ rows: [Batch.Row], plans: [[Intervention]] = [], captures: Set<HookPoint> = [],
        lastLayer: LayerIndex? = nil, inPassesOf size: Int, appendingTo store: StateStore? = nil,
        _ body: (_ output: BatchOutput, _ completed: Int) throws -> Void
    ) throws {
        var cells: [Cell] = []
        cells.reserveCapacity(rows.count)
        while cells.count < rows.count {
            let start = cells.count
            let moved = rows[start..<min(start + size, rows.count)].map { row in
                var row = row
                if case .row(let parent) = row.parent {
                    row.parent = parent < start ? .cell(cells[parent]) : .row(parent - start)
                }
                return row
            }
            let output = try forward(
                Batch(rows: moved, plans: plans, captures: captures, lastLayer: lastLayer),
                appendingTo: store)
            cells += output.cells
            try body(output, cells.count)
        }
    }
}
