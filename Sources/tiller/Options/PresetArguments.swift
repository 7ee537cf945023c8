import ArgumentParser
import ControlVectors
import Generation
import Steering
import Transformer

/// A steering preset: rules in a file.
struct PresetArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A JSON file of steering rules: operations, layers, schedules, conditions. They act after --vector.",
            valueName: "file"))
    var preset: String?

    /// The rules, read before the model is.
    func definition() throws(SteeringError) -> SteeringPreset? {
        guard let preset else { return nil }
        return try SteeringPreset(path: preset)
    }

    /// The file of the rules and those of their vectors.
    func files(of definition: SteeringPreset?) -> [String] {
        guard let definition, let preset else { return [] }
        return LoadedPreset.files(of: definition, path: preset)
    }

    /// The rules with their vectors; nil where none were asked for. Says which of what they and the other
    /// vectors add pulls against each other.
    ///
    /// - Parameters:
    ///   - forced: Whether vectors of other weights of the same shape are taken.
    ///   - form: How the prompts are put.
    func load(
        _ definition: SteeringPreset?, after vectors: LoadedVectors, for model: LanguageModel, forced: Bool,
        answering form: PromptForm
    ) throws -> LoadedPreset? {
        let loaded = try definition.map {
            try LoadedPreset($0, path: preset ?? "", for: model, forced: forced, answering: form)
        }
        ConflictWarning.say(
            among: vectors.terms + (loaded?.terms ?? []), named: vectors.names + (loaded?.termNames ?? []),
            layerCount: model.transformer.configuration.layerCount)
        return loaded
    }

    /// The vectors and the rules on a model, in this order, and the rules as they were loaded.
    func program(
        _ definition: SteeringPreset?, after vectors: LoadedVectors, for model: LanguageModel, forced: Bool,
        answering form: PromptForm
    ) throws -> (program: SteeringProgram, preset: LoadedPreset?) {
        let plan = try vectors.plan(for: model)
        let preset = try load(
            definition, after: vectors, for: model, forced: forced, answering: form)
        let program = SteeringProgram(
            SteeringProgram(always: plan.interventions).rules + (preset?.program.rules ?? []))
        return (program, preset)
    }
}
