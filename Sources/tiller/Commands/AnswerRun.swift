import Generation
import Steering
import Terms
import Transformer

/// Answers to one prompt under one or more programs of steering, with the progress that a
/// person sees meanwhile.
struct AnswerRun {
    let model: LanguageModel
    let compute: ComputeOptions
    let isExact: Bool
    let length: LengthOptions
    let sampling: SamplingOptions
    /// Whether answers go on with the prompt's own text: it is a raw one.
    let continuesText: Bool

    /// Tokens of an answer where nobody says.
    static let standardLength = 128

    /// What the last run took.
    private(set) var timing: GenerationTiming?
    /// The tokens that the context had left for answers of the last run, one of which ended
    /// there; nil where none did.
    private var filledRoom: Int?

    init(
        model: LanguageModel, compute: ComputeOptions, isExact: Bool, length: LengthOptions,
        sampling: SamplingOptions, continuesText: Bool
    ) {
        self.model = model
        self.compute = compute
        self.isExact = isExact
        self.length = length
        self.sampling = sampling
        self.continuesText = continuesText
    }

    /// One answer for each program, all in one batch.
    ///
    /// - Parameter watches: What reads each of the answers.
    mutating func run(
        _ prompt: [TokenID], _ programs: [SteeringProgram], watches: [AnswerWatch?]
    ) throws -> [Generation] {
        let room = try room(behind: prompt)
        let requests = zip(programs, watches).map { program, watch in
            var request = request(prompt, program, room: room)
            request.captures = watch?.hooks ?? []
            return request
        }
        let generator = try generator(for: requests)
        let total = requests.reduce(0) { $0 + $1.maximumTokens }
        let progress = Progress("answering", unit: .things("tokens"), total: total)
        defer { progress.finish() }
        var pieces = 0
        let answers = try AnswerWatch.reading(by: watches) {
            try generator.generate(
                requests,
                onText: { _, _ in
                    pieces += 1
                    progress.update(pieces)
                    return true
                }, onToken: { number, token in try watches[number]?.read(token) ?? .goOn })
        }
        timing = generator.timing
        noteEnd(of: answers, room: room)
        return answers
    }

    /// One answer, written to standard output as it comes, in the colours of the watch's first meter.
    mutating func stream(_ prompt: [TokenID], _ program: SteeringProgram, watch: AnswerWatch?) throws {
        let room = try room(behind: prompt)
        var request = request(prompt, program, room: room)
        request.captures = watch?.hooks ?? []
        let generator = try generator(for: [request])
        let progress = Progress("reading the prompt")
        defer { progress.finish() }
        let printer = AnswerPrinter(meter: watch?.meters.first)
        let answer = try AnswerWatch.reading(by: [watch]) {
            try generator.generate(
                [request],
                onText: { _, text in
                    progress.finish()
                    return printer.take(text)
                },
                onToken: { _, token in
                    let decision = try watch?.read(token) ?? .goOn
                    printer.take(token, reading: watch?.lastReading)
                    return decision
                })
        }[0]
        // May fail for want of a reader: the log has said how the answer ended all the same.
        try printer.finish(answer)
        timing = generator.timing
        noteEnd(of: [answer], room: room)
    }

    private mutating func noteEnd(of answers: [Generation], room: Int) {
        let isFull =
            length.isBeyond(room, default: Self.standardLength)
            && answers.contains { $0.finishReason == .length }
        filledRoom = isFull ? room : nil
    }

    /// Says where the context, and nothing that was asked for, has ended an answer.
    func sayFull() {
        guard let filledRoom else { return }
        note(
            "the context is full: it had room for \(Quantity.count(filledRoom)) tokens behind the prompt, and the answer ended there"
        )
    }

    /// Tells a person at a terminal what it took.
    func sayRate() {
        guard Terminal.current.errorIsTerminal, let timing, timing.decodeTokens > 0 else { return }
        let text =
            "\(Quantity.count(timing.prefillTokens)) prompt tokens in \(Quantity.seconds(timing.prefillSeconds)), "
            + "\(Quantity.count(timing.decodeTokens)) tokens at \(Quantity.rate(timing.tokensPerSecond))/s"
        note(text, in: .dim)
    }

    /// The tokens that a prompt leaves an answer.
    private func room(behind prompt: [TokenID]) throws -> Int {
        let longest = try compute.longestText(for: model.transformer)
        guard prompt.count < longest else {
            throw ComputeOptions.tooLong(prompt.count, in: longest, for: model.transformer)
        }
        return longest - prompt.count
    }

    private func request(
        _ prompt: [TokenID], _ program: SteeringProgram, room: Int
    ) -> GenerationRequest {
        var request = GenerationRequest(
            prompt: prompt, program: program, sampling: sampling,
            maximumTokens: length.maximum(default: Self.standardLength, room: room))
        request.continuesText = continuesText
        return request
    }

    private func generator(for requests: [GenerationRequest]) throws -> Generator {
        // A prompt whose reading calls for a rule is computed a second time.
        let needed = requests.reduce(0) {
            $0 + $1.prompt.count * ($1.program.readsStates ? 2 : 1) + $1.maximumTokens + 1
        }
        let context = try compute.context(
            for: model.transformer, needed: needed,
            longest: requests.map { $0.prompt.count + $0.maximumTokens }.max() ?? 1,
            precision: isExact ? .exact : .fast)
        return Generator(context, tokenizer: model.tokenizer)
    }
}
