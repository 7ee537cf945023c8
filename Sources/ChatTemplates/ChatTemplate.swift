/// A chat template: the Jinja program that comes with a model and turns a conversation into its prompt.
///
/// The template is untrusted: parsing and rendering are bounded in steps, depth and output, it reads nothing
/// but what it is given, and whatever is wrong with it is a `ChatTemplateError`.
public struct ChatTemplate: Sendable {
    /// The template's text as it was given.
    public let source: String

    let tree: SyntaxTree

    /// The variables that the renderer sets itself; a caller's variable of one of these names is refused.
    static let reservedNames: Set<String> = [
        "messages", "tools", "add_generation_prompt", "bos_token", "eos_token", "tokenize",
    ]

    /// Parses a template.
    ///
    /// Throws where it is not Jinja, uses a tag, filter or test that does not exist here, reads other
    /// templates, is longer than 1 MiB or nested deeper than 64.
    public init(source: String) throws(ChatTemplateError) {
        self.source = source
        tree = try SyntaxTree(try TemplateSource(source))
    }

    /// Renders a conversation.
    ///
    /// - Parameters:
    ///   - messages: The conversation.
    ///   - addGenerationPrompt: Whether the prompt ends with the opening of the assistant's next message.
    ///   - beginningOfSequence: The text of the model's first token, `bos_token` in the template.
    ///   - endOfSequence: The text of the model's last token, `eos_token` in the template.
    ///   - tools: The tools on offer, as JSON schemas; `none` in the template where there are none.
    ///   - variables: Further variables, for example `enable_thinking`; their texts count as input.
    ///   - time: What `strftime_now` shows; the system's clock where it is `nil`.
    ///   - limits: What the rendering may use.
    public func render(
        _ messages: [ChatMessage], addGenerationPrompt: Bool = true, beginningOfSequence: String = "",
        endOfSequence: String = "", tools: [TemplateValue] = [], variables: [String: TemplateValue] = [:],
        time: CalendarTime? = nil, limits: RenderingLimits = RenderingLimits()
    ) throws(ChatTemplateError) -> RenderedPrompt {
        let interpreter = Interpreter(tree, limits: limits, time: time)
        defer { interpreter.dismantle() }
        try interpreter.define("messages") { () throws(ChatTemplateError) in
            var values: [Value] = []
            for message in messages { values.append(try interpreter.value(message)) }
            return try interpreter.makeList(values)
        }
        try interpreter.define("tools") { () throws(ChatTemplateError) in
            tools.isEmpty ? .none : try interpreter.value(.array(tools))
        }
        try interpreter.define("documents") { .none }
        try interpreter.define("add_generation_prompt") { .boolean(addGenerationPrompt) }
        try interpreter.define("bos_token") { .string(Text(beginningOfSequence)) }
        try interpreter.define("eos_token") { .string(Text(endOfSequence)) }
        for (name, value) in variables {
            guard !Self.reservedNames.contains(name), GlobalFunction(rawValue: name) == nil else {
                throw ChatTemplateError(.reservedVariable, "the variable '\(name)' is set by the renderer")
            }
            try interpreter.define(name) { () throws(ChatTemplateError) in try interpreter.value(value) }
        }
        _ = try interpreter.execute(tree.statements)
        return RenderedPrompt(segments: interpreter.output.segments())
    }
}
