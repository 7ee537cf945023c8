import ArgumentParser
import Foundation
import Runs
import Steering
import Terms

/// `tiller runs`
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Sweeps that are kept: list, show, compare, remove.",
        discussion: "They lie in $TILLER_HOME/runs.sqlite. Each of these takes --json.",
        subcommands: [List.self, Show.self, Compare.self, Remove.self], defaultSubcommand: List.self)

    /// The names of all of them.
    static var names: [String] { configuration.subcommands.compactMap { $0.configuration.commandName } }

    /// `tiller runs list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List all runs, the newest first.")

        @OptionGroup var output: OutputOptions

        func run() throws {
            let (runs, problem) = try KeptRuns.openExisting()?.listing() ?? ([], nil)
            if let problem { RunWords.warn(of: problem) }
            var table = Table(
                .number("RUN"), .text("BEGAN"), .number("ANSWERS"), .number("PROMPTS"), .text("STRENGTHS"),
                .text("VECTORS"), .text("MODEL"))
            for run in runs {
                let strengths = run.report.strengths
                table.append(
                    "\(run.number)", RunWords.date(run.started),
                    run.finished == nil
                        ? "\(run.answered) of \(run.total)" : Quantity.count(run.total),
                    "\(run.report.prompts.count)",
                    [strengths.min(), strengths.max()].compactMap { $0.map { Quantity.strength(Float($0)) } }
                        .joined(separator: " to ") + " (\(strengths.count))",
                    run.report.vectors.map(\.name).joined(separator: ", "), run.report.model.name)
            }
            try output.print(
                json: [
                    "runs": .array(runs.map(RunWords.json)), "problem": .optional(problem, RunWords.json),
                ],
                text: runs.isEmpty
                    ? problem == nil ? "there is no run yet; tiller sweep makes one\n" : ""
                    : table.rendered(width: Terminal.current.width, titleStyle: output.titleStyle))
        }
    }

    /// `tiller runs show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a run again, or write its page.")

        @Argument(help: "The run's number.")
        var number: Int

        @Option(help: ArgumentHelp("Write a page with pictures and all answers.", valueName: "out.html"))
        var report: String?

        @Flag(help: "Print all answers, not only those to the first prompt.")
        var texts = false

        @OptionGroup var output: OutputOptions

        func validate() throws {
            if report?.isEmpty == true { throw ValidationError("--report is empty, expected a file") }
        }

        func run() throws {
            if let report { try AtomicFile.checkOutput(report, refusing: []) }
            let kept = try KeptRuns.open(for: [number]).run(number)
            if let problem = kept.problem { RunWords.warn(of: problem) }
            if kept.answered < kept.total {
                warn("run \(number) is unfinished: \(kept.answered) of \(kept.total) answers are there")
            }
            if let report {
                try AtomicFile.write(
                    Array(ReportPage(kept.report).html.utf8), to: report, refusing: KeptRuns.files)
            }
            let words = SweepWords(report: kept.report, run: number, reportPath: report)
            try output.print(json: words.json, text: words.text(output, showsAllTexts: texts))
        }
    }

    /// `tiller runs compare`
    struct Compare: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "compare", abstract: "Put two runs beside each other, strength by strength.")

        @Argument(help: "A run's number.")
        var left: Int

        @Argument(help: "Another run's number.")
        var right: Int

        @OptionGroup var output: OutputOptions

        func run() throws {
            let store = try KeptRuns.open(for: [left, right])
            let runs = try [left, right].map(store.run)
            runs.compactMap(\.problem).forEach(RunWords.warn)
            let comparison = try RunComparison(runs[0], runs[1])
            try output.print(
                json: comparison.json,
                text: comparison.text(width: Terminal.current.width, titleStyle: output.titleStyle))
        }
    }

    /// `tiller runs remove`
    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove runs, and the answers that no other run has.")

        @Argument(help: "The numbers of runs.")
        var numbers: [Int]

        @OptionGroup var output: OutputOptions

        func run() throws {
            // One that is named twice is gone after the first time.
            let numbers = Set(numbers).sorted()
            let answers = try KeptRuns.open(for: numbers).remove(numbers)
            try output.print(
                json: ["removed": .array(numbers.map(JSONValue.integer)), "answers": .integer(answers)],
                text:
                    "removed \(Quantity.counted(numbers.count, "run")) and \(Quantity.counted(answers, "answer"))\n"
            )
        }
    }
}

/// What is said of a kept run.
enum RunWords {
    /// A moment as people and scripts read it.
    static func date(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds).formatted(
            .iso8601.dateTimeSeparator(.space).timeZoneSeparator(.omitted))
    }

    /// Says what could not be read, which is left out of what is shown, and what can be done about it.
    static func warn(of problem: RunsError) {
        tiller.warn([problem.message, problem.remedy].compactMap { $0 }.joined(separator: "; "))
    }

    /// What could not be read, for scripts.
    static func json(_ problem: RunsError) -> JSONValue {
        [
            "code": .string(problem.code), "message": .string(problem.message),
            "fix": .string(problem.remedy),
        ]
    }

    /// A run in a list.
    static func json(_ run: KeptRun) -> JSONValue {
        [
            "run": .integer(run.number), "started": .string(date(run.started)),
            "finished": .string(run.finished.map(date)), "answers": .integer(run.answered),
            "places": .integer(run.total), "model": .string(run.report.model.name),
            "vectors": .array(run.report.vectors.map { .string($0.name) }),
            "prompts": .array(run.report.prompts.map { .string($0) }),
            "strengths": .array(run.report.strengths.map(JSONValue.number)),
        ]
    }
}
