/// Walks the statements of one template for one rendering.
///
/// Everything that a template can make large or endless is counted here: steps, depth, the bytes of every
/// text. Whatever it makes is dropped at the end by `dismantle`.
final class Interpreter {
    let tree: SyntaxTree
    let limits: RenderingLimits
    let time: CalendarTime?
    var scopes: Scopes
    var output = TextBuilder()
    /// The byte of the source that an error points at.
    var offset = 0
    private(set) var stepsLeft: Int
    private var depth = 0
    private let stack = StackMeter()
    /// Every list, dictionary and loop that was made. A template can nest them without end or in circles, so
    /// that releasing them one inside the other would recurse or never happen.
    private var lists: [ListBox] = []
    private var dictionaries: [DictionaryBox] = []
    private var loops: [LoopState] = []

    /// How a list of statements ended.
    enum Flow {
        case normal
        case breakLoop
        case continueLoop
    }

    init(_ tree: SyntaxTree, limits: RenderingLimits, time: CalendarTime?) {
        self.tree = tree
        self.limits = limits
        self.time = time
        scopes = Scopes(nameCount: tree.names.names.count)
        stepsLeft = limits.steps
        defineFunctions()
    }

    /// Empties every container, so that what refers to itself is released too.
    func dismantle() {
        scopes = Scopes(nameCount: 0)
        for list in lists { list.items = [] }
        for dictionary in dictionaries { dictionary.members = Members() }
        for loop in loops {
            loop.items = []
            loop.lastChanged = nil
        }
    }

    // MARK: - Variables of the whole rendering

    /// Defines a variable, if the template reads it.
    func define(_ name: String, _ value: () throws(ChatTemplateError) -> Value) throws(ChatTemplateError) {
        if let number = tree.names.number(of: name) { scopes.define(global: number, try value()) }
    }

    private func defineFunctions() {
        for function in GlobalFunction.allCases {
            guard let number = tree.names.number(of: function.rawValue) else { continue }
            scopes.define(global: number, .function(.global(function)))
        }
    }

    // MARK: - Containers

    func makeList(_ items: [Value], isTuple: Bool = false) throws(ChatTemplateError) -> Value {
        try chargeContainer(of: items.count)
        let box = ListBox(items, isTuple: isTuple)
        lists.append(box)
        return .list(box)
    }

    func makeDictionary(_ members: Members) throws(ChatTemplateError) -> Value {
        .dictionary(try makeDictionaryBox(members))
    }

    func makeDictionaryBox(_ members: Members) throws(ChatTemplateError) -> DictionaryBox {
        try chargeContainer(of: members.count)
        try step(members.rehashingSteps)
        let box = DictionaryBox(members)
        dictionaries.append(box)
        return box
    }

    /// Counts a new container, which is kept until the end, and what it holds.
    private func chargeContainer(of count: Int) throws(ChatTemplateError) {
        try step()
        try charge(values: count)
    }

    func makeLoop(_ items: [Value]) -> LoopState {
        let loop = LoopState(items)
        loops.append(loop)
        return loop
    }

    // MARK: - Errors and limits

    func error(_ kind: ChatTemplateError.Kind, _ explanation: String) -> ChatTemplateError {
        tree.source.error(kind, explanation, at: offset)
    }

    func step(_ count: Int = 1) throws(ChatTemplateError) {
        stepsLeft -= count
        if stepsLeft < 0 {
            throw error(
                .budgetExceeded, "the template needs more than \(limits.steps) steps for this conversation")
        }
    }

    /// Counts the copying of that many bytes of text, and refuses a text that long if it is over the limit.
    func charge(bytes count: Int) throws(ChatTemplateError) {
        guard count <= limits.textBytes else {
            throw error(.budgetExceeded, "a text grows over \(limits.textBytes) bytes")
        }
        try step(count / 64)
    }

    /// Counts the copying of that many values, or the sharing of values that a change would copy.
    func charge(values count: Int) throws(ChatTemplateError) {
        try step(count / 2)
    }

    /// Goes one level down; `leave` comes back.
    func enter() throws(ChatTemplateError) {
        depth += 1
        if depth > limits.depth || stack.isExhausted {
            throw error(.tooDeep, "nested too deep while rendering: at most \(limits.depth) levels")
        }
    }

    func leave() {
        depth -= 1
    }

    // MARK: - Output

    func write(_ text: Text) throws(ChatTemplateError) {
        try charge(bytes: text.bytes.count)
        guard output.count + text.bytes.count <= limits.textBytes else {
            throw error(.budgetExceeded, "the rendered text grows over \(limits.textBytes) bytes")
        }
        output.append(text)
    }

    /// The text that the statements write, and how they ended.
    func capture(_ body: [Statement]) throws(ChatTemplateError) -> (text: Text, flow: Flow) {
        let outer = output
        output = TextBuilder()
        defer { output = outer }
        let flow = try execute(body)
        return (output.finished(), flow)
    }
}
