extension Sequence where Element == LayerIndex {
    /// Ascending layers in few words: `9-24, 26`.
    public var runs: String {
        var runs: [ClosedRange<LayerIndex>] = []
        for layer in self {
            if let last = runs.last, last.upperBound.advanced(by: 1) == layer {
                runs[runs.count - 1] = last.lowerBound...layer
            } else {
                runs.append(layer...layer)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }
}
