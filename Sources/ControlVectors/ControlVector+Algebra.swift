import Terms

/// Vectors of one model add and scale like the directions that they hold.
///
/// A layer that only one side has counts as zero on the other. The result keeps the model (hint and
/// fingerprint) and drops the extraction record and the calibration, whose numbers describe the operands.
/// Every result is finite: what overflows float32 is an error, never an infinity in the residual stream.
extension ControlVector {
    /// The sum, layer by layer; layers are united.
    ///
    /// - Throws: `differentModels`, `differentHiddenSizes`, `notFinite`.
    public static func + (
        left: ControlVector, right: ControlVector
    ) throws(ControlVectorError) -> ControlVector {
        try left.checkSameModel(right)
        let sums = left.directions.merging(right.directions) { left, right in
            zip(left, right).map { $0 + $1 }
        }
        return try ControlVector(
            directions: sums, modelHint: left.modelHint ?? right.modelHint,
            fingerprint: left.fingerprint ?? right.fingerprint)
    }

    /// The difference, layer by layer; layers are united.
    ///
    /// - Throws: `differentModels`, `differentHiddenSizes`, `notFinite`.
    public static func - (
        left: ControlVector, right: ControlVector
    ) throws(ControlVectorError) -> ControlVector {
        try left + (try right.mapped { -$0 })
    }

    /// The opposite trait.
    public static prefix func - (vector: ControlVector) throws(ControlVectorError) -> ControlVector {
        try vector.mapped { -$0 }
    }

    /// Every direction times a number.
    ///
    /// - Throws: `badScalar` for NaN and infinities, `notFinite` where the product overflows float32.
    public static func * (vector: ControlVector, scalar: Float) throws(ControlVectorError) -> ControlVector {
        guard scalar.isFinite else { throw .badScalar(scalar, operation: "multiplied by") }
        return try vector.mapped { $0 * scalar }
    }

    /// Every direction times a number.
    ///
    /// - Throws: `badScalar` for NaN and infinities, `notFinite` where the product overflows float32.
    public static func * (scalar: Float, vector: ControlVector) throws(ControlVectorError) -> ControlVector {
        try vector * scalar
    }

    /// Every direction divided by a number.
    ///
    /// - Throws: `badScalar` for 0, NaN and infinities, `notFinite` where the quotient overflows float32.
    public static func / (vector: ControlVector, scalar: Float) throws(ControlVectorError) -> ControlVector {
        guard scalar.isFinite, scalar != 0 else { throw .badScalar(scalar, operation: "divided by") }
        return try vector.mapped { $0 / scalar }
    }

    private func mapped(_ transform: (Float) -> Float) throws(ControlVectorError) -> ControlVector {
        try ControlVector(
            directions: directions.mapValues { $0.map(transform) }, modelHint: modelHint,
            fingerprint: fingerprint)
    }

    /// Another quantisation of the same weights is the same model; without fingerprints the hints decide.
    func checkSameModel(_ other: ControlVector) throws(ControlVectorError) {
        guard hiddenSize == other.hiddenSize else {
            throw .differentHiddenSizes(hiddenSize, other.hiddenSize)
        }
        if let fingerprint, let otherFingerprint = other.fingerprint {
            let relation = Compatibility(of: fingerprint, with: otherFingerprint)
            guard relation.grade <= .sameWeights else { throw .differentModels(reasons: relation.reasons) }
        } else if hintedArchitecture != other.hintedArchitecture, let modelHint,
            let otherHint = other.modelHint
        {
            throw .differentModels(reasons: ["architectures differ (\(modelHint) vs \(otherHint))"])
        }
    }
}
