import Terms
import Tokenizers

/// One answer in work.
struct Branch {
    var sampler: Sampler
    var stream = UTF8Stream()
    var ids: [TokenID] = []
    var text = ""
    var next: TokenID?
    var finishReason: FinishReason?
    var reusedPromptTokens = 0
    /// The kept row that the next token follows.
    var tip = -1
    /// What steers the text, and where it has come to in it.
    private var steering: SteeringState
    private let program: SteeringProgram
    /// The plan of each combination of levels that has occurred.
    private var planOfLevels: [[Int]: Int] = [:]
    /// The plans that have been in force.
    private(set) var plans: Set<Int> = []
    private let tokenizer: Tokenizer

    init(_ request: GenerationRequest, _ tokenizer: Tokenizer) throws(GenerationError) {
        sampler = try Sampler(request.sampling)
        program = request.program
        self.tokenizer = tokenizer
        steering = SteeringState(
            request.program, promptCount: request.prompt.count, earlier: request.earlierAnswers)
    }

    /// The number of what is in force at the text's next token, and whether every rule of it acts with its full strength.
    mutating func plan(at token: TokenID, in kept: inout ComputedRows) -> PendingRows.Plan {
        if program.isEmpty { return (0, true) }
        let levels = steering.levels(at: token, tokenizer)
        let number = planOfLevels[levels] ?? kept.plan(program.interventions(at: levels))
        planOfLevels[levels] = number
        plans.insert(number)
        return (number, levels.allSatisfy { $0 == 0 || $0 == SteeringSchedule.steps })
    }
}
