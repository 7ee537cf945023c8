import ArgumentParser
import Generation
import Steering
import Terms
import Transformer

/// `tiller generate`
struct GenerateCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Answer a prompt, steered by vectors or not.",
        discussion: """
            --vector V:0.5 adds half of the vector's difference; several vectors add up, and V:0.5@9-16 acts in those \
            layers only. --preset takes rules from a file. --compare answers without all of them as well. The text \
            streams to standard output.
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var prompt: PromptOptions
    @OptionGroup var length: LengthOptions
    @OptionGroup var vectors: VectorArguments
    @OptionGroup var rules: PresetArguments
    @OptionGroup var watching: WatchArguments
    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var compute: ComputeOptions

    @Flag(help: "Answer without the vectors too, and show both.")
    var compare = false

    @Flag(help: "Float32 activations everywhere: slower, for comparing.")
    var exact = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if vectors.force, vectors.vectors.isEmpty, rules.preset == nil, watching.files.isEmpty {
            throw ValidationError("--force goes with --vector, --preset, --meter or --heads")
        }
    }

    func run() throws {
        try prompt.check()
        let heads = try watching.definitions()
        let definition = try rules.definition()
        // A strength that was calibrated holds for answers that are kept whole.
        let isCalibrated = try vectors.useCalibration() || definition?.usesCalibration ?? false
        let options = try sampling.options(keepsWhole: isCalibrated)
        if compare, vectors.vectors.isEmpty, definition == nil {
            throw TillerError.badUsage(
                message: "--compare needs something to compare with",
                remedy: "add --vector V:STRENGTH or --preset FILE")
        }
        let model = try model.load()
        // That a vector does not fit is said first: what is wrong with the prompt matters
        // on a model that it fits.
        let loaded = try vectors.load(for: model, answering: prompt.style.form)
        let (program, preset) = try rules.program(
            definition, after: loaded, for: model, forced: vectors.force, answering: prompt.style.form)
        let steering = SteeringWords(vectors: loaded.named, preset: preset)
        let watchers = try watching.load(
            heads, for: model, forced: vectors.force,
            refusing: try vectors.paths() + rules.files(of: definition))
        let tokens = try prompt.tokens(for: model)
        var answers = AnswerRun(
            model: model, compute: compute, isExact: exact, length: length, sampling: options,
            continuesText: prompt.style.isRaw)
        let watch = watchers.watch()
        // Said whatever has become of the answer and of standard output.
        defer { for line in HeadWords.lines(of: watch) { warn(line) } }
        do {
            try answer(tokens, program, steering, &answers, watch, beside: watchers.readers)
        } catch  where watch?.isEscalated == true {
            throw Escalated(problem: error)
        }
        answers.sayFull()
        answers.sayRate()
        if watch?.isEscalated == true { throw Escalated() }
    }

    /// Answers, and prints the answer.
    ///
    /// - Parameter readers: What reads the answer without steering, where there is one.
    private func answer(
        _ tokens: [TokenID], _ program: SteeringProgram, _ steering: SteeringWords,
        _ answers: inout AnswerRun, _ watch: AnswerWatch?, beside readers: Watchers
    ) throws {
        if compare {
            // Heads act on what is steered; the answer beside it is only read.
            let plain = readers.watch()
            let both = try answers.run(tokens, [SteeringProgram(), program], watches: [plain, watch])
            try output.print(
                json: json(both[1], steering, answers, watch, baseline: (both[0], plain)),
                text: Self.sideBySide(baseline: both[0].text, steered: both[1].text, output))
            if !output.isJSON { try sayMeters([("baseline  ", plain), ("steered   ", watch)]) }
        } else if output.isJSON {
            let answer = try answers.run(tokens, [program], watches: [watch])[0]
            try output.print(json: json(answer, steering, answers, watch), text: "")
        } else {
            try answers.stream(tokens, program, watch: watch)
            try sayMeters([("", watch)])
        }
    }

    /// One line for each meter, behind the answers.
    private func sayMeters(_ watches: [(title: String, watch: AnswerWatch?)]) throws {
        let isColoured = Terminal.current.outputIsTerminal && Terminal.current.allowsColour
        for (title, watch) in watches {
            for line in watch.map({ MeterWords($0).lines }) ?? [] {
                try output.say(TextStyle.dim.applied(to: title + line, if: isColoured))
            }
        }
    }

    private func json(
        _ answer: Generation, _ steering: SteeringWords, _ run: AnswerRun, _ watch: AnswerWatch?,
        baseline: (answer: Generation, watch: AnswerWatch?)? = nil
    ) -> JSONValue {
        var json: JSONValue = [
            "text": .string(answer.text), "ids": .ids(answer.ids),
            "finishReason": .string(answer.finishReason.rawValue),
            "promptTokens": .integer(answer.promptTokenCount),
            "tokensPerSecond": .number(run.timing?.tokensPerSecond ?? 0),
            "steeredLayers": .layers(answer.steeredLayers), "seed": .integer(Int(run.sampling.seed)),
            "sampling": run.sampling.json,
        ]
        steering.append(to: &json, answer, on: run.model.transformer.configuration)
        if let watch { WatchWords(watch).append(to: &json) }
        if let (plain, watch) = baseline {
            var beside: JSONValue = [
                "text": .string(plain.text), "ids": .ids(plain.ids),
                "finishReason": .string(plain.finishReason.rawValue),
            ]
            if let watch { WatchWords(watch).append(to: &beside) }
            json.append("baseline", beside)
        }
        return json
    }

    /// Two columns on a terminal that is wide enough, else one text below the other.
    ///
    /// - Parameter title: What stands above the answer that was steered.
    static func sideBySide(
        baseline: String, steered: String, title: String = "STEERED", _ output: OutputOptions
    ) -> String {
        let texts = [baseline, steered].map(\.withoutTerminalControls)
        let style = output.titleStyle
        guard let width = Terminal.current.width, width >= 60 else {
            return zip(["BASELINE", title], texts).map { title, text in
                (style?.applied(to: title, if: true) ?? title) + "\n" + text + "\n"
            }.joined(separator: "\n")
        }
        let column = (width - 4) / 2
        let cells = texts.map { DisplayWidth.wrapped($0, to: column).joined(separator: "\n") }
        var table = Table(
            .text("BASELINE"), .text(DisplayWidth.truncated(title, to: column)))
        table.append(texts: cells)
        return table.rendered(titleStyle: style)
    }
}
