public import ControlVectors
public import Generation
import Terms
import Transformer

/// How much of what asking for a trait in words does to a model's next tokens a vector does too.
///
/// Along the unsteered answers to open questions every next token is predicted under the trait and under its
/// opposite asked for in words, and with the vector added and taken away. Both are changes of log-odds. Their
/// inner product weighs each word by its plain probability (the Fisher metric, in which half of a change's
/// square is its KL to second order), so that it is the distributions that agree and not words that nobody
/// says. The vector's change is taken at a small strength: this is the direction in which answers set off. No
/// text is drawn or judged, so that chance has little part in it.
public struct PromptAgreement: Sendable, Equatable, Codable {
    /// The cosine of the two changes, −1…1: 1 for a vector that does what asking does, 0 for
    /// one that does something else.
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
    /// - Returns: One for each vector, in their order; nil where the dataset has no questions, or ready-made
    ///   pairs and so no words to ask for the trait with.
    /// - Throws: `vectorDoesNotFit`, `noSteeredLayer`, `promptTooLong`, `emptyAnswer` where the model answers
    ///   no question, and errors of the model.
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
        // What cannot be steered is known before anything is computed.
        for vector in vectors { _ = try SteeringPlan([.init(vector, strength: 1)], for: configuration) }
        let longest = (prompts.joined().map(\.count).max() ?? 0) + answerLength
        guard longest <= configuration.contextLength else {
            throw SteeringError(
                .promptTooLong,
                "a question and its answer take \(longest) tokens; the model's context is \(configuration.contextLength)",
                remedy: "shorten the questions or the template of the dataset")
        }
        let context = try InferenceContext(
            model.transformer, capacity: longest * max(prompts.count, 3 + 2 * vectors.count),
            threads: threads, precision: .exact, textLimit: longest)
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
