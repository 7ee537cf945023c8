import ArgumentParser
import ControlVectors
import Generation
import Steering
import Terms
import Transformer

/// `tiller validate`
struct ValidateCommand: ComputingCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Say whether a vector fits a model.",
        discussion: """
            Grades: exact (the same file), sameWeights (another quantisation), sameShape (other weights; steering \
            needs --force), incompatible. Ends with 0 where the vector may be used, with 3 where it is refused. \
            --proof also runs the model: a vector that is planted at the output of a block must change that output, by \
            what was planted, and no block before it.
            """)

    @Argument(help: "The vector.")
    var vector: String

    @OptionGroup var model: ModelOptions

    @Flag(help: "Prove with the model that each of the vector's layers can be steered.")
    var proof = false

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let path = try model.path()
        let source = try ModelOptions.open(path)
        let fingerprint = try ModelFingerprint(of: source)
        let vector = try ControlVector(path: self.vector)
        let compatibility = Compatibility(of: vector, with: fingerprint)
        let isUsable = compatibility.isUsable()
        let fix =
            isUsable
            ? nil : vector.repairCommand(vectorPath: self.vector, model: fingerprint, modelPath: path)
        let proof =
            proof && compatibility.grade != .incompatible
            ? try planted(vector, in: try TransformerModel(source)) : nil

        var table = Table(.text(""), .wrapped(""))
        table.append("grade", compatibility.grade.rawValue)
        let origin = vector.fingerprint
        table.append("vector", Self.words(origin, else: "hidden size \(vector.hiddenSize), unknown origin"))
        table.append("model", Self.words(fingerprint, else: ""))
        for reason in compatibility.reasons { table.append("why", reason) }
        if let fix { table.append("fix", fix) }
        if let proof { table.append("proof", Self.words(proof)) }
        try output.print(
            json: [
                "grade": .string(compatibility.grade.rawValue),
                "reasons": .array(compatibility.reasons.map { .string($0) }), "fix": .string(fix),
                "usable": .bool(isUsable),
                "vector": [
                    "path": .string(self.vector), "layers": .layers(vector.layers),
                    "hiddenSize": .integer(vector.hiddenSize), "modelHint": .string(vector.modelHint),
                    "fingerprint": .optional(origin, VectorInspection.json),
                ],
                "model": ["path": .string(path), "fingerprint": VectorInspection.json(fingerprint)],
                "proof": .optional(proof) {
                    [
                        "steeredLayers": .layers($0.findings.filter(\.holds).map(\.layer)),
                        "unsteeredLayers": .layers($0.failures.map(\.layer)),
                    ]
                },
                "origin": .optional(vector.origin, VectorInspection.json),
            ],
            text: table.rendered(width: Terminal.current.width))
        if !isUsable { throw ExitCode(ExitStatus.incompatibleVector) }
        if let proof, !proof.failures.isEmpty { throw ExitCode(ExitStatus.failed) }
    }

    private func planted(_ vector: ControlVector, in model: TransformerModel) throws -> PlantedProof {
        let context = try InferenceContext(
            model, capacity: 1, threads: threads.count, precision: .fast)
        return try PlantedProof(vector.layers, in: context)
    }

    private static func words(_ fingerprint: ModelFingerprint?, else unknown: String) -> String {
        guard let fingerprint else { return unknown }
        return [fingerprint.name, fingerprint.summary, fingerprint.fileTypeName].compactMap { $0 }
            .joined(separator: ", ")
    }

    private static func words(_ proof: PlantedProof) -> String {
        let count = proof.findings.count
        guard !proof.failures.isEmpty else {
            return "\(count) of \(count) layers change where a vector is planted, and none before"
        }
        return "\(count - proof.failures.count) of \(count) layers can be steered; not: "
            + proof.failures.map(\.layer).runs
    }
}
