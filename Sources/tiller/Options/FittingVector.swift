import ControlVectors

/// A vector that has been checked against a model.
enum FittingVector {
    /// Reads a vector and checks it.
    static func load(
        _ path: String, for fingerprint: ModelFingerprint, modelPath: String, forced: Bool
    ) throws -> ControlVector {
        let vector = try ControlVector(path: path)
        try check(vector, path: path, for: fingerprint, modelPath: modelPath, forced: forced)
        return vector
    }

    /// Refuses a vector that does not fit; says what a person should know of one that fits less than exactly.
    static func check(
        _ vector: ControlVector, path: String, for fingerprint: ModelFingerprint, modelPath: String,
        forced: Bool
    ) throws {
        let compatibility = try vector.checkFit(
            to: fingerprint, modelPath: modelPath, vectorPath: path, forced: forced)
        let reasons = compatibility.reasons.joined(separator: "; ")
        switch compatibility.grade {
        case .exact: break
        case .sameWeights:
            let command = vector.repairCommand(vectorPath: path, model: fingerprint, modelPath: modelPath)
            warn("\(path): \(reasons); it can be used as it is, and \(command) makes an exact one")
        case .sameShape, .incompatible: warn("\(path): \(reasons)")
        }
    }
}
