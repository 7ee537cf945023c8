import Terms

/// Where a result of several vectors comes from: what all of them say, and what a person
/// should know where they differ.
///
/// `+` takes the model of whichever side names one, which is right for vectors that a program knows. Of
/// files nobody knows more than they say: a vector of unknown origin does not become one of this model by
/// being added to one that is.
public struct SharedProvenance: Sendable, Equatable {
    /// The model that all of them were made on, as the first names it; nil where one does not say.
    public let fingerprint: ModelFingerprint?
    /// The tool that made all of them, and by how many blocks they are late; nil where they differ.
    public let origin: VectorOrigin?
    /// What the result cannot say, a sentence each.
    public let warnings: [String]

    /// Looks at vectors, those of weight 0 among them: where others lose what they have in
    /// common with one, it counts too.
    ///
    /// - Parameter paths: Their files, for messages.
    /// - Throws: `differentModels` where two are of different models, or one has layers that the model of
    ///   another does not have; `differentHiddenSizes`.
    public init(of vectors: [ControlVector], paths: [String]) throws(ControlVectorError) {
        for (index, vector) in vectors.enumerated() {
            for other in vectors[..<index] { try other.checkSameModel(vector) }
        }
        let known = vectors.compactMap(\.fingerprint)
        // The known models have one shape, or they would have been refused.
        if let model = known.first {
            for (path, vector) in zip(paths, vectors) {
                guard let last = vector.layers.last, last.rawValue >= model.layerCount else { continue }
                throw .differentModels(reasons: [
                    "\(path) has a direction for layer \(last), the model of the others has \(model.layerCount) layers "
                        + "counted from 0"
                ])
            }
        }
        var warnings: [String] = []
        fingerprint = known.count == vectors.count ? known.first : nil
        if let model = known.first, fingerprint == nil {
            let silent = zip(paths, vectors).filter { $0.1.fingerprint == nil }.map(\.0)
            warnings.append(
                "\(silent.joined(separator: ", ")): nothing says that it was made on \(model.name ?? model.summary), as the "
                    + "others were, so the result names no model")
        }
        let lateness = Set(vectors.map(Self.lateness))
        if lateness.count > 1 {
            for (path, vector) in zip(paths, vectors) {
                if let displacement = Self.displacement(of: vector) {
                    warnings.append("\(path): \(displacement); the others act elsewhere")
                } else if Self.lateness(vector) == nil {
                    warnings.append(
                        "\(path): an unknown tool made it, whose layers may not be those of the others")
                }
            }
        }
        let origins = Set(vectors.map { $0.origin?.summary })
        origin =
            origins.count == 1
            ? vectors.first?.origin
            // Of two tools that are equally late one has to stand for both, or the lateness is lost.
            : lateness.count == 1 && lateness != [0] ? vectors.first?.origin : nil
        self.warnings = warnings
    }

    /// How many blocks late a vector acts; our own are not, unless they were moved. Nil where nobody knows.
    private static func lateness(_ vector: ControlVector) -> Int? {
        if let origin = vector.origin { return origin.lateness }
        guard case .shift(_, let layers) = vector.derivation else { return 0 }
        return layers
    }

    private static func displacement(of vector: ControlVector) -> String? {
        lateness(vector).flatMap(VectorOrigin.displacement)
    }

    /// A sum with what it can say of itself.
    public func marking(_ sum: ControlVector) throws(ControlVectorError) -> ControlVector {
        var marked = try ControlVector(
            directions: sum.directions, modelHint: sum.modelHint, fingerprint: fingerprint)
        marked.origin = origin
        return marked
    }
}
