public import Terms
public import Transformer

/// A test of an engine with one model: a planted vector at the output of block k changes what leaves block k, by
/// exactly what was planted, and nothing that leaves a block before it.
///
/// It runs one token once for each layer, and once without: as much as a few dozen tokens of an answer.
public struct PlantedProof: Sendable, Equatable {
    /// What a vector planted at one layer did.
    public struct Finding: Sendable, Equatable {
        /// Where it was planted.
        public let layer: LayerIndex
        /// Whether the output of that block is the unsteered one plus the planted vector, float for float.
        public let changesItsLayer: Bool
        /// Blocks before it whose output is no longer bit for bit the unsteered one: there must be none.
        public let changedBefore: [LayerIndex]

        /// Whether the layer is steered where it should be and nowhere else.
        public var holds: Bool { changesItsLayer && changedBefore.isEmpty }
    }

    /// One finding for each layer, ascending.
    public let findings: [Finding]

    /// The layers that are not steered as they should be; none where the engine is sound.
    public var failures: [Finding] { findings.filter { !$0.holds } }

    /// Plants a vector at each of some layers in turn.
    ///
    /// - Parameter context: Used alone while it runs; emptied.
    /// - Throws: `TransformerError`.
    public init(_ layers: [LayerIndex], in context: InferenceContext) throws(TransformerError) {
        let configuration = context.model.configuration
        let token = TokenID(Int32(min(1, configuration.vocabularySize - 1)))
        let hooks = (0..<configuration.layerCount).map { HookPoint.residualPost(LayerIndex($0)) }
        func states(_ interventions: [Intervention]) throws(TransformerError) -> [HookPoint: HiddenStates] {
            context.reset()
            return try context.forward(
                .chain([token], interventions: interventions, logits: .none, captures: Set(hooks))
            ).states
        }
        let plain = try states([])
        var findings: [Finding] = []
        for layer in layers.sorted() {
            let hook = HookPoint.residualPost(layer)
            let before = plain[hook]?.elements ?? []
            let planted = Self.planted(besides: before)
            let changed = try states([Intervention(at: hook, .add(planted))])
            findings.append(
                Finding(
                    layer: layer, changesItsLayer: changed[hook]?.elements == zip(before, planted).map(+),
                    changedBefore: hooks.prefix(layer.rawValue).filter { changed[$0] != plain[$0] }
                        .compactMap(\.layer)))
        }
        self.findings = findings
    }

    /// Values of both signs, as large as the hidden state's own root mean square.
    private static func planted(besides state: [Float]) -> [Float] {
        let size = (state.reduce(0) { $0 + $1 * $1 } / Float(max(state.count, 1))).squareRoot()
        return state.indices.map { (Float($0 % 7) - 3.25) / 3 * max(size, 1e-3) }
    }
}
