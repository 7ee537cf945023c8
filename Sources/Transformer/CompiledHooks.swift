import CKernels
import Terms

/// A batch's captures and interventions, arranged by hook point for the forward pass.
///
/// Hook points are numbered in the order in which the forward pass reaches them. Nearly all of them have no
/// listener, and then they cost one comparison.
struct CompiledHooks {
    /// Where the captured rows of a hook point go.
    struct CaptureTarget {
        let pointer: UnsafeMutablePointer<Float>  // [captured rows, width]
        /// Whose memory it is.
        let owner: AnyObject
    }

    /// What happens at one hook point.
    final class Listener {
        /// The operations of each plan, in their order. [plans]
        fileprivate(set) var operations: [[Intervention.Operation]]
        /// Where captured rows go; nil where nothing is read.
        fileprivate(set) var capture: CaptureTarget?

        /// Whether nothing is read here and every change is an addition, which can be made part by part.
        var onlyAdds: Bool {
            capture == nil && operations.allSatisfy { $0.allSatisfy(\.isAddition) }
        }

        init(planCount: Int) {
            operations = Array(repeating: [], count: planCount)
        }
    }

    /// The listener of each hook point, by number.
    let listeners: [Listener?]
    /// The number of the last hook point that is captured; −1 where none is.
    private(set) var lastCaptured = -1
    /// What is only added to the residual stream after each block: steering, in a pass
    /// that reads nothing there.
    let additions: SteeringAdditions

    /// - Parameters:
    ///   - store: Where captured rows go; nil for buffers of their own.
    ///   - ignoresAdditions: A broken engine, for tests: what is to come with a block's
    ///     last product does not.
    init(
        _ batch: Batch, model: TransformerModel, capturedRows: Int, store: StateStore? = nil,
        ignoresAdditions: Bool = false
    ) throws(TransformerError) {
        let layerCount = model.configuration.layerCount
        var listeners: [Listener?] = Array(repeating: nil, count: Self.count(layers: layerCount))
        func listener(at hook: HookPoint) -> Listener {
            let number = Self.number(of: hook, layers: layerCount)
            let listener = listeners[number] ?? Listener(planCount: batch.plans.count)
            listeners[number] = listener
            return listener
        }
        for (plan, interventions) in batch.plans.enumerated() {
            for intervention in interventions {
                try model.check(intervention)
                listener(at: intervention.hook).operations[plan].append(intervention.operation)
            }
        }
        for hook in batch.captures {
            try Self.check(hook, layerCount: layerCount)
            try Self.checkIsComputed(hook, in: batch)
            guard capturedRows > 0 else { continue }
            listener(at: hook).capture =
                try Self.target(of: hook, width: model.width(of: hook), capturedRows, store)
            lastCaptured = max(lastCaptured, Self.number(of: hook, layers: layerCount))
        }
        self.listeners = listeners
        additions = SteeringAdditions(
            (0..<layerCount).map { layer in
                let number = Self.number(of: .residualPost(LayerIndex(layer)), layers: layerCount)
                guard let listener = listeners[number], listener.onlyAdds else { return nil }
                return ignoresAdditions ? listener.operations.map { _ in [] } : listener.operations
            }, planCount: batch.plans.count, width: model.configuration.hiddenSize)
    }

    private static func target(
        of hook: HookPoint, width: Int, _ capturedRows: Int, _ store: StateStore?
    ) throws(TransformerError) -> CaptureTarget {
        guard let store else {
            let buffer = try FloatBuffer(count: capturedRows, width)
            return CaptureTarget(pointer: buffer.pointer, owner: buffer)
        }
        guard let index = store.hooks.firstIndex(of: hook), store.width == width else {
            throw .hookDoesNotFit(
                hook: hook, found: "a store of rows of \(store.width)",
                expected: "one of \(width) that has the hook point")
        }
        return CaptureTarget(pointer: try store.place(at: index, for: capturedRows), owner: store)
    }

    fileprivate static func check(_ hook: HookPoint, layerCount: Int) throws(TransformerError) {
        if let layer = hook.layer, !(0..<layerCount).contains(layer.rawValue) {
            throw .hookDoesNotFit(
                hook: hook, found: "layer \(layer)", expected: "a layer in 0-\(layerCount - 1)")
        }
    }

    private static func checkIsComputed(_ hook: HookPoint, in batch: Batch) throws(TransformerError) {
        if let last = batch.lastLayer, hook != .embedding, hook.layer.map({ $0 > last }) ?? true {
            throw .hookDoesNotFit(
                hook: hook, found: "a batch that ends at layer \(last)", expected: "a later last layer")
        }
        if hook == .logits, batch.rows.contains(where: { $0.isCaptured && !$0.wantsLogits }) {
            throw .hookDoesNotFit(
                hook: hook, found: "a captured row without logits", expected: "rows that want logits")
        }
    }

    // MARK: - Numbers

    private static let pointsPerBlock = 5

    private static func count(layers: Int) -> Int { number(of: .logits, layers: layers) + 1 }

    /// The hook point's place in the order of the forward pass.
    static func number(of hook: HookPoint, layers: Int) -> Int {
        switch hook {
        case .embedding: 0
        case .residualPre(let layer): 1 + pointsPerBlock * layer.rawValue
        case .attentionOutput(let layer): 2 + pointsPerBlock * layer.rawValue
        case .residualMid(let layer): 3 + pointsPerBlock * layer.rawValue
        case .mlpOutput(let layer): 4 + pointsPerBlock * layer.rawValue
        case .residualPost(let layer): 5 + pointsPerBlock * layer.rawValue
        case .finalNorm: 1 + pointsPerBlock * layers
        case .logits: 2 + pointsPerBlock * layers
        }
    }
}

extension TransformerModel {
    /// Refuses an intervention at a place that the model does not have, of another width, or without sense.
    public func check(_ intervention: Intervention) throws(TransformerError) {
        let hook = intervention.hook
        try CompiledHooks.check(hook, layerCount: configuration.layerCount)
        let width = width(of: hook)
        if let found = intervention.operation.misfit(width: width) {
            throw .hookDoesNotFit(hook: hook, found: found, expected: "\(width) values")
        }
    }
}
