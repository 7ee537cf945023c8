import Generation
public import Terms
public import Transformer

/// What meters say of each token of a text.
public struct MeteredText: Sendable, Equatable {
    /// The text's tokens.
    public let tokens: [TokenID]
    /// What each meter says of each token. [meters][tokens]
    public let readings: [[MeterReading]]

    /// The tokens that a mean is taken of: all, but for a token at the very start of the context. What stands
    /// there attracts attention whatever it is, and its hidden state is tens of times longer than any other.
    public let counted: Range<Int>

    /// The mean reading of a meter over the tokens that count; nil where there is none.
    public func mean(of meter: Int) -> Double? {
        counted.isEmpty ? nil : readings[meter][counted].reduce(0) { $0 + $1.value } / Double(counted.count)
    }

    /// Reads texts, each after the same beginning, which is computed once.
    ///
    /// - Parameters:
    ///   - texts: What is read; at least one token each.
    ///   - beginning: What every one of them follows, and what is not read: a chat up to
    ///     the answer. May be empty.
    ///   - context: Used alone while it runs; emptied.
    ///   - progress: Gets how many tokens are done, and how many there are.
    /// - Throws: `GenerationError.emptyPrompt`, `TransformerError`, or what `progress` throws.
    public static func read(
        _ texts: [[TokenID]], after beginning: [TokenID] = [], with meters: [Meter],
        in context: InferenceContext, progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> [MeteredText] {
        guard texts.allSatisfy({ !$0.isEmpty }) else { throw GenerationError.emptyPrompt }
        let hooks = meters.reduce(into: Set<HookPoint>()) { $0.formUnion($1.hooks) }
        let lastLayer = hooks.compactMap(\.layer).max()
        let total = beginning.count + texts.reduce(0) { $0 + $1.count }
        context.reset()
        var tip = Batch.Parent.root
        try context.forward(
            Batch.chain(beginning, logits: .none).rows, lastLayer: lastLayer, inPassesOf: rowsPerPass
        ) { output, done in
            tip = output.cells.last.map(Batch.Parent.cell) ?? tip
            try progress(done, total)
        }
        let mark = context.mark
        var results: [MeteredText] = []
        for group in groups(of: texts, cells: context.capacity - beginning.count) {
            context.rewind(to: mark)
            var rows: [Batch.Row] = []
            for text in texts[group] {
                for (index, token) in text.enumerated() {
                    rows.append(
                        Batch.Row(token, after: index == 0 ? tip : .row(rows.count - 1), isCaptured: true))
                }
            }
            var readings = [[MeterReading]](repeating: [], count: meters.count)
            let before = total - texts[group.lowerBound...].reduce(0) { $0 + $1.count }
            try context.forward(rows, captures: hooks, lastLayer: lastLayer, inPassesOf: rowsPerPass) {
                output, done in
                for index in meters.indices { readings[index] += meters[index].readings(of: output.states) }
                try progress(before + done, total)
            }
            var start = 0
            for text in texts[group] {
                let own = readings.map { Array($0[start..<start + text.count]) }
                results.append(
                    MeteredText(
                        tokens: text, readings: own, counted: (beginning.isEmpty ? 1 : 0)..<text.count))
                start += text.count
            }
        }
        return results
    }

    /// Enough for full matrix products, few enough for the captured states to stay small.
    private static let rowsPerPass = 256

    /// Texts that fit into the free cells together; one that does not fit alone is left to
    /// the forward pass to refuse.
    private static func groups(of texts: [[TokenID]], cells: Int) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        var start = 0
        var rows = 0
        for (index, text) in texts.enumerated() {
            if index > start, rows + text.count > cells {
                groups.append(start..<index)
                (start, rows) = (index, 0)
            }
            rows += text.count
        }
        if start < texts.count { groups.append(start..<texts.count) }
        return groups
    }
}
