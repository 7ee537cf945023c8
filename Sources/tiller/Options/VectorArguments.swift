import ArgumentParser
import ControlVectors
import GGUF
import Generation
import Steering
import Transformer

/// The vectors that steer, with their strengths.
struct VectorArguments: ParsableArguments {
    @Option(
        name: [.customShort("v"), .customLong("vector")], parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A vector file, its strength, 1 where none is given, and its layers, which go before --layers; auto is the strongest that its calibration allows, -auto that against the trait. May be repeated.",
            valueName: "vector[:strength][@layers]"))
    var vectors: [String] = []

    @OptionGroup var use: VectorUse

    func validate() throws {
        if use.layers != nil, vectors.isEmpty { throw ValidationError("--layers goes with --vector") }
    }

    /// Whether vectors of other weights of the same shape are taken.
    var force: Bool { use.force }

    /// The vectors' files.
    func paths() throws -> [String] {
        try vectors.map { try PlacedText($0).specification().path }
    }

    /// Whether a strength is left to a calibration.
    func useCalibration() throws -> Bool {
        try vectors.contains { try PlacedText($0).specification().strength.isAutomatic }
    }

    /// Reads the vectors and checks that each fits the model.
    ///
    /// - Parameter form: How the prompts are put whose answers people read, who should know of strengths that
    ///   break these; nil where nobody reads them.
    func load(for model: LanguageModel, answering form: PromptForm? = nil) throws -> LoadedVectors {
        let selection = try use.selection()
        let placed = vectors.map { PlacedText($0) }
        let specifications = try placed.map { try $0.specification() }
        guard !specifications.isEmpty else { return LoadedVectors(vectors: [], terms: []) }
        let fingerprint = try ModelFingerprint(of: model.file)
        let vectors = try specifications.map { specification in
            try FittingVector.load(
                specification.path, for: fingerprint, modelPath: model.file.path, forced: force)
        }
        return LoadedVectors(
            vectors: vectors,
            terms: try zip(vectors, zip(specifications, placed)).map { vector, given in
                let (specification, path) = (given.0, given.0.path)
                let layers = given.1.layers ?? selection
                let strength = try specification.strength.number(
                    for: vector, path: path, on: fingerprint, modelPath: model.file.path)
                specification.strength.sayLayers(layers, path: path)
                if let form {
                    specification.strength.sayForm(of: vector, path: path, for: form)
                    specification.strength.sayBreaking(
                        of: vector, path: path, layers: layers, on: fingerprint)
                }
                return SteeringPlan.Term(vector, strength: strength, layers: layers)
            }, names: specifications.map(\.path))
    }
}

/// Vectors that fit the model, with their strengths.
struct LoadedVectors {
    var vectors: [ControlVector]
    var terms: [SteeringPlan.Term]
    /// The path of each.
    var names: [String] = []

    /// The same under the names by which people know them.
    var named: [ChatSession.Vector] {
        zip(VectorMeter.names(of: names), zip(names, terms)).map { name, vector in
            ChatSession.Vector(name: name, term: vector.1, path: vector.0)
        }
    }

    /// What they do to a model, all together, a number of times.
    func plan(times factor: Double = 1, for model: LanguageModel) throws -> SteeringPlan {
        let terms = terms.map { term in
            var term = term
            term.strength *= factor
            return term
        }
        return try SteeringPlan(terms, for: model.transformer.configuration)
    }
}
