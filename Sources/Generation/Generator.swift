import Dispatch
import Terms
public import Tokenizers
public import Transformer

/// Generates answers, one or many at once: all answers in work take each step as one batch, so that the
/// weights are read once for all of them, and what their prompts share is computed once.
///
/// What has been computed is kept from call to call. A prompt reuses the longest beginning of which every
/// token, and what was in force at every token, is the same: another strength computes again what was
/// computed under the old one, and nothing more; rules that act on answers only leave the prompt's rows
/// alone. Rows are forgotten when their room is needed, and when someone else resets the context.
public final class Generator {
    let context: InferenceContext
    let tokenizer: Tokenizer
    var kept = ComputedRows()
    /// The context's revision when `kept` was last true of it.
    var revision: Int

    /// A generator over a context, which it uses alone while it runs.
    public init(_ context: InferenceContext, tokenizer: Tokenizer) {
        self.context = context
        self.tokenizer = tokenizer
        revision = -1
    }

    /// What the last call of `generate` took.
    public internal(set) var timing = GenerationTiming()

    /// Generates an answer to each request.
    ///
    /// - Parameters:
    ///   - requests: What to answer.
    ///   - onText: Gets each piece of text as it is ready, whole characters only, with the number of its
    ///     request; returns whether the answer is still wanted.
    ///   - onToken: Gets each token of the requests that capture something, once the model has read it and
    ///     before the one after the next is chosen; decides how the answer goes on.
    /// - Throws: `GenerationError` or `TransformerError`, before the first piece of text where the input is
    ///   at fault; where what `onToken` adds is, before the next one. Nothing is kept after an error.
    public func generate(
        _ requests: [GenerationRequest], onText: (Int, String) -> Bool = { _, _ in true },
        onToken: TokenWatch = { _, _ in .goOn }
    ) throws -> [Generation] {
        try check(requests)
        timing = GenerationTiming()
        if context.revision != revision { forget() }
        do {
            return try answer(requests, onText, onToken)
        } catch {
            forget()
            throw error
        }
    }

    /// Generates one answer.
    public func generate(
        _ request: GenerationRequest, onText: (String) -> Bool = { _ in true }
    ) throws -> Generation {
        try generate([request]) { _, text in onText(text) }[0]
    }

    /// Gets the number of a request and a token of its answer.
    public typealias TokenWatch = (Int, AnswerToken) throws -> AnswerDecision

    /// Forgets all that was computed.
    public func forget() {
        context.reset()
        kept = ComputedRows()
        revision = context.revision
    }

    private func answer(
        _ requests: [GenerationRequest], _ onText: (Int, String) -> Bool, _ onToken: TokenWatch
    ) throws -> [Generation] {
        var branches = try prefill(requests, onText)
        let start = DispatchTime.now()
        while true {
            for index in branches.indices where branches[index].finishReason == nil {
                if hasPosition(branches[index], requests[index]) { continue }
                finish(&branches[index], .length, number: index, onText)
            }
            let active = branches.indices.filter { branches[$0].finishReason == nil }
            if active.isEmpty { break }
            try step(active, &branches, requests, onText, onToken)
        }
        try watchLast(&branches, requests, onToken)
        timing.decodeSeconds = Self.seconds(since: start)
        return zip(requests, branches).map { request, branch in
            Generation(
                text: branch.text, ids: branch.ids, pieces: branch.pieces,
                cutTokens: branch.ids.count - branch.wholeCount,
                finishReason: branch.finishReason ?? .length,
                promptTokenCount: request.prompt.count, reusedPromptTokens: branch.reusedPromptTokens,
                steeredLayers: Set(branch.plans.flatMap { kept.provedLayers[$0] ?? [] }).sorted(),
                conditions: branch.outcomes)
        }
    }

    private func check(_ requests: [GenerationRequest]) throws {
        for request in requests {
            guard !request.prompt.isEmpty else { throw GenerationError.emptyPrompt }
            guard request.prompt.count < context.capacity else {
                throw GenerationError.promptTooLong(
                    tokens: request.prompt.count, contextSize: context.capacity)
            }
            guard request.maximumTokens >= 0 else {
                throw GenerationError.invalidSetting(
                    name: "number of tokens", found: String(request.maximumTokens), expected: "0 or more")
            }
            try request.program.check(context.model)
        }
    }

    /// How many cells each branch of the running call keeps free for itself.
    var continuation = 0

    // MARK: - Rows

    /// Computes rows and keeps them. Gives the number of each, and the logits of those that want them.
    ///
    /// - Parameter captured: The rows that are read, ascending.
    func run(
        _ pending: PendingRows, captures: Set<HookPoint> = [], of captured: [Int] = []
    ) throws -> (rows: [Int], output: BatchOutput) {
        var batch = Batch(
            captures: captured.isEmpty ? [] : captures, likeliestOnly: pending.likeliestOnly,
            reservedContinuation: continuation)
        var numbers: [Int: Int] = [:]
        var proving: [Int] = []
        for (index, row) in pending.rows.enumerated() {
            if row.plan.number != 0, numbers[row.plan.number] == nil {
                numbers[row.plan.number] = batch.plans.count
                batch.plans.append(kept.plans[row.plan.number])
                if kept.provedLayers[row.plan.number] == nil {
                    proving.append(row.plan.number)
                    batch.provedRows.append(index)
                }
            }
            let parent: Batch.Parent =
                switch row.parent {
                case .beginning: .root
                case .kept(let known): .cell(kept.cell(of: known))
                case .row(let earlier): .row(earlier)
                }
            batch.rows.append(
                Batch.Row(
                    row.token, after: parent, plan: numbers[row.plan.number], wantsLogits: row.wantsLogits))
        }
        for row in captured { batch.rows[row].isCaptured = true }
        let output = try context.forward(batch)
        for (place, plan) in proving.enumerated() {
            let isFull = pending.rows[batch.provedRows[place]].plan.isFull
            kept.provedLayers[plan] = try Self.steeredLayers(output.changes[place], isFull: isFull)
        }
        var rows: [Int] = []
        for (index, row) in pending.rows.enumerated() {
            let parent =
                switch row.parent {
                case .beginning: -1
                case .kept(let known): known
                case .row(let earlier): rows[earlier]
                }
            rows.append(
                kept.insert(row.token, plan: row.plan.number, after: parent, cell: output.cells[index]))
        }
        return (rows, output)
    }

    /// The layers that a plan has steered.
    ///
    /// - Throws: `notSteered` where one of them did not move: an answer that is not steered would look like
    ///   one that is. A small share of a strength may be lost in rounding.
    private static func steeredLayers(
        _ changes: [LayerChange], isFull: Bool
    ) throws(GenerationError) -> [LayerIndex] {
        let unmoved = changes.filter { !$0.isSteered }
        guard unmoved.isEmpty || !isFull else {
            throw .notSteered(unmoved: unmoved.map(\.layer), steeredCount: changes.count - unmoved.count)
        }
        return changes.filter(\.isSteered).map(\.layer)
    }

    // MARK: - Decode

    /// Whether the model can compute a branch's last token: the positions that one text may have end
    /// for each branch by itself.
    func hasPosition(_ branch: Branch, _ request: GenerationRequest) -> Bool {
        context.positionLimit.map { request.prompt.count + branch.ids.count <= $0 } ?? true
    }

    /// The next token of some branches: rows to compute, each branch's among them, and
    /// which of them are read.
    struct Step {
        var pending = PendingRows()
        var rows: [(branch: Int, row: Int)] = []
        var captures: Set<HookPoint> = []
        /// The rows that are read, ascending; a row's place among them is that of its states.
        var captured: [Int] = []
        /// The branches that are watched; another may share a row with one of them.
        var watched: Set<Int> = []
    }

    /// Lays out the next token of some branches, and takes their steering on to it.
    func layStep(
        _ active: [Int], _ branches: inout [Branch], _ requests: [GenerationRequest]
    ) -> Step {
        var step = Step()
        step.pending.likeliestOnly = Self.likeliestNeeded(active.map { branches[$0] })
        for index in active {
            guard let token = branches[index].next else { continue }
            let plan = branches[index].plan(at: token, in: &kept)
            let place = step.pending.place(
                token, plan, after: .kept(branches[index].tip), wantsLogits: true, in: kept)
            guard case .row(let row) = place else { continue }
            step.rows.append((index, row))
            let captures = requests[index].captures.union(branches[index].hooks)
            if captures.isEmpty { continue }
            step.captures.formUnion(captures)
            step.captured.append(row)
            if !requests[index].captures.isEmpty { step.watched.insert(index) }
        }
        step.captured = Set(step.captured).sorted()
        return step
    }

    private func step(
        _ active: [Int], _ branches: inout [Branch], _ requests: [GenerationRequest],
        _ onText: (Int, String) -> Bool, _ onToken: TokenWatch
    ) throws {
        var ahead = branches
        let step = layStep(active, &ahead, requests)
        let rows: [Int]
        let output: BatchOutput
        do {
            (rows, output) = try run(step.pending, captures: step.captures, of: step.captured)
        } catch TransformerError.contextOverflow {
            for index in active { finish(&branches[index], .length, number: index, onText) }
            return
        }
        branches = ahead
        timing.decodeTokens += active.count
        let logits = step.pending.logitsIndices
        let choices = choose(
            step.rows.map {
                (
                    branches[$0.branch].sampler, branches[$0.branch].allowed,
                    logits[$0.row].map(output.logits.row)
                )
            })
        for (place, (index, row)) in step.rows.enumerated() where logits[row] != nil {
            branches[index].tip = rows[row]
            if let place = step.captured.firstIndex(of: row) {
                branches[index].readAnswer(output.states, row: place)
            }
            switch try watch(&branches[index], step, row, output, number: index, onToken) {
            case .end:
                finish(&branches[index], .cancelled, number: index, onText)
                continue
            case .steer(let interventions):
                for intervention in interventions { try context.model.check(intervention) }
                branches[index].add(interventions)
            case .goOn: break
            }
            branches[index].sampler = choices[place].sampler
            try advance(
                &branches[index], to: choices[place].token, requests[index], number: index, onText)
        }
    }

    // MARK: - Choosing

    /// The tokens that the next draws of some branches can come to; nil for all.
    static func likeliestNeeded(_ branches: some Sequence<Branch>) -> LikeliestTokens? {
        var all = LikeliestTokens(count: 1)
        for branch in branches {
            // Inside of a character the few tokens that go on with it may be anywhere among the logits.
            guard branch.stream.isBetweenCharacters, let needed = branch.sampler.likeliestNeeded else {
                return nil
            }
            all = all.union(needed)
        }
        return all
    }

    /// A token that was chosen, nil where no logit is finite, and the sampler after its draw.
    typealias Choice = (sampler: Sampler, token: TokenID?)

    /// Chooses a token for each of some samplers: all threads do, because a look at all logits takes as
    /// long as a hundredth of a step.
    private func choose(
        _ draws: [(sampler: Sampler, allowed: AllowedTokens, logits: ArraySlice<Float>?)]
    ) -> [Choice] {
        var choices: [Choice] = draws.map { ($0.sampler, nil) }
        choices.withUnsafeMutableBufferPointer { choices in
            nonisolated(unsafe) let choices = choices
            context.forEach(below: draws.count) { index in
                let (_, allowed, logits) = draws[index]
                choices[index].token = logits.flatMap {
                    choices[index].sampler.sample($0, admission: allowed.admission)
                }
            }
        }
        return choices
    }

    /// Takes the branch on to a token, or ends it.
    func advance(
        _ branch: inout Branch, to token: TokenID?, _ request: GenerationRequest, number: Int,
        _ onText: (Int, String) -> Bool
    ) throws(GenerationError) {
        guard branch.ids.count < request.maximumTokens else {
            finish(&branch, .length, number: number, onText)
            return
        }
        guard let token else {
            throw .notFinite(
                afterTokens: branch.ids.count, isSteered: !request.program.isEmpty,
                isExact: context.precision == .exact)
        }
        if tokenizer.endOfGeneration.contains(token), !request.ignoresEndOfGeneration {
            finish(&branch, .stop, number: number, onText)
            return
        }
        let piece = branch.take(token)
        if !piece.isEmpty, !onText(number, piece) {
            finish(&branch, .cancelled, number: number, onText)
        } else if branch.ids.count == request.maximumTokens {
            finish(&branch, .length, number: number, onText)
        }
    }

    func finish(
        _ branch: inout Branch, _ reason: FinishReason, number: Int, _ onText: (Int, String) -> Bool
    ) {
        branch.finishReason = reason
        let rest = branch.stream.finish(isCut: reason != .stop)
        if rest.isEmpty { return }
        branch.text += rest
        branch.wholeCount = branch.ids.count
        if !branch.pieces.isEmpty { branch.pieces[branch.pieces.count - 1] += rest }
        _ = onText(number, rest)
    }

    static func seconds(since start: DispatchTime) -> Double {
        Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
    }
}
