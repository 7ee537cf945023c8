import Synchronization
import Terms
import Transformer

/// The rows in which the model reads some answers to one prompt, and what is read off them.
///
/// The unsteered row of a token stands directly before its steered one, so that a comparison needs the logits
/// of two neighbours: the logits of a whole group would be hundreds of megabytes.
struct MeasuringRows {
    /// What the model's reading of one answer gave.
    struct Reading {
        /// log p of each token, without steering.
        var logProbabilities: [Double]
        /// KL(steered ‖ unsteered) before each token.
        var divergences: [Double]
        /// The projection of each token's hidden states, without steering.
        var projections: [Float]
        /// The sums of the tokens' projections in each layer. [layers]
        var layerSums: [Double] = []
        /// log p of both sides of each choice, under steering.
        var choices: [(positive: Double, negative: Double)]
    }

    /// What is read off a row of logits.
    fileprivate enum Question {
        /// log p of the answer's token at a position.
        case token(TokenID, position: Int)
        /// KL from the unsteered logits, those of the prompt or of the row before.
        case divergence(position: Int, isFirst: Bool)
        /// log p of one token of a choice's side.
        case choice(TokenID, Int, isPositive: Bool)
    }

    fileprivate struct Read {
        /// The row of logits, counted over all passes; −1 for those of the unsteered prompt.
        var row: Int
        var answer: Int
        var question: Question
    }

    private let tip: Cell
    private let choices: [ForcedChoice]
    private let isProjected: Bool
    private var rows: [Batch.Row] = []
    private var plans: [[Intervention]] = []
    private var reads: [Read] = []
    private var logitsCount = 0
    /// The answer of each captured row, in order.
    private var captured: [Int] = []
    private var readings: [Reading] = []

    /// - Parameter tip: The last cell of the prompt as the unsteered model has read it.
    init(tip: Cell, choices: [ForcedChoice], isProjected: Bool) {
        self.tip = tip
        self.choices = choices
        self.isProjected = isProjected
    }

    // MARK: - Laying out

    /// Adds the rows of one answer.
    mutating func append(_ answer: SteeredAnswer) {
        let number = readings.count
        let isSteered = !answer.interventions.isEmpty
        readings.append(
            Reading(
                logProbabilities: Array(repeating: .nan, count: answer.ids.count),
                divergences: Array(repeating: isSteered ? .nan : 0, count: answer.ids.count),
                projections: [], choices: Array(repeating: (0, 0), count: choices.count)))
        var plain = Batch.Parent.cell(tip)
        var steered = plain
        var plan: Int?
        var steeredLogits = -1
        if isSteered {
            plan = plans.count
            plans.append(answer.interventions)
            for (index, token) in answer.prompt.enumerated() {
                let isLast = index == answer.prompt.count - 1
                steered = add(token, after: index == 0 ? .root : steered, plan: plan, wantsLogits: isLast)
            }
            steeredLogits = logitsCount - 1
        }
        let start = (steered, steeredLogits)
        for (position, token) in answer.ids.enumerated() {
            let isLast = position == answer.ids.count - 1
            let isFirst = position == 0
            reads.append(
                Read(
                    row: isFirst ? -1 : logitsCount - (isSteered ? 2 : 1), answer: number,
                    question: .token(token, position: position)))
            if isSteered {
                reads.append(
                    Read(
                        row: isFirst ? steeredLogits : logitsCount - 1, answer: number,
                        question: .divergence(position: position, isFirst: isFirst)))
            }
            if !isLast || isProjected {
                plain = add(token, after: plain, wantsLogits: !isLast, isCaptured: isProjected)
                if isProjected { captured.append(number) }
            }
            if !isLast, isSteered { steered = add(token, after: steered, plan: plan, wantsLogits: true) }
        }
        appendChoices(number, after: start.0, plan: plan, logits: start.1)
    }

    private mutating func appendChoices(_ answer: Int, after tip: Batch.Parent, plan: Int?, logits: Int) {
        for (index, choice) in choices.enumerated() {
            for (side, isPositive) in [(choice.positive, true), (choice.negative, false)] {
                var parent = tip
                var row = logits
                for (position, token) in side.enumerated() {
                    reads.append(
                        Read(
                            row: row, answer: answer, question: .choice(token, index, isPositive: isPositive))
                    )
                    guard position < side.count - 1 else { break }
                    parent = add(token, after: parent, plan: plan, wantsLogits: true)
                    row = logitsCount - 1
                }
            }
        }
    }

    private mutating func add(
        _ token: TokenID, after parent: Batch.Parent, plan: Int? = nil, wantsLogits: Bool,
        isCaptured: Bool = false
    ) -> Batch.Parent {
        rows.append(
            Batch.Row(token, after: parent, plan: plan, wantsLogits: wantsLogits, isCaptured: isCaptured))
        if wantsLogits { logitsCount += 1 }
        return .row(rows.count - 1)
    }

    // MARK: - Reading

    /// Logits that are held at once: 64 MB.
    private static let logitsPerPass = 16 << 20

    /// Runs the rows and gives one reading an answer.
    ///
    /// - Parameter promptLogits: Those of the prompt's last row without steering.
    func read(
        in context: InferenceContext, _ promptLogits: ArraySlice<Float>, _ projection: TraitProjection?
    ) throws -> [Reading] {
        let prompt = NextTokenDistribution(promptLogits)
        var readings = readings
        var pending = reads.sorted { $0.row < $1.row }[...]
        var done = 0
        var capturedDone = 0
        // The last row of the pass before: a steered row at the start of a pass is compared with it.
        var before = prompt
        func answer(_ rows: [NextTokenDistribution]) {
            let here = Array(pending.prefix { $0.row < done + rows.count })
            pending = pending.dropFirst(here.count)
            let (start, before) = (done, before)
            let values = Self.inParallel(here.count, in: context) { index in
                let read = here[index]
                let row = read.row < 0 ? prompt : rows[read.row - start]
                switch read.question {
                case .token(let token, _), .choice(let token, _, _): return row.logProbability(of: token)
                case .divergence(_, true): return row.divergence(from: prompt)
                case .divergence(_, false):
                    return row.divergence(from: read.row > start ? rows[read.row - start - 1] : before)
                }
            }
            for (read, value) in zip(here, values) { readings[read.answer].take(value, read.question) }
        }
        answer([])
        let size = max(1, min(256, Self.logitsPerPass / context.model.configuration.vocabularySize))
        try context.forward(rows, plans: plans, captures: projection?.hooks ?? [], inPassesOf: size) {
            output, _ in
            let rows = Self.inParallel(output.logits.rowCount, in: context) {
                NextTokenDistribution(output.logits.row($0))
            }
            answer(rows)
            done += rows.count
            before = rows.last?.detached ?? before
            let layers = projection?.layerValues(output.states) ?? []
            for (row, value) in TraitProjection.means(layers).enumerated() {
                readings[captured[capturedDone]].take(value, layers.map { $0[row] })
                capturedDone += 1
            }
        }
        return readings
    }

    /// Values worked out on the context's threads: an exponential for every word of the vocabulary is
    /// as much work as some layers.
    static func inParallel<Value: Sendable>(
        _ count: Int, in context: InferenceContext, _ value: (Int) -> Value
    ) -> [Value] {
        guard count > 0 else { return [] }
        let values = Mutex([Value?](repeating: nil, count: count))
        context.forEach(below: count) { index in
            let found = value(index)
            values.withLock { $0[index] = found }
        }
        return values.withLock { $0.compactMap { $0 } }
    }
}

extension MeasuringRows.Reading {
    /// The next token's projection, and in each layer by itself.
    fileprivate mutating func take(_ projection: Float, _ layers: [Float]) {
        projections.append(projection)
        if layerSums.isEmpty { layerSums = [Double](repeating: 0, count: layers.count) }
        for index in layers.indices { layerSums[index] += Double(layers[index]) }
    }

    fileprivate mutating func take(_ value: Double, _ question: MeasuringRows.Question) {
        switch question {
        case .token(_, let position): logProbabilities[position] = value
        case .divergence(let position, _): divergences[position] = value
        case .choice(_, let index, true): choices[index].positive += value
        case .choice(_, let index, false): choices[index].negative += value
        }
    }
}
