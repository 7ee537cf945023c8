/// Evaluated arguments.
struct CallArguments {
    var positional: [Value] = []
    var keywords: [(name: Text, value: Value)] = []

    static var none: CallArguments { CallArguments() }

    var first: Value? { positional.first }

    var isEmpty: Bool { positional.isEmpty && keywords.isEmpty }

    func adding(_ name: Text, _ value: Value) -> CallArguments {
        CallArguments(positional: positional, keywords: keywords + [(name, value)])
    }

    /// The arguments in the order of the parameters; `nil` where one is not given.
    func bind(
        _ parameters: [Text], required: Int = 0, of function: String, _ interpreter: Interpreter
    ) throws(ChatTemplateError) -> [Value?] {
        var values = [Value?](repeating: nil, count: parameters.count)
        guard positional.count <= parameters.count else {
            throw interpreter.error(
                .wrongArgument,
                "\(function) takes at most \(parameters.count) arguments, found \(positional.count)")
        }
        for (index, value) in positional.enumerated() { values[index] = value }
        for (name, value) in keywords {
            guard let index = parameters.firstIndex(of: name) else {
                throw interpreter.error(.wrongArgument, "\(function) has no parameter '\(name.string)'")
            }
            guard values[index] == nil else {
                throw interpreter.error(.wrongArgument, "\(function): '\(name.string)' is given twice")
            }
            values[index] = value
        }
        for index in 0..<required where values[index] == nil {
            throw interpreter.error(.wrongArgument, "\(function) needs '\(parameters[index].string)'")
        }
        return values
    }
}
