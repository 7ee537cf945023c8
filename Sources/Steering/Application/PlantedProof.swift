public import Terms
public import Transformer

/// A test of an engine with one model: a planted vector at the output of block k changes what leaves block k,
/// by exactly what was planted, and nothing that leaves a block before it.
///
/// It plants in both ways that the engine has. In a pass that reads nothing there, as those of answers, an
/// addition comes with the block's last product; in one that reads the block's output, at the hook point. The
/// second shows what the block's output has become, and the first must hand the same on to what comes next.
/// So it runs one token twice for each layer, and once without: as much as a few dozen tokens of an answer.
public struct PlantedProof: Sendable, Equatable {
    /// What a vector planted at one layer did.
    public struct Finding: Sendable, Equatable {
        /// Where it was planted.
        public let layer: LayerIndex
        /// Whether the output of that block is the unsteered one plus the planted vector,
        /// float for float, in both ways.
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
        let layerCount = configuration.layerCount
        // What is read of each block's output where it is changed, and where it has gone on to.
        let outputs = (0..<layerCount).map { HookPoint.residualPost(LayerIndex($0)) }
        let next = (1..<layerCount).map { HookPoint.residualPre(LayerIndex($0)) } + [.finalNorm]
        func states(
            _ interventions: [Intervention], at hooks: [HookPoint]
        ) throws(TransformerError) -> [HookPoint: HiddenStates] {
            context.reset()
            return try context.forward(
                .chain([token], interventions: interventions, logits: .none, captures: Set(hooks))
            ).states
        }
        let plain = try states([], at: outputs + next)
        var findings: [Finding] = []
        for layer in layers.sorted() {
            let output = HookPoint.residualPost(layer)
            let handedOn =
                layer.rawValue + 1 < layerCount ? .residualPre(layer.advanced(by: 1)) : HookPoint.finalNorm
            let before = plain[output]?.elements ?? []
            let planted = Self.planted(besides: before)
            let plants = [Intervention(at: output, .add(planted))]
            let read = try states(plants, at: outputs + next)
            let unread = try states(plants, at: next)
            let changedBefore = (0..<layer.rawValue).filter {
                read[outputs[$0]] != plain[outputs[$0]] || unread[next[$0]] != plain[next[$0]]
            }
            findings.append(
                Finding(
                    layer: layer,
                    changesItsLayer: read[output]?.elements == zip(before, planted).map(+)
                        && unread[handedOn] == read[handedOn] && unread[handedOn] != plain[handedOn],
                    changedBefore: changedBefore.map { LayerIndex($0) }))
        }
        self.findings = findings
    }

    /// Values of both signs, as large as the hidden state's own root mean square.
    private static func planted(besides state: [Float]) -> [Float] {
        let size = (state.reduce(0) { $0 + $1 * $1 } / Float(max(state.count, 1))).squareRoot()
        return state.indices.map { (Float($0 % 7) - 3.25) / 3 * max(size, 1e-3) }
    }
}
