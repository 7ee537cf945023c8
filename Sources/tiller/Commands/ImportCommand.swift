import ArgumentParser
import Foundation
import Steering
import Terms

/// `tiller import`
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a dataset of another tool's prompts.",
        discussion: """
            repeng: a JSON list of {"positive", "negative"}. repeng-suffixes: a JSON list of answers' beginnings, with \
            --positive and --negative personas. llama.cpp: positive.txt negative.txt, one prompt a line. persona_vectors: a \
            trait file, and another one whose questions are for evaluation. cast: a behaviour file and its questions, or a \
            condition file. steerkit: lines of prompt, positive_response, negative_response. The form is told by the first file.
            """)

    @Argument(help: "One file or two.")
    var files: [String]

    @Option(name: [.customShort("o"), .customLong("output")], help: "The dataset to write.")
    var outputPath: String

    @Option(
        name: .customLong("from"),
        help: ArgumentHelp(
            "The form: \(DatasetImport.Kind.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "form"))
    var kind: DatasetImport.Kind?

    @Option(help: "The dataset's name (default: the first file's).")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "repeng-suffixes: the user turn (default: \(DatasetImport.standardTemplate)).", valueName: "text")
    )
    var template: String?

    @Option(
        help:
            "repeng-suffixes: a persona that has the trait; may be repeated. cast: the field of a condition file's positive side."
    )
    var positive: [String] = []

    @Option(help: "Its opposite; as often.")
    var negative: [String] = []

    @OptionGroup var output: OutputOptions

    func run() throws {
        try AtomicFile.checkOutput(outputPath, refusing: files)
        var reading = DatasetImport(kind: kind)
        reading.name = name
        reading.template = template
        reading.positive = positive
        reading.negative = negative
        let outcome = try reading.run(files)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes = try encoder.encode(outcome.dataset) + [UInt8(ascii: "\n")]
        try AtomicFile.write(bytes, to: outputPath, refusing: files)

        let findings = DatasetLint.findings(in: outcome.dataset)
        outcome.notes.forEach { note("note: \($0)") }
        LintWords.warn(findings)
        let words = DatasetInspection(path: outputPath, dataset: outcome.dataset, findings: findings)
        var json = words.json
        json.append("output", .string(outputPath))
        json.append("from", .string(outcome.kind.rawValue))
        json.append("notes", .array(outcome.notes.map { .string($0) }))
        try output.print(
            json: json,
            text: "wrote \(outputPath.onOneLine), from \(outcome.kind.rawValue)\n" + words.facts.text)
    }
}
