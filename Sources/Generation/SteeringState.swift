import Terms
import Tokenizers

/// Where the rules of a program stand in one text that is read token by token.
struct SteeringState {
    private var program: SteeringProgram
    /// The tokens that belong to answers, ascending: each begins with the token before the answer's first. The last has no
    /// end: it is the answer that is being made.
    private let answers: [Range<Int>]
    private var readsRegions: Bool
    private var regions = OpenRegions()
    /// The number of the next token in the text.
    private var position = 0
    /// The answer that the next token belongs to, or the first after it.
    private var answer = 0

    /// The beginning of a text.
    ///
    /// - Parameters:
    ///   - promptCount: How many tokens are there before the answer begins.
    ///   - earlier: Which of them are earlier answers.
    init(_ program: SteeringProgram, promptCount: Int, earlier: [Range<Int>]) {
        self.program = program
        answers =
            earlier.filter { !$0.isEmpty && $0.upperBound < promptCount }
            .sorted { $0.lowerBound < $1.lowerBound }
            .map { $0.lowerBound - 1..<$0.upperBound } + [promptCount - 1..<Int.max]
        readsRegions = program.rules.contains { !$0.schedule.pauses.isEmpty }
    }

    /// Adds rules that act from the next token on. They are at the end of the order.
    mutating func add(_ rules: [SteeringRule]) {
        program.rules += rules
        readsRegions = program.rules.contains { !$0.schedule.pauses.isEmpty }
    }

    /// Goes on to the next token while there is no rule.
    mutating func skip() { position += 1 }

    /// Goes on to the next token, and gives with which share of its strength each rule acts on it. [rules], in 64ths
    mutating func levels(at token: TokenID, _ tokenizer: Tokenizer) -> [Int] {
        while answers[answer].upperBound <= position { answer += 1 }
        let isAnswer = answers[answer].contains(position)
        let indexInAnswer = position - answers[answer].lowerBound
        if readsRegions { regions.read(token, tokenizer) }
        defer { position += 1 }
        return program.rules.map { rule in
            let schedule = rule.schedule
            if schedule.pauses.contains(where: regions.contains) { return 0 }
            switch schedule.part {
            case .all: return schedule.level(at: position)
            case .prompt: return isAnswer ? 0 : schedule.level(at: position)
            case .answer: return isAnswer ? schedule.level(at: indexInAnswer) : 0
            }
        }
    }
}
