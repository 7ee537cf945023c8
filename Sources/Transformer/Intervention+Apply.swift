extension Intervention.Operation {
    /// Changes one row in place. `row`: [width].
    ///
    /// Projections and lengths are summed in float64. What has nothing to do leaves the row's bits alone.
    func apply(to row: UnsafeMutableBufferPointer<Float>) {
        switch self {
        case .add(let vector):
            for index in row.indices { row[index] += vector[index] }
        case .addKeepingNorm(let vector): Self.addKeepingNorm(vector, to: row)
        case .projectOut(let subspace, let amount):
            guard amount != 0 else { return }
            let parts = subspace.basis.map { Self.projection(of: row, on: $0) }
            for (part, direction) in zip(parts, subspace.basis) {
                Self.add(direction, times: -Double(amount) * part, to: row)
            }
        case .clamp(let subspace, let bounds, let amount):
            let direction = subspace.basis[0]
            let part = Self.projection(of: row, on: direction)
            Self.add(direction, times: Double(amount) * (bounds.clamped(part) - part), to: row)
        case .rotate(let subspace, let rotation):
            guard !rotation.isIdentity else { return }
            let parts = subspace.basis.map { Self.projection(of: row, on: $0) }
            for (index, direction) in subspace.basis.enumerated() {
                var turned = 0.0
                for (place, part) in parts.enumerated() {
                    turned += rotation.matrix[index * rotation.dimension + place] * part
                }
                Self.add(direction, times: turned - parts[index], to: row)
            }
        }
    }

    /// A sum of length zero has no direction to give the old length to: such a row stays as it is.
    private static func addKeepingNorm(_ vector: [Float], to row: UnsafeMutableBufferPointer<Float>) {
        var (before, after) = (0.0, 0.0)
        var changes = false
        for index in row.indices {
            let sum = Double(row[index]) + Double(vector[index])
            before += Double(row[index]) * Double(row[index])
            after += sum * sum
            changes = changes || vector[index] != 0
        }
        guard changes, after > 0 else { return }
        let scale = (before / after).squareRoot()
        for index in row.indices {
            row[index] = Float((Double(row[index]) + Double(vector[index])) * scale)
        }
    }

    private static func projection(
        of row: UnsafeMutableBufferPointer<Float>, on direction: [Float]
    ) -> Double {
        var sum = 0.0
        for index in row.indices { sum += Double(row[index]) * Double(direction[index]) }
        return sum
    }

    private static func add(
        _ direction: [Float], times factor: Double, to row: UnsafeMutableBufferPointer<Float>
    ) {
        guard factor != 0 else { return }
        for index in row.indices {
            row[index] = Float(Double(row[index]) + factor * Double(direction[index]))
        }
    }
}
