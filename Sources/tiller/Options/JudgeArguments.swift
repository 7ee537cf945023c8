import ArgumentParser
import Steering

/// Who scores the model's own answers.
struct JudgeArguments: ParsableArguments {
    @Option(
        name: .customLong("judge"),
        help: ArgumentHelp(
            "Have the model's own answers scored from 0 to 100 by an OpenAI-compatible server at this base address; a key comes "
                + "from TILLER_JUDGE_KEY, or for api.openai.com from OPENAI_API_KEY.", valueName: "URL"))
    var address: String?

    @Option(
        name: .customLong("judge-model"),
        help: ArgumentHelp(
            "The judge's name at the server (default: \(JudgeOptions.standardModel)).", valueName: "NAME"))
    var model: String?

    @Option(
        name: .customLong("judge-threshold"), parsing: .unconditional,
        help: ArgumentHelp(
            "Answers for the trait count from this score on, answers against it below (default: \(Int(JudgeOptions.standardThreshold))).",
            valueName: "SCORE"))
    var threshold: Double?

    func validate() throws {
        if address == nil, model != nil || threshold != nil {
            throw ValidationError("--judge-model and --judge-threshold go with --judge URL")
        }
        if let threshold, !(threshold > 0 && threshold <= 100) {
            throw ValidationError("--judge-threshold \(threshold): write a number above 0 and up to 100")
        }
    }

    /// What a recipe says of the judge; nil where none was asked for.
    func options(for dataset: Dataset) -> JudgeOptions? {
        guard address != nil else { return nil }
        return JudgeOptions(
            for: dataset, model: model ?? JudgeOptions.standardModel,
            threshold: threshold ?? JudgeOptions.standardThreshold)
    }

    /// The way to a judge that a recipe names, at an address; nil where either is missing.
    static func question(_ judge: JudgeOptions?, at endpoint: ChatEndpoint?) -> JudgeQuestion? {
        guard let judge, let endpoint else { return nil }
        return { try endpoint.reply(of: judge.model, to: $0) }
    }
}
