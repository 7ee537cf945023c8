import Terms
import Tokenizers
import Transformer

/// One answer in work.
struct Branch {
    var sampler: Sampler
    var stream = UTF8Stream()
    var ids: [TokenID] = []
    var text = ""
    /// The text that each token completes. [ids]
    var pieces: [String] = []
    /// How many of the tokens have been handed to whoever watches the answer.
    var watchedCount = 0
    var next: TokenID?
    var finishReason: FinishReason?
    var reusedPromptTokens = 0
    /// The kept row that the next token follows.
    var tip = -1
    /// What steers the text, and where it has come to in it.
    private var steering: SteeringState
    private var program: SteeringProgram
    /// Whether rules came to others in the middle of the answer. They may take away what the others add, and what is left of
    /// both need not be large enough to prove anything.
    private var isMixed = false
    /// The plan of each combination of levels that has occurred.
    private var planOfLevels: [[Int]: Int] = [:]
    /// The plans that have been in force.
    private(set) var plans: Set<Int> = []
    private let tokenizer: Tokenizer
    private let allowsEmpty: Bool

    init(_ request: GenerationRequest, _ tokenizer: Tokenizer) throws(GenerationError) {
        sampler = try Sampler(request.sampling)
        sampler.read(prompt: request.prompt)
        program = request.program
        self.tokenizer = tokenizer
        allowsEmpty = request.sampling.allowsEmpty
        steering = SteeringState(
            request.program, promptCount: request.prompt.count, earlier: request.earlierAnswers)
    }

    /// Adds rules that act on all that follows.
    mutating func add(_ rules: [SteeringRule]) {
        isMixed = isMixed || !program.isEmpty
        program.rules += rules
        steering.add(rules)
        planOfLevels = [:]
    }

    /// The number of what is in force at the text's next token, and whether every rule of it acts with its full strength.
    mutating func plan(at token: TokenID, in kept: inout ComputedRows) -> PendingRows.Plan {
        if program.isEmpty {
            steering.skip()
            return (0, true)
        }
        let levels = steering.levels(at: token, tokenizer)
        let number = planOfLevels[levels] ?? kept.plan(program.interventions(at: levels))
        planOfLevels[levels] = number
        plans.insert(number)
        return (
            number, !isMixed && levels.allSatisfy { $0 == 0 || $0 == SteeringSchedule.steps }
        )
    }

    // MARK: - Readings

    /// What has to be captured for the program's conditions and holds.
    var hooks: Set<HookPoint> { steering.hooks }

    /// How many tokens, the last ones of the prompt, have to be read for them; 0 for none.
    var readLength: Int { steering.readLength }

    /// Takes the readings of the prompt's last tokens, and decides which rules act. Says whether the prompt has to be read again
    /// under them; the branch is then at its beginning.
    mutating func readPrompt(_ states: [HookPoint: HiddenStates], rows: [Int]) -> Bool {
        for row in rows { steering.readPrompt(states, row: row) }
        guard steering.endPrompt() else { return false }
        steering.restart()
        return true
    }

    /// The same where plans have lost their numbers, because everything was forgotten.
    var withoutPlans: Branch {
        var branch = self
        branch.planOfLevels = [:]
        branch.plans = []
        return branch
    }

    /// Takes the readings of the token that was computed last.
    mutating func readAnswer(_ states: [HookPoint: HiddenStates], row: Int) {
        steering.readAnswer(states, row: row)
    }
}

extension Branch {
    /// What may come next.
    var allowed: AllowedTokens {
        AllowedTokens(
            stream: stream, mustSpeak: !allowsEmpty && text.allSatisfy(\.isWhitespace), tokenizer: tokenizer)
    }
}

/// The tokens with which an answer may go on.
struct AllowedTokens {
    fileprivate let stream: UTF8Stream
    /// Whether the answer may not end yet, because nothing has been said.
    fileprivate let mustSpeak: Bool
    fileprivate let tokenizer: Tokenizer

    /// Whether a token goes on with the text as whole characters, neither beginning nor ending it inside of one and spelling no half,
    /// and does not end it too early.
    func contains(_ token: TokenID) -> Bool {
        let isEnd = tokenizer.endOfGeneration.contains(token)
        if isEnd, mustSpeak { return false }
        return isEnd || tokenizer.isSpecial(token)
            ? stream.isBetweenCharacters : stream.accepts(tokenizer.bytes(of: token))
    }
}
