import ControlVectors
import Generation
import Terms
import Transformer

/// The model's own answers as pairs: each prompt answered under an instruction for the
/// trait and under one against it.
///
/// A pair is kept where both answers pass the rules and, where there is a judge, its threshold. Its sides
/// have different words and lengths, so it is for the readouts that average the answer. Answers depend on the
/// model: on another one the recipe makes them anew.
struct OwnAnswers {
    /// The pairs that were kept.
    private(set) var pairs: [ExamplePair] = []
    /// Answers that were left out, by the rule that they broke.
    private(set) var faults: [AnswerFilter.Fault: Int] = [:]
    /// Pairs that were left out because both of their answers are the same.
    private(set) var alikeCount = 0
    /// What a judge said of those that no rule had left out.
    private(set) var judgement: Judgement?

    /// Answers in work together.
    private static let group = 32

    /// Generates and filters the answers.
    ///
    /// - Throws: `tooFewAnswers` where fewer than two pairs are left; what the judge throws.
    init(
        to prompts: InstructionPrompts, dataset: Dataset, options: AnswerOptions, seed: UInt64,
        judge: AnswerJudge?,
        model: LanguageModel, threads: Int, progress: ProgressReport
    ) throws {
        var jobs: [Job] = []
        for sample in 0..<options.samples {
            for (source, prompt) in prompts.prompts.enumerated() {
                for (persona, instruction) in prompts.instructions.enumerated() {
                    for side in [instruction.positive, instruction.negative] {
                        jobs.append(
                            Job(
                                source: source, persona: persona, sample: sample,
                                prompt: dataset.isRaw
                                    ? try model.rawPrompt("\(side)\n\n\(prompt)")
                                    : try model.chatPrompt(user: prompt, system: side)))
                    }
                }
            }
        }
        let answers = try Self.generate(jobs, options, seed: seed, model: model, threads: threads, progress)
        let filter = AnswerFilter(minimumTokens: options.minimumTokens, markers: dataset.markers)
        // The places of the first answers of pairs.
        var candidates: [Int] = []
        for index in stride(from: 0, to: jobs.count, by: 2) {
            let (positive, negative) = (answers[index], answers[index + 1])
            let found = [
                filter.fault(in: positive.text, tokens: positive.ids.count, isPositive: true),
                filter.fault(in: negative.text, tokens: negative.ids.count, isPositive: false),
            ].compactMap { $0 }
            for fault in found { faults[fault, default: 0] += 1 }
            guard found.isEmpty else { continue }
            // Equal answers to different prompts still differ in what came before; they say little.
            if positive.ids == negative.ids { alikeCount += 1 } else { candidates.append(index) }
        }
        if let judge {
            let cases = candidates.flatMap { [$0, $0 + 1] }.map { index in
                AnswerJudge.Case(
                    question: prompts.prompts[jobs[index].source], answer: answers[index].text)
            }
            candidates = keep(candidates, judge, try judge.scores(of: cases, progress: progress))
        }
        for index in candidates {
            let (positive, negative) = (answers[index], answers[index + 1])
            pairs.append(
                ExamplePair(
                    positive: jobs[index].prompt + positive.ids,
                    negative: jobs[index + 1].prompt + negative.ids,
                    source: jobs[index].source, persona: jobs[index].persona,
                    answerLengths: AnswerLengths(
                        positive: positive.ids.count, negative: negative.ids.count)))
        }
        guard pairs.count >= 2 else {
            // Nothing is left to go on with: the next run asks the judge again.
            judge?.kept?.remove()
            throw SteeringError(
                .tooFewAnswers,
                "of \(jobs.count / 2) pairs of the model's answers \(pairs.count) can be used (\(summary))",
                remedy:
                    "add prompts or instructions, or allow longer answers; a small model may not follow instructions"
            )
        }
    }

    /// The candidates of which both answers lie on their own side of the threshold, by the
    /// scores of all of their answers.
    private mutating func keep(
        _ candidates: [Int], _ judge: AnswerJudge, _ scores: [JudgeScore]
    ) -> [Int] {
        let threshold = judge.options.threshold
        var judgement = Judgement(model: judge.options.model, threshold: threshold)
        var kept: [Int] = []
        for (place, index) in candidates.enumerated() {
            let (positive, negative) = (scores[2 * place], scores[2 * place + 1])
            let keepsPositive = positive.keeps(isPositive: true, threshold: threshold)
            let keepsNegative = negative.keeps(isPositive: false, threshold: threshold)
            judgement.positive.count(positive, isKept: keepsPositive)
            judgement.negative.count(negative, isKept: keepsNegative)
            if keepsPositive, keepsNegative { kept.append(index) }
        }
        self.judgement = judgement
        return kept
    }

    /// "3 answers too short, 1 refusal, 2 off the trait".
    var summary: String {
        let words: [AnswerFilter.Fault: String] = [
            .tooShort: "too short", .refusal: "refusals", .offTrait: "with more markers of the other side",
        ]
        var parts = AnswerFilter.Fault.allCases.compactMap { fault in
            faults[fault].map { "\($0) \(words[fault] ?? fault.rawValue)" }
        }
        if alikeCount > 0 {
            parts.append("\(alikeCount) pair\(alikeCount == 1 ? "" : "s") with the same answer on both sides")
        }
        let rules = parts.isEmpty ? "none left out by a rule" : "left out: " + parts.joined(separator: ", ")
        return ([rules] + [judgement?.words].compactMap { $0 }).joined(separator: "; ")
    }

    private struct Job {
        var source: Int
        var persona: Int
        var sample: Int
        var prompt: [TokenID]
    }

    private static func generate(
        _ jobs: [Job], _ options: AnswerOptions, seed: UInt64, model: LanguageModel, threads: Int,
        _ progress: ProgressReport
    ) throws -> [Generation] {
        let longest = (jobs.map(\.prompt.count).max() ?? 0) + options.maximumTokens
        guard longest <= model.transformer.configuration.contextLength else {
            throw SteeringError(
                .promptTooLong,
                "a prompt and its answer may take \(longest) tokens; the model's context is "
                    + "\(model.transformer.configuration.contextLength)",
                remedy: "shorten the instructions or the prompts")
        }
        let context = try InferenceContext(
            model.transformer, capacity: longest * min(group, jobs.count), threads: threads,
            precision: .exact,
            textLimit: longest)
        let generator = Generator(context, tokenizer: model.tokenizer)
        var answers: [Generation] = []
        while answers.count < jobs.count {
            try progress(answers.count, jobs.count, label)
            let part = jobs[answers.count..<min(answers.count + group, jobs.count)]
            answers += try generator.generate(
                part.enumerated().map { place, job in
                    var sampling = SamplingOptions.greedy
                    sampling.temperature = Float(options.temperature)
                    sampling.seed = seed &+ UInt64(answers.count + place)
                    return GenerationRequest(
                        prompt: job.prompt, sampling: sampling, maximumTokens: options.maximumTokens)
                })
        }
        try progress(jobs.count, jobs.count, label)
        return answers
    }

    private static let label = "answers"
}
