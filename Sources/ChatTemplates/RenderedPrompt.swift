/// A conversation as one text for the model, with the origin of every part.
///
/// Special tokens may be recognised in the parts that the template wrote; the parts that came from messages,
/// tools and variables are plain text, whatever they spell.
public struct RenderedPrompt: Sendable, Equatable {
    /// A run of text of one origin.
    public struct Segment: Sendable, Equatable {
        /// The text; never empty in a rendering.
        public var text: String
        /// Whether the template wrote it, so that special tokens in it are meant as such.
        public var isTemplateText: Bool

        /// A run of text of one origin.
        public init(text: String, isTemplateText: Bool) {
            self.text = text
            self.isTemplateText = isTemplateText
        }
    }

    /// The runs in order; neighbours differ in origin.
    public var segments: [Segment]

    /// A prompt of ready-made runs.
    public init(segments: [Segment]) {
        self.segments = segments
    }

    /// The whole text.
    public var text: String {
        segments.reduce(into: "") { $0 += $1.text }
    }
}
