import ArgumentParser
import ControlVectors
import Steering
import Terms

/// `tiller combine`
struct CombineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "combine",
        abstract: "Add vectors of one model, each with its weight, into one.",
        discussion: """
            tiller combine happy.gguf:0.5 formal.gguf -o both.gguf. With --orthogonalize each vector first loses what it \
            has in common with those before it, at weight 0 too: combine sad.gguf:0 tired.gguf --orthogonalize is \
            tiredness without sadness. Ends with 3 where the vectors are not of one model. The \
            result names its model where all of them name it, and keeps the names, digests and weights of what it was made of, \
            which inspect shows.
            """)

    @Argument(
        help: ArgumentHelp(
            "The vectors and their weights, 1 where none is given.", valueName: "vector[:weight]"))
    var vectors: [String]

    @Option(name: [.customShort("o"), .customLong("output")], help: "The vector to write.")
    var outputPath: String

    @Flag(help: "Take from each vector what it has in common with those before it.")
    var orthogonalize = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let specifications = try vectors.map { text throws in
            try VectorSpecification(parsing: text, option: "a vector")
        }
        try AtomicFile.checkOutput(outputPath, refusing: specifications.map(\.path))
        let read = try specifications.map { try ControlVector(path: $0.path) }
        let provenance = try SharedProvenance(of: read, paths: specifications.map(\.path))
        var parts: [ControlVector] = []
        for vector in read {
            parts.append(orthogonalize ? try vector.orthogonalized(against: parts) : vector)
        }
        let terms = try parts.indices.map { index in
            let specification = specifications[index]
            return SteeringPlan.Term(
                parts[index],
                strength: try specification.strength.number(for: read[index], path: specification.path))
        }
        var sum: ControlVector?
        for term in terms where term.strength != 0 {
            let part = try term.vector * Float(term.strength)
            sum = try sum.map { total throws(ControlVectorError) in try total + part } ?? part
        }
        guard var sum, !Self.isNothing(sum) else {
            throw TillerError.badUsage(
                message: "nothing is left of the vectors: they cancel, or all weights are 0 or next to it",
                remedy: "leave one of them out, or give it another weight")
        }
        sum = try provenance.marking(sum)
        sum.derivation = .sum(
            zip(zip(read, specifications), terms).map { parent, term in
                .init(.init(parent.0, path: parent.1.path), weight: Float(term.strength))
            }, isOrthogonalized: orthogonalize)
        provenance.warnings.forEach(warn)
        ConflictWarning.say(
            among: terms, named: specifications.map(\.path), layerCount: (sum.layers.last?.rawValue ?? 0) + 1)
        try sum.write(to: outputPath, refusing: specifications.map(\.path))
        let words = CombinationWords(
            paths: specifications.map(\.path), terms: terms, originals: read, sum: sum, output: outputPath)
        try output.print(json: words.json, text: words.text(titleStyle: output.titleStyle))
    }

    /// Whether no layer is as long as the least number that float32 holds in full: what
    /// is shorter steers nothing.
    private static func isNothing(_ vector: ControlVector) -> Bool {
        vector.layers.allSatisfy { vector.length(of: $0) < Double(Float.leastNormalMagnitude) }
    }
}
