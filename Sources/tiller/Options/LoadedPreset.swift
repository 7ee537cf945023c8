import ControlVectors
import Foundation
import GGUF
import Generation
import Steering
import Transformer

/// A preset whose vectors have been checked against a model.
struct LoadedPreset {
    /// What people call it.
    let name: String
    /// The file and those of its vectors: what is read, and must not be written over.
    let files: [String]
    /// What its rules do to the model.
    let program: SteeringProgram
    /// What the rules add.
    let terms: [SteeringPlan.Term]
    /// The vector of each term, as the preset names it.
    let termNames: [String]
    /// The conditions of its rules, in their order.
    let conditions: [Condition]

    /// When one of the rules acts.
    struct Condition {
        /// The rule's place among all of them, from 0.
        let rule: Int
        /// What the preset says.
        let definition: SteeringPreset.Condition
    }

    /// Opens the vectors, whose paths are relative to the preset's folder.
    ///
    /// - Parameters:
    ///   - path: Where the preset has been read from.
    ///   - form: How the prompts are put whose answers people read, who are told of strengths that break these.
    init(
        _ definition: SteeringPreset, path: String, for model: LanguageModel, forced: Bool,
        answering form: PromptForm
    ) throws {
        let fingerprint = try ModelFingerprint(of: model.file)
        var places: [String: String] = [:]
        var opened: [String: ControlVector] = [:]
        for name in definition.vectorPaths {
            let place = Self.place(of: name, in: path)
            places[name] = place
            opened[name] = try FittingVector.load(
                place, for: fingerprint, modelPath: model.file.path, forced: forced)
        }
        func vector(_ name: String) throws -> ControlVector {
            guard let vector = opened[name] else {
                throw TillerError.badUsage(message: "\(name): not read", remedy: nil)
            }
            return vector
        }
        let numbered = try definition.withStrengths { strength, name in
            try strength.number(
                for: try vector(name), path: places[name] ?? name, on: fingerprint,
                modelPath: model.file.path)
        }
        name = definition.name ?? path
        files = Self.files(of: definition, path: path)
        program = try numbered.program(for: model.transformer.configuration, file: path, vector: vector)
        terms = try numbered.additions(vector: vector)
        termNames = numbered.additionPaths
        for rule in definition.rules {
            guard let strength = rule.operation.strength else { continue }
            let place = places[rule.vectors[0]] ?? rule.vectors[0]
            let added = try vector(rule.vectors[0])
            strength.sayForm(of: added, path: place, for: form)
            // What was calibrated is the vector as it is, added and nothing else.
            guard case .add = rule.operation, rule.weights.isEmpty else { continue }
            strength.sayBreaking(of: added, path: place, layers: rule.layers, on: fingerprint)
        }
        conditions = definition.rules.enumerated().compactMap { index, rule in
            rule.condition.map { Condition(rule: index, definition: $0) }
        }
    }

    /// The file and those of its vectors.
    static func files(of definition: SteeringPreset, path: String) -> [String] {
        [path] + definition.vectorPaths.map { place(of: $0, in: path) }
    }

    /// Where a vector lies that a preset names from its own folder.
    private static func place(of name: String, in path: String) -> String {
        if name.hasPrefix("/") { return name }
        return URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(name)
            .relativePath
    }
}
