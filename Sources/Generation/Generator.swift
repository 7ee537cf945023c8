import Dispatch
import Terms
public import Tokenizers
public import Transformer

/// Generates answers, one or many at once: all answers in work take each step as one batch, so that the weights are
/// read once for all of them, and what their prompts share is computed once.
public final class Generator {
    private let context: InferenceContext
    private let tokenizer: Tokenizer

    /// A generator over a context, which it uses alone while it runs.
    public init(_ context: InferenceContext, tokenizer: Tokenizer) {
        self.context = context
        self.tokenizer = tokenizer
    }

    /// What the last call of `generate` took.
    public private(set) var timing = GenerationTiming()

    /// One answer in work.
    private struct Branch {
        var sampler: Sampler
        var stream = UTF8Stream()
        var ids: [TokenID] = []
        var text = ""
        var tip: Cell
        var next: TokenID?
        var finishReason: FinishReason?
        var steeredLayers: [LayerIndex] = []
    }

    /// Generates an answer to each request.
    ///
    /// - Parameters:
    ///   - requests: What to answer. The cache is emptied first.
    ///   - onText: Gets each piece of text as it is ready, whole characters only, with the number of its request;
    ///     returns whether the answer is still wanted.
    /// - Throws: `GenerationError` or `TransformerError`, before the first piece of text where the input is at fault.
    public func generate(
        _ requests: [GenerationRequest], onText: (Int, String) -> Bool = { _, _ in true }
    ) throws -> [Generation] {
        try check(requests)
        timing = GenerationTiming()
        context.reset()
        let plans = requests.map(\.interventions)
        var branches = try prefill(requests, plans: plans, onText)
        let start = DispatchTime.now()
        while true {
            let active = branches.indices.filter { branches[$0].finishReason == nil }
            if active.isEmpty { break }
            try step(active, &branches, requests, plans: plans, onText)
        }
        timing.decodeSeconds = Self.seconds(since: start)
        return zip(requests, branches).map { request, branch in
            Generation(
                text: branch.text, ids: branch.ids, finishReason: branch.finishReason ?? .length,
                promptTokenCount: request.prompt.count, steeredLayers: branch.steeredLayers)
        }
    }

    /// Generates one answer.
    public func generate(
        _ request: GenerationRequest, onText: (String) -> Bool = { _ in true }
    ) throws -> Generation {
        try generate([request]) { _, text in onText(text) }[0]
    }

    private func check(_ requests: [GenerationRequest]) throws(GenerationError) {
        for request in requests {
            guard !request.prompt.isEmpty else { throw .emptyPrompt }
            guard request.prompt.count < context.capacity else {
                throw .promptTooLong(tokens: request.prompt.count, contextSize: context.capacity)
            }
            guard request.maximumTokens >= 0 else {
                throw .invalidSetting(
                    name: "number of tokens", found: String(request.maximumTokens), expected: "0 or more")
            }
        }
    }

    // MARK: - Prefill

    private func prefill(
        _ requests: [GenerationRequest], plans: [[Intervention]], _ onText: (Int, String) -> Bool
    ) throws -> [Branch] {
        let start = DispatchTime.now()
        var trie = BatchTrie()
        var lastRows: [Int] = []
        for (index, request) in requests.enumerated() {
            // Requests with equal interventions share the rows of the first of them.
            let plan = plans.firstIndex(of: request.interventions) ?? index
            guard let row = trie.insert(request.prompt, plan: request.interventions.isEmpty ? nil : plan)
            else {
                throw GenerationError.emptyPrompt
            }
            trie.wantLogits(of: row)
            lastRows.append(row)
        }
        let longest = requests.map(\.maximumTokens).max() ?? 0
        let proved = Self.firstSteeredRows(trie.rows, plans)
        let output = try context.forward(Batch(rows: trie.rows, plans: plans, provedRows: proved.map(\.row)))
        let steered = try Self.steeredLayers(proved.map(\.plan), output.changes)
        timing.prefillTokens = trie.rows.count
        timing.prefillSeconds = Self.seconds(since: start)
        // The last token of an answer is never computed, and the first takes its cell from the run itself.
        continuation = requests.count > 1 ? max(0, longest - 2) : 0

        let logitsRows = trie.rows.indices.filter { trie.rows[$0].wantsLogits }
        var branches: [Branch] = []
        for (index, request) in requests.enumerated() {
            var sampler = try Sampler(request.sampling)
            for token in request.prompt { sampler.accept(token) }
            var branch = Branch(sampler: sampler, tip: output.cells[lastRows[index]])
            branch.steeredLayers = plans.firstIndex(of: request.interventions).flatMap { steered[$0] } ?? []
            let row = logitsRows.firstIndex(of: lastRows[index]) ?? 0
            try advance(&branch, with: output.logits.row(row), request, number: index, onText)
            branches.append(branch)
        }
        return branches
    }

    /// How many cells each branch of the running call keeps free for itself.
    private var continuation = 0

    // MARK: - Proof

    /// The first row under each plan: the first steered token.
    private static func firstSteeredRows(
        _ rows: [Batch.Row], _ plans: [[Intervention]]
    ) -> [(plan: Int, row: Int)] {
        var first: [Int: Int] = [:]
        for (index, row) in rows.enumerated() {
            if let plan = row.plan, first[plan] == nil { first[plan] = index }
        }
        return first.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The layers that each plan has steered.
    ///
    /// - Throws: `notSteered` where one of them did not move: an answer that is not steered would look like one that is.
    private static func steeredLayers(
        _ plans: [Int], _ changes: [[LayerChange]]
    ) throws(GenerationError) -> [Int: [LayerIndex]] {
        var layers: [Int: [LayerIndex]] = [:]
        for (plan, changes) in zip(plans, changes) {
            let unmoved = changes.filter { !$0.isSteered }
            guard unmoved.isEmpty else {
                throw .notSteered(
                    unmoved: unmoved.map(\.layer), steeredCount: changes.count - unmoved.count)
            }
            layers[plan] = changes.map(\.layer)
        }
        return layers
    }

    // MARK: - Decode

    private func step(
        _ active: [Int], _ branches: inout [Branch], _ requests: [GenerationRequest],
        plans: [[Intervention]], _ onText: (Int, String) -> Bool
    ) throws {
        var batch = Batch(plans: plans, reservedContinuation: continuation)
        for index in active {
            guard let token = branches[index].next else { continue }
            batch.rows.append(
                Batch.Row(
                    token, after: .cell(branches[index].tip),
                    plan: requests[index].interventions.isEmpty ? nil : index, wantsLogits: true))
        }
        let output: BatchOutput
        do {
            output = try context.forward(batch)
        } catch .contextOverflow {
            guard continuation == 0 else {
                continuation = 0
                return
            }
            for index in active { finish(&branches[index], .length, number: index, onText) }
            return
        }
        timing.decodeTokens += active.count
        for (row, index) in active.enumerated() {
            branches[index].tip = output.cells[row]
            try advance(
                &branches[index], with: output.logits.row(row), requests[index], number: index, onText)
        }
    }

    /// Chooses the token after the branch's tip, or ends the branch.
    private func advance(
        _ branch: inout Branch, with logits: ArraySlice<Float>, _ request: GenerationRequest, number: Int,
        _ onText: (Int, String) -> Bool
    ) throws(GenerationError) {
        guard branch.ids.count < request.maximumTokens else {
            finish(&branch, .length, number: number, onText)
            return
        }
        guard let token = branch.sampler.sample(logits) else {
            throw .notFinite(afterTokens: branch.ids.count)
        }
        if tokenizer.endOfGeneration.contains(token), !request.ignoresEndOfGeneration {
            finish(&branch, .stop, number: number, onText)
            return
        }
        branch.sampler.accept(token)
        branch.ids.append(token)
        branch.next = token
        // Tokens that steer the model are no part of what it says, as in llama.cpp's output.
        let piece = tokenizer.isSpecial(token) ? "" : branch.stream.append(tokenizer.bytes(of: token))
        branch.text += piece
        if !piece.isEmpty, !onText(number, piece) {
            finish(&branch, .cancelled, number: number, onText)
        } else if branch.ids.count == request.maximumTokens {
            finish(&branch, .length, number: number, onText)
        }
    }

    private func finish(
        _ branch: inout Branch, _ reason: FinishReason, number: Int, _ onText: (Int, String) -> Bool
    ) {
        branch.finishReason = reason
        let rest = branch.stream.finish()
        branch.text += rest
        if !rest.isEmpty, reason != .cancelled { _ = onText(number, rest) }
    }

    private static func seconds(since start: DispatchTime) -> Double {
        Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
    }
}
