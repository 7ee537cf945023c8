import Terms

extension ControlVector {
    /// The vector without what it has in common with others: at each layer the direction loses what lies in
    /// the span of theirs. A direction of which nothing is left is zero.
    ///
    /// The result keeps the model and drops the extraction record and the calibration, as sums do.
    ///
    /// - Throws: `differentHiddenSizes`, `differentModels`.
    public func orthogonalized(against others: [ControlVector]) throws(ControlVectorError) -> ControlVector {
        for other in others { try checkSameModel(other) }
        var left: [LayerIndex: [Float]] = [:]
        for (layer, direction) in directions {
            // Gram and Schmidt, twice: what rounding has left of the span goes with the second pass.
            var basis: [[Double]] = []
            for other in others {
                if let unit = Self.rest(of: other[layer] ?? [], without: basis)?.unit { basis.append(unit) }
            }
            left[layer] =
                Self.rest(of: direction, without: basis)?.rest.map(Float.init) ?? direction.map { _ in 0 }
        }
        return try ControlVector(directions: left, modelHint: modelHint, fingerprint: fingerprint)
    }

    /// What is left of a vector outside of a span, and the same at length 1; nil where that is rounding.
    private static func rest(
        of vector: [Float], without basis: [[Double]]
    ) -> (rest: [Double], unit: [Double])? {
        var rest = vector.map(Double.init)
        let length = norm(rest)
        for axis in basis + basis {
            let share = zip(rest, axis).reduce(0) { $0 + $1.0 * $1.1 }
            for place in rest.indices { rest[place] -= share * axis[place] }
        }
        let left = norm(rest)
        guard left > 1e-6 * length else { return nil }
        return (rest, rest.map { $0 / left })
    }

    private static func norm(_ vector: [Double]) -> Double {
        vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
}
