/// A change of the hidden state at one hook point, as a value that can be stored and sent.
///
/// What a change means (a persona, a strength) is not known here: `Steering` turns
/// vectors into interventions.
public struct Intervention: Sendable, Codable, Equatable {
    /// Where the hidden state is changed.
    public var hook: HookPoint
    /// How it is changed.
    public var operation: Operation

    /// A change at a hook point.
    public init(at hook: HookPoint, _ operation: Operation) {
        self.hook = hook
        self.operation = operation
    }

    /// What is done to the hidden state h of a row. Operations at one place act in their order.
    public enum Operation: Sendable, Codable, Equatable {
        /// h ← h + v, with v of the hook point's width.
        case add([Float])
        /// h ← (h + v) · ‖h‖ / ‖h + v‖: it turns towards v and keeps its length.
        case addKeepingNorm([Float])
        /// h ← h − amount · (what of h lies in the subspace): 1 leaves nothing of it there.
        case projectOut(Subspace, amount: Float)
        /// h ← h + amount · (clamped − p) u, where p is h's projection on the direction u and clamped the
        /// nearest value within the bounds. The subspace has one dimension.
        case clamp(Subspace, ProjectionBounds, amount: Float)
        /// What of h lies in the subspace turns, and the rest stays.
        case rotate(Subspace, Rotation)
    }
}

/// Between which values a projection may be.
public struct ProjectionBounds: Sendable, Codable, Equatable {
    /// The least; nil for no bound.
    public var lower: Float?
    /// The greatest; nil for no bound.
    public var upper: Float?

    /// Bounds on one side or on both.
    public init(lower: Float? = nil, upper: Float? = nil) {
        self.lower = lower
        self.upper = upper
    }

    /// The nearest value within them.
    func clamped(_ value: Double) -> Double {
        min(max(value, lower.map(Double.init) ?? -.infinity), upper.map(Double.init) ?? .infinity)
    }

    /// Whether there is a bound, both are numbers, and they are in order.
    var isSound: Bool {
        (lower ?? upper) != nil && [lower, upper].allSatisfy { $0?.isFinite ?? true }
            && (lower ?? -.infinity) <= (upper ?? .infinity)
    }
}

extension Intervention {
    /// The same with a share of its strength: 0 would do nothing, 1 is the intervention itself. A `rotate`
    /// takes shares of −1…1 alone.
    public func scaled(by factor: Float) -> Intervention {
        factor == 1 ? self : Intervention(at: hook, operation.scaled(by: factor))
    }
}

extension Intervention.Operation {
    /// The same with a share of its strength: 0 would do nothing, 1 is the operation itself. A `rotate`
    /// takes shares of −1…1 alone.
    func scaled(by factor: Float) -> Intervention.Operation {
        switch self {
        case .add(let vector): .add(vector.map { $0 * factor })
        case .addKeepingNorm(let vector): .addKeepingNorm(vector.map { $0 * factor })
        case .projectOut(let subspace, let amount): .projectOut(subspace, amount: amount * factor)
        case .clamp(let subspace, let bounds, let amount): .clamp(subspace, bounds, amount: amount * factor)
        case .rotate(let subspace, let rotation): .rotate(subspace, rotation.scaled(by: Double(factor)))
        }
    }

    /// Why the operation cannot be made on hidden states of that width; nil where it can.
    func misfit(width: Int) -> String? {
        let found: Int
        switch self {
        case .add(let vector), .addKeepingNorm(let vector): found = vector.count
        case .projectOut(let subspace, let amount):
            found = subspace.width
            if !amount.isFinite { return "an amount of \(amount)" }
        case .clamp(let subspace, let bounds, let amount):
            found = subspace.width
            if subspace.dimension != 1 { return "a clamp of \(subspace.dimension) directions" }
            if !bounds.isSound || !amount.isFinite { return "a clamp without sound bounds and amount" }
        case .rotate(let subspace, let rotation):
            found = subspace.width
            if subspace.dimension != rotation.dimension {
                return "a rotation of \(rotation.dimension) axes in \(subspace.dimension) dimensions"
            }
        }
        return found == width ? nil : "\(found) values"
    }

    /// Whether it changes every value by a number of its own, so that it can be done part by part.
    var isAddition: Bool {
        if case .add = self { true } else { false }
    }
}
