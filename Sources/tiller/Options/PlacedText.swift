import ControlVectors

/// A vector as a person writes it, with the layers behind the last `@` taken off: `happy.gguf:0.5@9-16`.
struct PlacedText: Sendable, Equatable {
    /// The vector and its strength.
    var vector: String
    /// Its own layers; nil where none are written.
    var layers: LayerSelection?

    /// Takes off what reads as layers. A file may have an `@` in its name: one that exists under the whole text is that file.
    init(_ text: String, exists: (String) -> Bool = FileSystem.exists) {
        (vector, layers) = (text, nil)
        guard !exists(text), let at = text.lastIndex(of: "@"),
            let layers = try? LayerSelection(String(text[text.index(after: at)...]))
        else { return }
        (vector, self.layers) = (String(text[..<at]), layers)
    }
}
