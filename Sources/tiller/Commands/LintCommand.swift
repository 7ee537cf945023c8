import ArgumentParser
import Steering
import Terms

/// `tiller lint`
struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Say what is wrong with a dataset before anything is computed from it.",
        discussion: """
            Looks for identical sides, few pairs, duplicates, texts on both sides, sides of different lengths, prompts without \
            the model's chat template, last tokens that give the answer away, suffixes that take sides, and questions that the \
            extraction sees. Ends with 0 where nothing is worse than a note, else with 1. extract looks too, and goes on.
            """)

    @Argument(help: "The dataset, a JSON file.")
    var dataset: String

    @OptionGroup var model: ModelOptions

    @Flag(
        name: .customLong("raw"),
        help: "Take the dataset's prompts as they are, without the model's chat template.")
    var isRaw = false

    @Flag(name: .customLong("texts-only"), help: "Look at the texts alone, without a model's tokens.")
    var needsNoModel = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let findings = try findings()
        let worst = findings.map(\.severity).max() ?? .note
        func count(_ severity: LintFinding.Severity) -> Int {
            findings.filter { $0.severity == severity }.count
        }
        let found =
            findings.isEmpty
            ? "\(dataset.onOneLine): nothing to object to"
            : LintFinding.Severity.allCases.reversed().filter { count($0) > 0 }
                .map { Quantity.counted(count($0), $0.rawValue) }.joined(separator: ", ")
        let summary = found + (needsNoModel ? "; what needs a model was not looked at" : "")
        try output.print(
            json: [
                "path": .string(dataset), "findings": LintWords.json(findings),
                "errors": .integer(count(.error)),
                "warnings": .integer(count(.warning)), "textsOnly": .bool(needsNoModel),
            ],
            text: (findings.isEmpty ? "" : LintWords.text(findings, titleStyle: output.titleStyle) + "\n")
                + summary)
        if worst >= .warning { throw ExitCode(ExitStatus.failed) }
    }

    /// A dataset that cannot be read as one is a finding; a file that cannot be read at all is an error.
    private func findings() throws -> [LintFinding] {
        let prompts: Dataset
        do {
            prompts = try Dataset(path: dataset)
        } catch let error where error.kind != .unreadableFile {
            return [LintFinding(error)]
        }
        let read = isRaw ? prompts.usingRawPrompts() : prompts
        return needsNoModel
            ? DatasetLint.findings(in: read) : try DatasetLint.findings(in: read, for: model.load())
    }
}
