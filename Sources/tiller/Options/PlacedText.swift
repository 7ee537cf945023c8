import ControlVectors

/// A vector as a person writes it, with the layers behind the last `@` taken off: `happy.gguf:0.5@9-16`.
struct PlacedText: Sendable, Equatable {
    /// The vector and its strength.
    var vector: String
    /// Its own layers; nil where none are written.
    var layers: LayerSelection?
    /// What is wrong with what stands where layers do; nil where it may be a part of a file's name.
    private(set) var fault: ControlVectorError?

    /// Takes off what reads as layers. A file may have an `@` in its name: one that exists under
    /// the whole text is that file.
    init(_ text: String, exists: (String) -> Bool = FileSystem.exists) {
        vector = text
        guard !exists(text), let at = text.lastIndex(of: "@") else { return }
        let place = String(text[text.index(after: at)...])
        do {
            layers = try LayerSelection(place)
            vector = String(text[..<at])
        } catch {
            // Nothing but what ranges are made of was meant as one: as a name it would be of no
            // file, and no strength has an @.
            if !place.isEmpty, place.allSatisfy(Self.isOfRanges) { fault = error }
        }
    }

    private static func isOfRanges(_ character: Character) -> Bool {
        character.isASCII && character.isNumber || "-%. ".contains(character)
    }

    /// The vector's path and strength.
    ///
    /// - Throws: as `VectorSpecification` does, and `ControlVectorError` for layers that are none.
    func specification(option: String = "--vector") throws -> VectorSpecification {
        if let fault { throw fault }
        return try VectorSpecification(parsing: vector, option: option)
    }
}
