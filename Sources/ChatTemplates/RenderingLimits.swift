/// What one rendering may use. A chat template comes with the model file and is not trusted.
public struct RenderingLimits: Sendable, Equatable {
    /// Evaluated expressions, statements and loop turns, lists and dictionaries; what is copied counts too,
    /// 64 bytes of text or two values a step.
    public var steps: Int
    /// Nested expressions, blocks and macro calls while rendering; also how deep a value may nest.
    public var depth: Int
    /// The longest text, in bytes of UTF-8, that the rendering or any string inside it may become.
    public var textBytes: Int
    /// The longest `range(…)` or repeated list.
    public var rangeCount: Int

    /// Limits that no template of a model's maker comes near; the slowest steps take a second or two.
    public init(
        steps: Int = 1_000_000, depth: Int = 160, textBytes: Int = 4 << 20, rangeCount: Int = 100_000
    ) {
        self.steps = steps
        self.depth = depth
        self.textBytes = textBytes
        self.rangeCount = rangeCount
    }

    /// How deep expressions and blocks may nest in the source of a template.
    static let sourceDepth = 64

    /// The longest source, in bytes of UTF-8.
    static let sourceBytes = 1 << 20
}
