import ArgumentParser
import Generation
import Steering

/// `tiller generate`
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Answer a prompt, steered by vectors or not.",
        discussion: """
            --vector V:0.5 adds half of the vector's difference; several vectors add up. --compare answers without \
            the vectors as well. The text streams to standard output.
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var prompt: PromptOptions
    @OptionGroup var length: LengthOptions
    @OptionGroup var vectors: VectorArguments
    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var compute: ComputeOptions

    @Flag(help: "Answer without the vectors too, and show both.")
    var compare = false

    @Flag(help: "Float32 activations everywhere: slower, for comparing.")
    var exact = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let options = try sampling.options()
        let model = try model.load()
        let tokens = try prompt.tokens(for: model)
        let steering = try vectors.load(for: model).plan(for: model)
        if compare, vectors.vectors.isEmpty {
            throw TillerError.badUsage(
                message: "--compare needs something to compare with", remedy: "add --vector V:STRENGTH")
        }
        var answers = AnswerRun(
            model: model, compute: compute, isExact: exact, length: length, sampling: options)
        if compare {
            let both = try answers.run(tokens, [[], steering.interventions])
            try output.print(
                json: json(both[1], steering, answers, seed: options.seed, baseline: both[0]),
                text: Self.sideBySide(baseline: both[0].text, steered: both[1].text, output))
        } else if output.isJSON {
            let answer = try answers.run(tokens, [steering.interventions])[0]
            try output.print(json: json(answer, steering, answers, seed: options.seed), text: "")
        } else {
            try answers.stream(tokens, steering.interventions)
        }
        answers.sayRate()
    }

    private func json(
        _ answer: Generation, _ steering: SteeringPlan, _ run: AnswerRun, seed: UInt64,
        baseline: Generation? = nil
    ) -> JSONValue {
        var json: JSONValue = [
            "text": .string(answer.text), "ids": .ids(answer.ids),
            "finishReason": .string(answer.finishReason.rawValue),
            "promptTokens": .integer(answer.promptTokenCount),
            "tokensPerSecond": .number(run.timing?.tokensPerSecond ?? 0),
            "steeredLayers": .layers(answer.steeredLayers), "seed": .integer(Int(seed)),
        ]
        if let baseline {
            json.append(
                "baseline",
                [
                    "text": .string(baseline.text), "ids": .ids(baseline.ids),
                    "finishReason": .string(baseline.finishReason.rawValue),
                ])
        }
        return json
    }

    /// Two columns on a terminal that is wide enough, else one text below the other.
    static func sideBySide(baseline: String, steered: String, _ output: OutputOptions) -> String {
        let texts = [baseline, steered].map(\.withoutTerminalControls)
        let style = output.titleStyle
        guard let width = Terminal.current.width, width >= 60 else {
            return zip(["BASELINE", "STEERED"], texts).map { title, text in
                (style?.applied(to: title, if: true) ?? title) + "\n" + text + "\n"
            }.joined(separator: "\n")
        }
        let column = (width - 4) / 2
        let cells = texts.map { DisplayWidth.wrapped($0, to: column).joined(separator: "\n") }
        var table = Table(.text("BASELINE"), .text("STEERED"))
        table.append(cells)
        return table.rendered(titleStyle: style)
    }
}
