import Terms
import Tokenizers
import Transformer

/// Where the rules of a program stand in one text that is read token by token.
struct SteeringState {
    private var program: SteeringProgram
    /// The tokens that belong to answers, ascending: each begins with the token before the answer's first.
    /// The last has no end: it is the answer that is being made.
    private let answers: [Range<Int>]
    /// Whether the answer that is being made goes on with the text before it.
    private let continuesText: Bool
    private let readsRegions: Bool
    private var regions = OpenRegions()
    /// The number of the next token in the text.
    private var position = 0
    /// The answer that the next token belongs to, or the first after it.
    private var answer = 0
    /// What is read for each rule, and what follows from it. [rules]
    private var gauges: [RuleGauge]
    /// Whether the prompt has been read once, so that conditions are decided and holds
    /// have taken their first step.
    private var isDecided = false

    /// The beginning of a text.
    ///
    /// - Parameters:
    ///   - promptCount: How many tokens are there before the answer begins.
    ///   - earlier: Which of them are earlier answers.
    ///   - continuesText: Whether the answer that is being made goes on with the text before it.
    init(
        _ program: SteeringProgram, promptCount: Int, earlier: [Range<Int>], continuesText: Bool = false
    ) {
        self.program = program
        self.continuesText = continuesText
        answers =
            earlier.filter { !$0.isEmpty && $0.upperBound < promptCount }
            .sorted { $0.lowerBound < $1.lowerBound }
            .map { $0.lowerBound - 1..<$0.upperBound } + [promptCount - 1..<Int.max]
        readsRegions = program.rules.contains { !$0.schedule.pauses.isEmpty }
        gauges = program.rules.map(RuleGauge.init)
    }

    /// Adds rules that are in force at every token from the next on. They are at the end of the order.
    mutating func add(_ rules: [SteeringRule]) {
        program.rules += rules
        gauges += rules.map(RuleGauge.init)
    }

    /// Goes on to the next token while there is no rule.
    mutating func skip() { position += 1 }

    /// Goes on to the next token, and gives with which share of its strength each rule
    /// acts on it. [rules], in 64ths
    mutating func levels(at token: TokenID, _ tokenizer: Tokenizer) -> [Int] {
        while answers[answer].upperBound <= position { answer += 1 }
        let isAnswer = answers[answer].contains(position)
        let indexInAnswer = position - answers[answer].lowerBound
        if readsRegions {
            regions.read(token, tokenizer)
            let isLast = answer == answers.count - 1
            if indexInAnswer == 0, !(continuesText && isLast) { regions.beginAnswer() }
        }
        defer { position += 1 }
        return zip(program.rules, gauges).map { rule, gauge in
            let schedule = rule.schedule
            if schedule.pauses.contains(where: regions.contains) { return 0 }
            switch schedule.part {
            case .all: return gauge.level(schedule.level(at: position))
            case .prompt: return isAnswer ? 0 : gauge.level(schedule.level(at: position))
            case .answer: return isAnswer ? gauge.level(schedule.level(at: indexInAnswer)) : 0
            }
        }
    }

    // MARK: - Readings

    /// What has to be captured of each token that is read.
    var hooks: Set<HookPoint> {
        gauges.reduce(into: []) { hooks, gauge in
            for reading in gauge.rule.readings { hooks.formUnion(reading.hooks) }
        }
    }

    /// How many tokens, the last ones of the prompt, have to be read; 0 where nothing is.
    var readLength: Int { gauges.flatMap(\.rule.readings).map(\.window).max() ?? 0 }

    /// What the conditions came to at the prompt's end, in the order of their rules.
    var outcomes: [SteeringCondition.Outcome] { gauges.compactMap(\.outcome) }

    /// Takes the readings of a token of the prompt. `row`: its place among the captured rows
    mutating func readPrompt(_ states: [HookPoint: HiddenStates], row: Int) {
        for index in gauges.indices { gauges[index].append(states, row: row) }
    }

    /// Decides, at the prompt's end, which rules act. Says whether the prompt has to be read again under
    /// them: it has been read without the rules that depend on a reading. A second reading decides
    /// nothing: it is the same end.
    mutating func endPrompt() -> Bool {
        if isDecided { return false }
        isDecided = true
        for index in gauges.indices { gauges[index].decide(atPromptEnd: true) }
        return gauges.contains(where: \.actsByReading)
    }

    /// Goes back to the text's beginning, with what has been decided.
    mutating func restart() {
        position = 0
        answer = 0
        regions = OpenRegions()
        for index in gauges.indices { gauges[index].forgetReadings() }
    }

    /// Takes the readings of a token of the answer, and decides which rules act on the next.
    mutating func readAnswer(_ states: [HookPoint: HiddenStates], row: Int) {
        for index in gauges.indices {
            gauges[index].append(states, row: row)
            gauges[index].decide(atPromptEnd: false)
        }
    }
}
