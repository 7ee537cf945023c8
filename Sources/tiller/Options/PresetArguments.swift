import ArgumentParser
import ControlVectors
import Foundation
import GGUF
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

    /// The vectors and the rules on a model, in this order. Says which of what they add pulls against each other.
    ///
    func program(
        _ definition: SteeringPreset?, after vectors: LoadedVectors, for model: LanguageModel
    ) throws -> SteeringProgram {
        let configuration = model.transformer.configuration
        var program = SteeringProgram(always: try vectors.plan(for: model).interventions)
        var terms = vectors.terms
        var names = vectors.names
        if let definition {
            let opened = try open(definition, for: model, forced: vectors.isForced)
            func vector(_ path: String) throws -> ControlVector {
                guard let vector = opened[path] else {
                    throw TillerError.badUsage(message: "\(path): not read", remedy: nil)
                }
                return vector
            }
            program.rules += try definition.program(for: configuration, vector: vector).rules
            names += definition.additionPaths
            terms += try definition.additions(vector: vector)
        }
        ConflictWarning.say(among: terms, named: names, layerCount: configuration.layerCount)
        return program
    }

    /// The vectors of the rules, by the paths in the file, which are relative to its folder.
    private func open(
        _ definition: SteeringPreset, for model: LanguageModel, forced: Bool
    ) throws -> [String: ControlVector] {
        let fingerprint = try ModelFingerprint(of: model.file)
        let folder = URL(fileURLWithPath: preset ?? "").deletingLastPathComponent()
        var opened: [String: ControlVector] = [:]
        for path in definition.vectorPaths {
            let place = path.hasPrefix("/") ? path : folder.appendingPathComponent(path).relativePath
            opened[path] = try FittingVector.load(
                place, for: fingerprint, modelPath: model.file.path, forced: forced)
        }
        return opened
    }
}
