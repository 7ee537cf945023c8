import Terms

/// The algorithm of one kind of tokenizer: text without special tokens → tokens.
protocol FragmentEncoder: Sendable {
    /// Appends the tokens of all fragments of a text, in their order.
    ///
    /// - Parameter continuesText: Whether other text stands in front of this one.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>, _ fragments: [Fragment], continuesText: Bool,
        into tokens: inout [TokenID])
}
