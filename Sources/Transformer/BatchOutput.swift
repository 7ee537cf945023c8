/// Hidden states that were read at one hook point.
public struct HiddenStates: Sendable, Equatable {
    /// How many rows were read.
    public let rowCount: Int
    /// The hook point's width: hiddenSize, or vocabularySize for logits.
    public let width: Int
    /// The values, row-major. [rowCount, width]
    public internal(set) var elements: [Float]

    /// The values of one row. [width]
    public func row(_ index: Int) -> ArraySlice<Float> {
        elements[index * width..<(index + 1) * width]
    }
}

/// What a forward pass gives back.
public struct BatchOutput: Sendable {
    /// The cache cells of the batch's rows, in their order. [rows]
    public let cells: [Cell]
    /// The logits of the rows that wanted them, in their order. [rows that want logits, vocabularySize] With
    /// the batch's `likeliestOnly`, −∞ may stand for what is not wanted.
    public let logits: HiddenStates
    /// What was read at each captured hook point, for the captured rows in their order.
    public let states: [HookPoint: HiddenStates]
    /// For each of the batch's `provedRows` what became of it at each steered block, ascending.
    public let changes: [[LayerChange]]
}
