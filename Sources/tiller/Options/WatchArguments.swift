import ArgumentParser
import ControlVectors
import Foundation
import GGUF
import Generation
import Steering
import Transformer

/// What reads an answer while it is made.
struct WatchArguments: ParsableArguments {
    @Option(
        name: .customLong("meter"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Read each token with this vector: 0 its negative side, 1 its positive one; may be repeated.",
            valueName: "vector"))
    var meters: [String] = []

    @Option(
        help: ArgumentHelp(
            "A JSON file of readout heads, each with a vector, a threshold and an action: warn, steer, stop or escalate.",
            valueName: "file"))
    var heads: String?

    @Option(
        help: ArgumentHelp(
            "Append what the heads do to this file, one JSON object a line.", valueName: "file"))
    var audit: String?

    func validate() throws {
        if audit?.isEmpty == true { throw ValidationError("--audit is empty, expected a file") }
        if audit != nil, heads == nil { throw ValidationError("--audit goes with --heads") }
    }

    /// The files that are named here and read.
    var files: [String] { meters + [heads].compactMap { $0 } }

    /// The file of heads, read before the model is.
    func definitions() throws(SteeringError) -> [HeadDefinition] {
        guard let heads else { return [] }
        return try HeadDefinition.read(path: heads)
    }

    /// Everything that watches answers of a model.
    ///
    /// - Parameter inputs: Files that the command reads beside these, none of which the log may be.
    func load(
        _ definitions: [HeadDefinition], for model: LanguageModel, forced: Bool, refusing inputs: [String]
    ) throws -> Watchers {
        let meters = try VectorMeter.load(meters, option: "--meter", for: model, forced: forced)
        guard !definitions.isEmpty else { return Watchers(meters: meters) }
        let fingerprint = try ModelFingerprint(of: model.file)
        let heads = try definitions.map { definition in
            let vector = try FittingVector.load(
                definition.vector, for: fingerprint, modelPath: model.file.path, forced: forced)
            return try AnswerWatch.Head(definition, vector: vector, for: model.transformer.configuration)
        }
        let inputs = inputs + files + definitions.map(\.vector) + model.file.files + KeptRuns.files
        let log = try audit.map { path throws(SteeringError) in try AuditLog(path: path, refusing: inputs) }
        return Watchers(meters: meters, heads: heads, log: log, modelDigest: fingerprint.digest)
    }
}

/// Meters and heads of a model, ready for its answers.
struct Watchers {
    var meters: [Meter] = []
    var heads: [AnswerWatch.Head] = []
    var log: AuditLog?
    var modelDigest = ""

    /// The meters alone, for answers that only people look at.
    var readers: Watchers { Watchers(meters: meters) }

    /// Whether anything reads the answers.
    var isEmpty: Bool { meters.isEmpty && heads.isEmpty }

    /// A watch over one answer; nil where nothing reads it.
    func watch() -> AnswerWatch? {
        guard !isEmpty else { return nil }
        let journal = log.map { AnswerWatch.Journal($0, answer: UUID().uuidString) }
        return AnswerWatch(meters: meters, heads: heads, journal: journal, model: modelDigest)
    }
}
