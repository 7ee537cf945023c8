import ArgumentParser
import ControlVectors

/// `tiller validate`
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Say whether a vector fits a model.",
        discussion: """
            Grades: exact (the same file), sameWeights (another quantisation), sameShape (other weights; steering \
            needs --force), incompatible. Ends with 0 where the vector may be used, with 3 where it is refused.
            """)

    @Argument(help: "The vector.")
    var vector: String

    @OptionGroup var model: ModelOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let path = try model.path()
        let fingerprint = try ModelFingerprint(of: try model.open())
        let vector = try ControlVector(path: self.vector)
        let compatibility = Compatibility(of: vector, with: fingerprint)
        let isUsable = compatibility.isUsable()
        let fix = isUsable ? nil : vector.repairCommand(vectorPath: self.vector, modelPath: path)

        var table = Table(.text(""), .wrapped(""))
        table.append("grade", compatibility.grade.rawValue)
        for reason in compatibility.reasons { table.append("why", reason) }
        if let fix { table.append("fix", fix) }
        try output.print(
            json: [
                "grade": .string(compatibility.grade.rawValue),
                "reasons": .array(compatibility.reasons.map { .string($0) }), "fix": .string(fix),
                "usable": .bool(isUsable), "origin": .optional(vector.origin, VectorInspection.json),
            ],
            text: table.rendered(width: Terminal.current.width))
        if !isUsable { throw ExitCode(ExitStatus.incompatibleVector) }
    }
}
