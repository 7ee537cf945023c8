/// Tokens → statements, by recursive descent; the grammar is that of Jinja2's parser.
struct Parser {
    let source: TemplateSource
    let tokens: [Token]
    var names = NameTable()
    var position = 0
    private var nesting = 0
    private let stack = StackMeter()
    /// The offsets of the loops and blocks that are open, innermost last, for messages about missing ends.
    var openTags: [(name: String, offset: Int)] = []
    var loopDepth = 0
    /// How often each of the evaluator's own names has been read so far.
    var readings = [0, 0, 0, 0]

    init(source: TemplateSource, tokens: [Token]) {
        self.source = source
        self.tokens = tokens
    }

    mutating func parseTemplate() throws(ChatTemplateError) -> [Statement] {
        let (statements, end) = try parseBody(until: [])
        if let end { throw unexpectedTag(end.name, at: end.offset) }
        return statements
    }

    // MARK: - Tokens

    var current: Token { tokens[position] }
    var next: Token { tokens[min(position + 1, tokens.count - 1)] }

    mutating func advance() {
        if position < tokens.count - 1 { position += 1 }
    }

    mutating func skip(_ symbol: Token.Symbol) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func skip(keyword: String) -> Bool {
        guard isKeyword(keyword) else { return false }
        advance()
        return true
    }

    func isKeyword(_ keyword: String) -> Bool {
        if case .name(let name) = current.kind { return name == keyword }
        return false
    }

    mutating func expect(_ symbol: Token.Symbol) throws(ChatTemplateError) {
        guard skip(symbol) else { throw unexpected(expecting: "'\(symbol.rawValue)'") }
    }

    mutating func expect(_ kind: Token.Kind) throws(ChatTemplateError) {
        guard current.kind == kind else { throw unexpected(expecting: kind.shown) }
        advance()
    }

    mutating func expect(keyword: String) throws(ChatTemplateError) {
        guard skip(keyword: keyword) else { throw unexpected(expecting: "'\(keyword)'") }
    }

    mutating func expectName() throws(ChatTemplateError) -> String {
        guard case .name(let name) = current.kind else { throw unexpected(expecting: "a name") }
        advance()
        return name
    }

    // MARK: - Errors and depth

    func error(
        _ explanation: String, _ kind: ChatTemplateError.Kind = .syntax, at offset: Int? = nil
    ) -> ChatTemplateError {
        source.error(kind, explanation, at: offset ?? current.offset)
    }

    func unexpected(expecting expected: String) -> ChatTemplateError {
        if current.kind == .end, let open = openTags.last {
            return error(
                "'{% \(open.name) %}' is not closed: the template ends where \(expected) is expected",
                at: open.offset)
        }
        return error("expected \(expected), found \(current.kind.shown)")
    }

    func unexpectedTag(_ name: String, at offset: Int) -> ChatTemplateError {
        guard let open = openTags.last else { return error("unexpected '{% \(name) %}'", at: offset) }
        return error("unexpected '{% \(name) %}' inside '{% \(open.name) %}'", at: offset)
    }

    /// Counts one level of nesting; `leave` takes it back.
    mutating func enter() throws(ChatTemplateError) {
        nesting += 1
        if nesting > RenderingLimits.sourceDepth || stack.isExhausted {
            throw error("nested too deep: at most \(RenderingLimits.sourceDepth) levels", .tooDeep)
        }
    }

    mutating func leave() {
        nesting -= 1
    }
}
