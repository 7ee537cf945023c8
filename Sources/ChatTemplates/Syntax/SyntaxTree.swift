/// A parsed template: its statements, and the names that it uses, numbered.
struct SyntaxTree: Sendable {
    let source: TemplateSource
    let statements: [Statement]
    let names: NameTable

    init(_ source: TemplateSource) throws(ChatTemplateError) {
        var parser = Parser(source: source, tokens: try Lexer.tokens(of: source))
        statements = try parser.parseTemplate()
        names = parser.names
        self.source = source
    }
}

/// Numbers the names of a template, so that the evaluator finds variables without hashing.
struct NameTable: Sendable {
    private var numbers: [String: Int] = [:]
    private(set) var names: [Name] = []

    /// The names that the evaluator binds itself, in every table under the same number.
    static let loop = 0
    static let caller = 1
    static let varargs = 2
    static let kwargs = 3

    init() {
        for name in ["loop", "caller", "varargs", "kwargs"] { _ = intern(name) }
    }

    mutating func intern(_ name: String) -> Name {
        if let number = numbers[name] { return names[number] }
        let interned = Name(id: names.count, text: Text(name), method: Method(rawValue: name))
        numbers[name] = interned.id
        names.append(interned)
        return interned
    }

    /// The number of a name, if the template uses it.
    func number(of name: String) -> Int? { numbers[name] }
}
