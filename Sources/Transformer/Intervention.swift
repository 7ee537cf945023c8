/// A change of the hidden state at one hook point, as a value that can be stored and sent.
///
/// What a change means (a persona, a strength) is not known here: `Steering` turns vectors into interventions.
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

    /// What is done to the hidden state of a row.
    public enum Operation: Sendable, Codable, Equatable {
        /// h ← h + v, with v of the hook point's width.
        case add([Float])
    }
}

extension Intervention {
    /// The same with a share of its strength: 0 would do nothing, 1 is the intervention itself.
    public func scaled(by factor: Float) -> Intervention {
        factor == 1 ? self : Intervention(at: hook, operation.scaled(by: factor))
    }
}

extension Intervention.Operation {
    /// The same with a share of its strength: 0 would do nothing, 1 is the operation itself.
    func scaled(by factor: Float) -> Intervention.Operation {
        switch self {
        case .add(let vector): .add(vector.map { $0 * factor })
        }
    }

    /// Whether the operation fits a hook point of that width.
    func fits(width: Int) -> Bool {
        switch self {
        case .add(let vector): vector.count == width
        }
    }

    /// Whether it changes every value by a number of its own, so that it can be done part by part.
    var isAddition: Bool {
        switch self {
        case .add: true
        }
    }

    /// Changes one row in place. `row`: [width].
    func apply(to row: UnsafeMutableBufferPointer<Float>) {
        switch self {
        case .add: add(to: row, in: row.indices)
        }
    }

    /// Does an addition's share in some columns. `row`: [width].
    func add(to row: UnsafeMutableBufferPointer<Float>, in columns: Range<Int>) {
        guard case .add(let vector) = self else { return }
        for index in columns { row[index] += vector[index] }
    }
}
