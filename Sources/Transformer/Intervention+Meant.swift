extension Intervention.Operation {
    /// What a hidden state is to become, in float64 and by the operation's definition: what the proof of
    /// steering compares with. It shares no code with what it checks. `state`: [width]
    func meant(_ state: [Double]) -> [Double] {
        switch self {
        case .add(let vector): return zip(state, vector).map { $0 + Double($1) }
        case .addKeepingNorm(let vector):
            let sum = zip(state, vector).map { $0 + Double($1) }
            let length = Self.length(sum)
            return length > 0 ? sum.map { $0 / length * Self.length(state) } : state
        case .projectOut(let subspace, let amount):
            return Self.replace(subspace, of: state) { $0.map { $0 * (1 - Double(amount)) } }
        case .clamp(let subspace, let bounds, let amount):
            return Self.replace(subspace, of: state) { parts in
                parts.map { (1 - Double(amount)) * $0 + Double(amount) * bounds.clamped($0) }
            }
        case .rotate(let subspace, let rotation):
            return Self.replace(subspace, of: state) { parts in
                parts.indices.map { row in
                    parts.indices.reduce(0) {
                        $0 + rotation.matrix[row * rotation.dimension + $1] * parts[$1]
                    }
                }
            }
        }
    }

    /// The state with other coordinates in a subspace.
    private static func replace(
        _ subspace: Subspace, of state: [Double], by change: ([Double]) -> [Double]
    ) -> [Double] {
        let parts = subspace.basis.map { direction in
            zip(state, direction).reduce(0.0) { $0 + $1.0 * Double($1.1) }
        }
        let moves = zip(change(parts), parts).map { $0 - $1 }
        return state.indices.map { index in
            zip(moves, subspace.basis).reduce(state[index]) { $0 + $1.0 * Double($1.1[index]) }
        }
    }

    private static func length(_ state: [Double]) -> Double {
        state.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
}
