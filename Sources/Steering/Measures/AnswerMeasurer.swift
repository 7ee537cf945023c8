import Generation
import Terms
public import Tokenizers
public import Transformer

/// Measures answers: their texts by rules, and how the model reads them, with steering
/// and without, in batches.
///
/// Each answer is read by the unsteered model once and by the steered one once, row beside row, so that no
/// more than one pass of logits is held. That is two rows a token, and no token is generated.
public struct AnswerMeasurer: Sendable {
    /// The direction whose meter is read; nil for none.
    public var projection: TraitProjection?

    /// Words to count.
    public var markers = Markers()

    /// Beginnings of answers whose odds are asked after every prompt.
    public var choices: [ForcedChoice] = []

    /// Measures perplexity, divergence, repetition and faults, which need nothing but the model.
    public init() {}

    /// Cells of a context that measuring one answer takes; all others share them.
    public func cells(prompt: Int, answer: Int) -> Int {
        2 * (prompt + answer) + choices.reduce(0) { $0 + $1.positive.count + $1.negative.count }
    }

    /// Measures answers, in their order.
    ///
    /// Answers to equal prompts that stand together share the prompt's computation.
    ///
    /// - Parameters:
    ///   - context: Used alone while it runs; emptied. It needs room for the longest answer (`cells`).
    ///   - progress: Gets how many answers are done, and how many there are.
    /// - Throws: `TransformerError`, and `GenerationError.emptyPrompt`.
    public func measure(
        _ answers: [SteeredAnswer], in context: InferenceContext, tokenizer: Tokenizer,
        progress: (Int, Int) throws -> Void = { _, _ in }
    ) throws -> [AnswerMeasures] {
        try check(answers, context.model.configuration)
        var measures: [AnswerMeasures] = []
        while measures.count < answers.count {
            try progress(measures.count, answers.count)
            let prompt = answers[measures.count].prompt
            let alike = answers[measures.count...].prefix { $0.prompt == prompt }
            context.reset()
            let start = try context.forward(.chain(prompt))
            guard let tip = start.cells.last else { throw GenerationError.emptyPrompt }
            let mark = context.mark
            for group in groups(of: alike, cells: context.capacity - prompt.count) {
                context.rewind(to: mark)
                var rows = MeasuringRows(tip: tip, choices: choices, isProjected: projection != nil)
                for answer in group { rows.append(answer) }
                let readings = try rows.read(in: context, start.logits.row(0), projection)
                measures += zip(group, readings).map { self.measures(of: $0, $1, tokenizer) }
                try progress(measures.count, answers.count)
            }
        }
        return measures
    }

    /// The last token of an answer may go through no forward pass, which would refuse an unknown one.
    private func check(_ answers: [SteeredAnswer], _ configuration: ModelConfiguration) throws {
        for answer in answers {
            guard !answer.prompt.isEmpty else { throw GenerationError.emptyPrompt }
            for token in answer.ids where !(0..<configuration.vocabularySize).contains(token.index) {
                throw TransformerError.unknownToken(token, vocabularySize: configuration.vocabularySize)
            }
        }
    }

    /// Answers that fit into the free cells together; one that does not fit stands alone, and fails
    /// in the forward pass's words.
    private func groups(of answers: ArraySlice<SteeredAnswer>, cells: Int) -> [[SteeredAnswer]] {
        var groups: [[SteeredAnswer]] = []
        var used = 0
        for answer in answers {
            let needed =
                self.cells(prompt: answer.prompt.count, answer: answer.ids.count) - answer.prompt.count
            if groups.isEmpty || used + needed > cells {
                groups.append([])
                used = 0
            }
            groups[groups.count - 1].append(answer)
            used += needed
        }
        return groups
    }

    /// What the model's reading and the text itself come to.
    private func measures(
        of answer: SteeredAnswer, _ reading: MeasuringRows.Reading, _ tokenizer: Tokenizer
    ) -> AnswerMeasures {
        let bytes = tokenizer.decodedBytes(answer.ids, skippingSilent: true)
        let loss = -reading.logProbabilities.reduce(0, +) / Double(answer.ids.count)
        let projections = reading.projections.map(Double.init)
        var measures = AnswerMeasures(
            tokenCount: answer.ids.count,
            perplexity: answer.ids.isEmpty ? nil : Perplexity.value(meanNegativeLogLikelihood: loss),
            divergence: Self.mean(reading.divergences), repetition: Repetition.share(of: answer.ids),
            faults: faults(of: answer, bytes),
            markers: markers == Markers()
                ? nil : MarkerCount(markers, in: String(decoding: bytes, as: UTF8.self)),
            meter: Self.mean(projections),
            propensity: Self.mean(reading.choices.map { $0.positive - $0.negative }),
            logProbabilities: reading.logProbabilities.map { Float($0) }, projections: reading.projections)
        measures.layerMeters = reading.layerSums.map { Float($0 / Double(max(answer.ids.count, 1))) }
        return measures
    }

    /// What breaks an answer, which needs no model.
    func faults(of answer: SteeredAnswer, _ tokenizer: Tokenizer) -> [TextFault] {
        faults(of: answer, tokenizer.decodedBytes(answer.ids, skippingSilent: true))
    }

    private func faults(of answer: SteeredAnswer, _ bytes: [UInt8]) -> [TextFault] {
        TextFault.faults(in: bytes, ids: answer.ids, isCut: answer.isCut, reference: answer.reference)
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
