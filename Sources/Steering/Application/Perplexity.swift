import Foundation
public import Terms
public import Transformer

/// How likely an answer is under the model as it is, without steering: what steering costs in fluency.
public struct Perplexity: Sendable, Equatable {
    /// The mean of −log p over the answer's tokens, in nats.
    public let meanNegativeLogLikelihood: Double

    /// The number of tokens that were measured.
    public let tokenCount: Int

    /// e to the mean: the number of equally likely tokens that would surprise as much.
    public var value: Double { exp(meanNegativeLogLikelihood) }

    /// An answer to a prompt, in tokens.
    public struct Text: Sendable {
        /// What the answer follows; at least one token.
        public var prompt: [TokenID]
        /// What is measured.
        public var answer: [TokenID]

        /// Keeps both.
        public init(prompt: [TokenID], answer: [TokenID]) {
            self.prompt = prompt
            self.answer = answer
        }
    }

    /// Measures answers; nil for one without tokens or after no prompt. The context is emptied first.
    ///
    /// Equal prompts are computed once, and their answers together in batches.
    ///
    /// - Parameter progress: Gets how many of the texts are done, and how many there are.
    public static func measure(
        _ texts: [Text], in context: InferenceContext, progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> [Perplexity?] {
        var results = [Perplexity?](repeating: nil, count: texts.count)
        let measurable = texts.indices.filter { !texts[$0].prompt.isEmpty && !texts[$0].answer.isEmpty }
        var byPrompt: [[TokenID]: [Int]] = [:]
        for index in measurable { byPrompt[texts[index].prompt, default: []].append(index) }
        try check(measurable.map { texts[$0] }, context.model.configuration)
        var done = 0
        for prompt in measurable.map({ texts[$0].prompt }) where byPrompt[prompt] != nil {
            try progress(done, measurable.count)
            done += byPrompt[prompt]?.count ?? 0
            context.reset()
            let start = try context.forward(.chain(prompt))
            guard let tip = start.cells.last else { continue }
            let mark = context.mark
            let answered = byPrompt.removeValue(forKey: prompt) ?? []
            for group in groups(of: answered, texts, cells: context.capacity - prompt.count) {
                context.rewind(to: mark)
                let answers = group.map { texts[$0].answer }
                let losses = try losses(of: answers, after: tip, start.logits.row(0), context)
                for (index, loss) in zip(group, losses) {
                    let count = texts[index].answer.count
                    results[index] = Perplexity(
                        meanNegativeLogLikelihood: loss / Double(count), tokenCount: count)
                }
            }
        }
        try progress(measurable.count, measurable.count)
        return results
    }

    /// The last token of an answer goes through no forward pass, which would refuse an unknown one.
    private static func check(_ texts: [Text], _ configuration: ModelConfiguration) throws {
        for token in texts.flatMap(\.answer) where !(0..<configuration.vocabularySize).contains(token.index) {
            throw TransformerError.unknownToken(token, vocabularySize: configuration.vocabularySize)
        }
    }

    /// Logits that are held at once: 64 MB.
    private static let logitsPerPass = 16 << 20

    /// Answers that fit into the free cells together.
    private static func groups(of indices: [Int], _ texts: [Text], cells: Int) -> [[Int]] {
        var groups: [[Int]] = []
        var rows = 0
        for index in indices {
            let count = texts[index].answer.count
            if groups.isEmpty || rows + count > cells {
                groups.append([])
                rows = 0
            }
            groups[groups.count - 1].append(index)
            rows += count
        }
        return groups
    }

    /// The summed −log p of each answer.
    private static func losses(
        of answers: [[TokenID]], after tip: Cell, _ logits: ArraySlice<Float>, _ context: InferenceContext
    ) throws -> [Double] {
        var losses = answers.map { negativeLogLikelihood(of: $0[0], logits) }
        // Row k of an answer gives the logits of its token k+1; the last token needs no row.
        var rows: [Batch.Row] = []
        var targets: [(answer: Int, token: TokenID)] = []
        for (index, answer) in answers.enumerated() {
            for position in answer.indices.dropLast() {
                let parent = position == 0 ? Batch.Parent.cell(tip) : .row(rows.count - 1)
                rows.append(Batch.Row(answer[position], after: parent, wantsLogits: true))
                targets.append((index, answer[position + 1]))
            }
        }
        let size = max(1, min(256, logitsPerPass / context.model.configuration.vocabularySize))
        try context.forward(rows, inPassesOf: size) { output, completed in
            for row in 0..<output.logits.rowCount {
                let target = targets[completed - output.logits.rowCount + row]
                losses[target.answer] += negativeLogLikelihood(of: target.token, output.logits.row(row))
            }
        }
        return losses
    }

    /// −log p of a token under logits: log Σ e^logit − logit, with the largest logit taken out so that nothing overflows.
    public static func negativeLogLikelihood(of token: TokenID, _ logits: ArraySlice<Float>) -> Double {
        let largest = Double(logits.max() ?? 0)
        var sum = 0.0
        for logit in logits { sum += exp(Double(logit) - largest) }
        return log(sum) + largest - Double(logits[logits.startIndex + token.index])
    }
}
