import Terms
import Transformer

extension Generator {
    /// Hands a branch's last token to whoever watches it.
    func watch(
        _ branch: inout Branch, _ step: Step, _ row: Int, _ output: BatchOutput, number: Int,
        _ onToken: TokenWatch
    ) throws -> AnswerDecision {
        guard step.watched.contains(number), let place = step.captured.firstIndex(of: row),
            let id = branch.ids.last
        else { return .goOn }
        let token = AnswerToken(
            id: id, index: branch.ids.count - 1, text: branch.pieces.last ?? "",
            isAnswerOver: branch.finishReason != nil, states: output.states, row: place)
        branch.watchedCount = branch.ids.count
        return try onToken(number, token)
    }

    /// Computes the last tokens of answers that are watched: no token after them has asked for them. Those of
    /// answers that nobody wants any more, too: their text has been given away.
    func watchLast(
        _ branches: inout [Branch], _ requests: [GenerationRequest], _ onToken: TokenWatch
    ) throws {
        let unwatched = branches.indices.filter {
            !requests[$0].captures.isEmpty && branches[$0].watchedCount < branches[$0].ids.count
                && hasPosition(branches[$0], requests[$0])
        }
        guard !unwatched.isEmpty else { return }
        let step = layStep(unwatched, &branches, requests)
        let output: BatchOutput
        do {
            output = try run(step.pending, captures: step.captures, of: step.captured).output
        } catch TransformerError.contextOverflow {
            return  // The context is full: this token stays unread, as it stays uncomputed.
        }
        timing.decodeTokens += unwatched.count
        for (index, row) in step.rows {
            _ = try watch(&branches[index], step, row, output, number: index, onToken)
        }
    }
}
