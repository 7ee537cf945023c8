public import ControlVectors
public import Generation
import LinearAlgebra
import Synchronization
import Terms
import Transformer

/// How much of what asking for a trait in words does to a model's next tokens a vector does too.
///
/// Along the unsteered answers to open questions every next token is predicted under the trait and under its opposite asked for in
/// words, and with the vector added and taken away. Both are changes of log-odds. Their inner product weighs each word by its plain
/// probability (the Fisher metric, in which half of a change's square is its KL to second order), so that it is the distributions that
/// agree and not words that nobody says. The vector's change is taken at a small strength: this is the direction in which
/// answers set off. No text is drawn or judged, so that chance has little part in it.
public struct PromptAgreement: Sendable, Equatable, Codable {
    /// The cosine of the two changes, −1…1: 1 for a vector that does what asking does, 0 for one that does something else.
    public let cosine: Double

    /// Its standard error, by leaving out one question after the other; nil with a single question.
    public let error: Double?

    /// The questions whose answers were read.
    public let questionCount: Int

    /// The next tokens that were predicted.
    public let tokenCount: Int

    /// The sum over layers of dose (strength · ‖direction‖ / median ‖hidden state‖) of the small strength.
    private static let totalDose = 0.02

    private static let label = "agreement"

    /// The tokens of an answer.
    private static let answerLength = 24

    /// Measures vectors by the questions and the words of a dataset.
    ///
    /// - Parameter dataset: Raw questions are asked where its prompts are raw text.
    /// - Returns: One for each vector, in their order; nil where the dataset has no questions, or ready-made pairs and so no words to ask
    ///   for the trait with.
    /// - Throws: `vectorDoesNotFit`, `promptTooLong`, `emptyAnswer` where the model answers no question, and errors of the model.
    public static func measure(
        _ vectors: [ControlVector], with dataset: Dataset, on model: LanguageModel, threads: Int,
        progress: ProgressReport = { _, _, _ in }
    ) throws -> [PromptAgreement]? {
        guard let asking = dataset.instruction(for: .positive),
            let askingOtherwise = dataset.instruction(for: .negative), !dataset.questions.isEmpty
        else { return nil }
        let prompts = try dataset.questions.map { question in
            try [nil, asking, askingOtherwise].map { try model.prompt(question, $0, isRaw: dataset.isRaw) }
        }
        let configuration = model.transformer.configuration
        let longest = (prompts.joined().map(\.count).max() ?? 0) + answerLength
        guard longest <= configuration.contextLength else {
            throw SteeringError(
                .promptTooLong,
                "a question and its answer take \(longest) tokens; the model's context is \(configuration.contextLength)",
                remedy: "shorten the questions or the template of the dataset")
        }
        let context = try InferenceContext(
            model.transformer, capacity: longest * max(prompts.count, 3 + 2 * vectors.count),
            threads: threads, precision: .exact)
        let answers = try Generator(context, tokenizer: model.tokenizer).generate(
            prompts.map {
                GenerationRequest(prompt: $0[0], sampling: .greedy, maximumTokens: answerLength)
            }
        ).map(\.ids)
        let texts = zip(prompts, answers).filter { !$1.isEmpty }
        guard !texts.isEmpty else {
            throw SteeringError(
                .emptyAnswer, "the model ends every answer to the dataset's questions at once",
                remedy: "ask other questions, or use the chat template that the model was trained with")
        }
        let reader = try AgreementReader(
            vectors, dose: totalDose, along: texts.map { $0[0] + $1 }, in: context)
        var products: [[ChangeProducts]] = []
        for (prompts, answer) in texts {
            try progress(products.count, texts.count, label)
            products.append(try reader.read(answer, after: prompts))
        }
        try progress(texts.count, texts.count, label)
        let tokenCount = texts.reduce(0) { $0 + $1.1.count }
        return vectors.indices.map { index in
            PromptAgreement(products.map { $0[index] }, tokenCount: tokenCount)
        }
    }

    /// - Parameter products: Of each question.
    private init(_ products: [ChangeProducts], tokenCount: Int) {
        let sum = products.reduce(ChangeProducts(), +)
        cosine = sum.cosine
        questionCount = products.count
        self.tokenCount = tokenCount
        guard products.count > 1 else {
            error = nil
            return
        }
        let others = products.map { (sum - $0).cosine }
        let mean = others.reduce(0, +) / Double(others.count)
        let spread = others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        error = (spread * Double(others.count - 1) / Double(others.count)).squareRoot()
    }
}

/// Inner products of what asking changes and what a vector changes, summed over next tokens.
struct ChangeProducts: Equatable {
    var ofAsking = 0.0
    var ofVector = 0.0
    var mixed = 0.0

    init(ofAsking: Double = 0, ofVector: Double = 0, mixed: Double = 0) {
        self.ofAsking = ofAsking
        self.ofVector = ofVector
        self.mixed = mixed
    }

    /// The covariances of two changes of logits under a next token's probabilities: what shifts all logits alike changes no odds.
    init(of asking: [Float], _ vector: [Float], under weights: [Float]) {
        var (askingMean, vectorMean) = (0.0, 0.0)
        for index in weights.indices {
            let (weight, a, b) = (Double(weights[index]), Double(asking[index]), Double(vector[index]))
            askingMean += weight * a
            vectorMean += weight * b
            ofAsking += weight * a * a
            ofVector += weight * b * b
            mixed += weight * a * b
        }
        ofAsking -= askingMean * askingMean
        ofVector -= vectorMean * vectorMean
        mixed -= askingMean * vectorMean
    }

    var cosine: Double {
        let lengths = (ofAsking * ofVector).squareRoot()
        return lengths > 0 ? min(max(mixed / lengths, -1), 1) : 0
    }

    static func + (left: Self, right: Self) -> Self {
        Self(
            ofAsking: left.ofAsking + right.ofAsking, ofVector: left.ofVector + right.ofVector,
            mixed: left.mixed + right.mixed)
    }

    static func - (left: Self, right: Self) -> Self {
        Self(
            ofAsking: left.ofAsking - right.ofAsking, ofVector: left.ofVector - right.ofVector,
            mixed: left.mixed - right.mixed)
    }
}

/// Reads answers plain, under words and under vectors: all readings of an answer are one batch.
private struct AgreementReader {
    private let context: InferenceContext
    /// What takes each vector away, and what adds it.
    private let plans: [[Intervention]]

    /// - Parameters:
    ///   - dose: The sum over layers of dose at which each vector is read.
    ///   - texts: What says how long hidden states are.
    init(
        _ vectors: [ControlVector], dose: Double, along texts: [[TokenID]], in context: InferenceContext
    ) throws {
        self.context = context
        let layers = Set(vectors.flatMap(\.layers)).sorted()
        context.reset()
        var batch = Batch(captures: Set(layers.map { .residualPost($0) }), lastLayer: layers.last)
        for text in texts { batch.append(text, isCaptured: true) }
        let states = try context.forward(batch).states
        let lengths = layers.reduce(into: [LayerIndex: Double]()) { lengths, layer in
            guard let read = states[.residualPost(layer)] else { return }
            lengths[layer] = (0..<read.rowCount).map { norm(read.row($0)) }.sorted()[read.rowCount / 2]
        }
        plans = try vectors.flatMap { vector in
            let whole = vector.directions.reduce(0) {
                $0 + norm($1.value[...]) / (lengths[$1.key] ?? .infinity)
            }
            // A vector that is zero is refused by the plan, in its words.
            let strength = whole > 0 ? dose / whole : 1
            return try [-strength, strength].map {
                try SteeringPlan([.init(vector, strength: $0)], for: context.model.configuration)
                    .interventions
            }
        }
    }

    /// The products of each vector's change, over the answer's tokens.
    ///
    /// - Parameter prompts: The question alone, with the trait asked for, and with its opposite.
    func read(_ answer: [TokenID], after prompts: [[TokenID]]) throws -> [ChangeProducts] {
        context.reset()
        var batch = Batch(plans: plans)
        for prompt in prompts { batch.append(prompt + answer.dropLast(), wantedLogits: answer.count) }
        for plan in plans.indices {
            batch.append(prompts[0] + answer.dropLast(), plan: plan, wantedLogits: answer.count)
        }
        let logits = try context.forward(batch).logits
        let vectors = plans.count / 2
        let products = Mutex([[ChangeProducts]](repeating: [], count: answer.count))
        context.forEach(below: answer.count) { place in
            func row(_ reading: Int) -> ArraySlice<Float> { logits.row(reading * answer.count + place) }
            func change(_ start: Int, _ end: Int) -> [Float] { zip(row(start), row(end)).map { $1 - $0 } }
            let weights = NextTokenDistribution(row(0)).probabilities
            let asking = change(2, 1)
            let found = (0..<vectors).map { vector in
                ChangeProducts(of: asking, change(3 + 2 * vector, 4 + 2 * vector), under: weights)
            }
            products.withLock { $0[place] = found }
        }
        let found = products.withLock { $0 }
        return (0..<vectors).map { vector in found.reduce(ChangeProducts()) { $0 + $1[vector] } }
    }
}

extension Batch {
    /// Adds a text, of which the last rows want logits.
    fileprivate mutating func append(
        _ text: [TokenID], plan: Int? = nil, wantedLogits: Int = 0, isCaptured: Bool = false
    ) {
        for (place, token) in text.enumerated() {
            rows.append(
                Row(
                    token, after: place == 0 ? .root : .row(rows.count - 1), plan: plan,
                    wantsLogits: place >= text.count - wantedLogits, isCaptured: isCaptured))
        }
    }
}

extension LanguageModel {
    /// A question, with a trait asked for before it.
    fileprivate func prompt(
        _ question: String, _ instruction: TraitInstruction?, isRaw: Bool
    ) throws -> [TokenID] {
        let user = instruction?.user(asking: question) ?? question
        return isRaw
            ? try rawPrompt([instruction?.system, user].compactMap { $0 }.joined(separator: "\n\n"))
            : try chatPrompt(user: user, system: instruction?.system)
    }
}
