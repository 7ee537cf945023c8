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
    /// How many of the tokens have a part in the text; those behind them only begin a character.
    var wholeCount = 0
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
    /// Whether rules came to others in the middle of the answer. They may take away what the others add, and
    /// what is left of both need not be large enough to prove anything.
    private var isMixed = false
    /// The plan of each combination of levels that has occurred.
    private var planOfLevels: [[Int]: Int] = [:]
    /// The plans that have been in force.
    private(set) var plans: Set<Int> = []
    private let tokenizer: Tokenizer
    private let allowsEmpty: Bool
    /// The scripts of the prompt and of what has been said; nil where any may be drawn.
    private var scripts: Set<Script>?

    init(_ request: GenerationRequest, _ tokenizer: Tokenizer) throws(GenerationError) {
        sampler = try Sampler(request.sampling, suppressing: tokenizer.suppressed)
        sampler.read(prompt: request.prompt)
        program = request.program
        self.tokenizer = tokenizer
        allowsEmpty = request.sampling.allowsEmpty
        if request.sampling.keepsScript {
            let prompt = String(decoding: request.prompt.flatMap { tokenizer.bytes(of: $0) }, as: UTF8.self)
            // Names, units and code are Latin beside any script.
            scripts = Script.all(in: prompt).union([.latin])
        }
        steering = SteeringState(
            request.program, promptCount: request.prompt.count, earlier: request.earlierAnswers,
            continuesText: request.continuesText)
    }

    /// Adds interventions that are in force at all that follows.
    mutating func add(_ interventions: [Intervention]) {
        isMixed = isMixed || !program.isEmpty
        let added = SteeringProgram(always: interventions).rules
        program.rules += added
        steering.add(added)
        planOfLevels = [:]
    }

    /// The number of what is in force at the text's next token, and whether every rule of it
    /// acts with its full strength.
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

    /// What the conditions came to at the prompt's end, in the order of their rules.
    var outcomes: [SteeringCondition.Outcome] { steering.outcomes }

    /// How many tokens, the last ones of the prompt, have to be read for them; 0 for none.
    var readLength: Int { steering.readLength }

    /// Takes the readings of the prompt's last tokens, and decides which rules act. Says whether the prompt
    /// has to be read again under them; the branch is then at its beginning.
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
            stream: stream, mustSpeak: !allowsEmpty && text.allSatisfy(\.isWhitespace), scripts: scripts,
            tokenizer: tokenizer)
    }

    /// Takes a token, and answers the text that is complete with it. Tokens that steer the model, or that the
    /// file says are no text, are no part of what it says, as in llama.cpp's output.
    mutating func take(_ token: TokenID) -> String {
        sampler.accept(token)
        ids.append(token)
        next = token
        let piece = tokenizer.isSilent(token) ? "" : stream.append(tokenizer.bytes(of: token))
        text += piece
        pieces.append(piece)
        if !piece.isEmpty || stream.isBetweenCharacters { wholeCount = ids.count }
        scripts?.formUnion(Script.all(in: piece))
        return piece
    }
}
