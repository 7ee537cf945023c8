public import ControlVectors

/// A vector's own recipe, on another model.
extension ExtractionRecipe {
    /// Reads the recipe that a vector carries.
    ///
    /// - Parameters:
    ///   - path: The vector's file, for messages.
    ///   - instead: What the caller can do without a recipe.
    /// - Throws: `noRecipe` for vectors of other tools and results of arithmetic; the
    ///   errors of `init(json:name:)`.
    public init(of vector: ControlVector, path: String, instead: String? = nil) throws(SteeringError) {
        guard let text = vector.extraction?.recipe else {
            // Only Tiller writes fingerprints: what has one and no recipe is a sum, or was shifted.
            let isOurs = vector.fingerprint != nil
            throw SteeringError(
                .noRecipe,
                "\(path): it carries no recipe: "
                    + (isOurs
                        ? "tiller combine and tiller shift keep none"
                        : "other tools do not store the prompts that a vector was made from"),
                remedy: instead
                    ?? (isOurs
                        ? "tiller reextract the vectors that it was made from, and make it again from those"
                        : "make it from its prompts: tiller extract -m MODEL -d DATASET -o OUT"))
        }
        try self.init(json: text, name: "the recipe in \(path)")
    }

    /// The recipe for a model of another depth: numbered layers keep their share of it; where evidence
    /// chooses them, it does so anew.
    ///
    /// - Parameter origin: The model that the vector was made on; nil where it is not known, and
    ///   layers stay as they are.
    /// - Throws: `layersOutsideModel`.
    public func carriedOver(
        from origin: ModelFingerprint?, to layerCount: Int
    ) throws(ControlVectorError) -> ExtractionRecipe {
        var recipe = self
        if let origin, !choosesLayers {
            recipe.layers = try layers.carriedOver(from: origin.layerCount, to: layerCount)
        }
        return recipe
    }

    /// Whether a vector is what this recipe gives on a model with that version of the tool, so that
    /// there is nothing left to do.
    public func hasGiven(_ vector: ControlVector, on model: ModelFingerprint, toolVersion: String) -> Bool {
        guard let record = vector.extraction, let text = try? json() else { return false }
        // A damaged direction was not given by any recipe. Vectors of earlier builds lack the scale of their
        // meters, or the digest of what their model computes, and are made once more.
        return record.hasMeterScale && record.recipe == text && record.toolVersion == toolVersion
            && vector.fingerprint == model && vector.hasDirectionsOfEvidence
    }
}
