import Dispatch
import Terms
import Tokenizers
import Transformer

extension Generator {
    /// The prompts of some requests, as far as they are not kept.
    struct Prompts {
        var pending = PendingRows()
        /// By the number of the request.
        var texts: [Int: Text] = [:]
        var captures: Set<HookPoint> = []
        /// The rows that are read, ascending; a row's place among them is that of its states.
        var captured: [Int] = []

        /// One prompt: its branch behind it, its last row, the rows of it that are read, and how
        /// many need not be computed.
        struct Text {
            var branch: Branch
            var end: PendingRows.Place
            var read: [Int]
            var reused: Int
        }
    }

    func prefill(
        _ requests: [GenerationRequest], _ onText: (Int, String) -> Bool
    ) throws -> [Branch] {
        let start = DispatchTime.now()
        let beginnings = try requests.map { request throws(GenerationError) in
            try Branch(request, tokenizer)
        }
        let all = Dictionary(uniqueKeysWithValues: beginnings.enumerated().map { ($0, $1) })
        var prompts = place(all, requests)
        if makeRoom(for: prompts.pending, requests) { prompts = place(all, requests) }
        continuation = 0
        var branches = beginnings
        var logits = try read(prompts, into: &branches)
        let again = branches.indices.filter { logits[$0] == nil }
        if !again.isEmpty {
            let second = Dictionary(uniqueKeysWithValues: again.map { ($0, branches[$0]) })
            logits.merge(try readAgain(second, requests, into: &branches)) { $1 }
        }
        // A second reading reuses rows of the first, which this call has computed.
        for (number, text) in prompts.texts { branches[number].reusedPromptTokens = text.reused }
        timing.reusedTokens = branches.reduce(0) { $0 + $1.reusedPromptTokens }
        timing.prefillSeconds = Self.seconds(since: start)
        // The last token of an answer is never computed, and the first takes its cell from the run itself.
        let longest = requests.map(\.maximumTokens).max() ?? 0
        continuation = requests.count > 1 ? max(0, longest - 2) : 0
        for index in requests.indices {
            guard let logits = logits[index] else { continue }
            let allowed = branches[index].allowed
            let token = branches[index].sampler.sample(logits, admission: allowed.admission)
            try advance(&branches[index], to: token, requests[index], number: index, onText)
        }
        return branches
    }

    /// Lays prompts over what is kept. `branches`: at their beginnings, by the number of the request
    private func place(_ branches: [Int: Branch], _ requests: [GenerationRequest]) -> Prompts {
        var prompts = Prompts()
        prompts.pending.likeliestOnly = Self.likeliestNeeded(branches.values)
        for (number, beginning) in branches.sorted(by: { $0.key < $1.key }) {
            var branch = beginning
            let tokens = requests[number].prompt
            var place = PendingRows.Place.beginning
            let known = prompts.pending.rows.count
            // What stands at the very start attracts attention whatever it is: it says nothing of the text.
            let firstRead = max(tokens.count > 1 ? 1 : 0, tokens.count - branch.readLength)
            var read: [Int] = []
            for (index, token) in tokens.enumerated() {
                let isRead = branch.readLength > 0 && index >= firstRead
                let plan = branch.plan(at: token, in: &kept)
                // The last row has company, as in a first reading: alone it would be
                // added up in another order.
                place = prompts.pending.place(
                    token, plan, after: place, wantsLogits: index == tokens.count - 1,
                    isNew: isRead || index >= tokens.count - 2, in: kept)
                if isRead, case .row(let row) = place { read.append(row) }
            }
            prompts.captures.formUnion(branch.hooks)
            prompts.captured += read
            prompts.texts[number] = Prompts.Text(
                branch: branch, end: place, read: read,
                reused: tokens.count - (prompts.pending.rows.count - known))
        }
        prompts.captured = Set(prompts.captured).sorted()
        return prompts
    }

    /// Computes prompts, and decides by their readings which rules act. Gives the logits behind each prompt
    /// that need not be read again; the branches of the others are at their beginnings.
    private func read(_ prompts: Prompts, into branches: inout [Branch]) throws -> [Int: ArraySlice<Float>] {
        let (rows, output) = try run(prompts.pending, captures: prompts.captures, of: prompts.captured)
        timing.prefillTokens += prompts.pending.rows.count
        let logitsRows = prompts.pending.logitsIndices
        let places = Dictionary(uniqueKeysWithValues: prompts.captured.enumerated().map { ($1, $0) })
        var logits: [Int: ArraySlice<Float>] = [:]
        for (number, text) in prompts.texts {
            branches[number] = text.branch
            let isAgain = branches[number].readPrompt(
                output.states, rows: text.read.compactMap { places[$0] })
            guard !isAgain, case .row(let row) = text.end, let logitsRow = logitsRows[row] else { continue }
            branches[number].tip = rows[row]
            logits[number] = output.logits.row(logitsRow)
        }
        return logits
    }

    /// Computes prompts under the rules that their own readings have called for.
    private func readAgain(
        _ beginnings: [Int: Branch], _ requests: [GenerationRequest], into branches: inout [Branch]
    ) throws -> [Int: ArraySlice<Float>] {
        var prompts = place(beginnings, requests)
        let needed = requests.reduce(prompts.pending.rows.count) { $0 + $1.maximumTokens }
        if beginnings.count == requests.count, context.freeCells < needed {
            // No room for both readings and the answers: the first reading has served its purpose.
            forget(allBut: prompts.pending.reused)
            prompts = place(beginnings.mapValues(\.withoutPlans), requests)
        }
        return try read(prompts, into: &branches)
    }

    /// Forgets what others have left, where the room is needed, and says whether it has.
    private func makeRoom(for pending: PendingRows, _ requests: [GenerationRequest]) -> Bool {
        // A prompt that calls for a rule is read a second time.
        let needed = requests.reduce(pending.rows.count) {
            $0 + max(0, $1.maximumTokens - 1) + ($1.program.readsStates ? $1.prompt.count : 0)
        }
        guard context.freeCells < min(needed, context.capacity) else { return false }
        forget(allBut: pending.reused)
        return true
    }

    /// Forgets all rows but some and those before them; plans have other numbers afterwards.
    private func forget(allBut rows: Set<Int>) {
        context.forget(allBut: kept.forget(allBut: rows))
        revision = context.revision
    }
}
