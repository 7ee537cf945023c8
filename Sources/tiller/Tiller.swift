import ArgumentParser
import Glibc
import LinearAlgebra
import Quantization
import Terms

/// The root of the command line: it parses, runs a subcommand, and ends the process with the right status.
@main
struct Tiller: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "tiller",
        abstract: "Find the direction of a trait in a language model, and steer along it.",
        discussion: """
            Start with `tiller pull smollm2-135m-instruct`, then `tiller generate -p "How was your day?"`. \
            Every command takes --json. Exit codes: 0 done, 1 failed, 2 bad usage, 3 incompatible vector, \
            4 a readout head wants a person to look.
            """,
        version: version,
        subcommands: [
            PullCommand.self, ModelsCommand.self, InspectCommand.self, TokenizeCommand.self,
            CaptureCommand.self,
            ImportCommand.self, LintCommand.self, ExtractCommand.self, ReextractCommand.self,
            GenerateCommand.self, ChatCommand.self, SweepCommand.self, CalibrateCommand.self,
            RunsCommand.self,
            ScoreCommand.self,
            ValidateCommand.self, CompareCommand.self, ShiftCommand.self, CombineCommand.self,
            ConditionCommand.self, ConvertCommand.self,
            QuantizeCommand.self, BenchCommand.self,
        ])

    /// The names of all subcommands.
    static var commandNames: [String] {
        configuration.subcommands.compactMap { $0.configuration.commandName }
    }

    static func main() {
        holdClosedStreams()
        BLASKernels.endThreads()
        // A file that grows over `ulimit -f` is an error of that write, and not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        // So is a pipe that nobody reads any more: an answer's log, for one, is still brought to its end.
        signal(SIGPIPE, SIG_IGN)
        AtomicFile.removePartialOnSignals()
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let problem = unreadableArgument() ?? unknownKernels() {
            Glibc.exit(end(with: problem, arguments: arguments))
        }
        Glibc.exit(run(arguments))
    }

    /// Takes the numbers of standard streams that are closed, or the next file that is opened would have
    /// them, and what is printed would go into it. Each is open the wrong way round, so that reading and
    /// writing fail as they do where it is closed.
    private static func holdClosedStreams() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// What is wrong with the first argument that is not UTF-8. Swift repairs such texts, and the
    /// repaired one names another file.
    private static func unreadableArgument() -> TillerError? {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let bytes = CommandLine.unsafeArgv[index], String(validatingCString: bytes) == nil else {
                continue
            }
            return .badUsage(
                message: "argument \(index) is not UTF-8: \(String(cString: bytes))",
                remedy: "give the file another name, or a link with one")
        }
        return nil
    }

    /// What is wrong with the instruction set that the environment names.
    private static func unknownKernels() -> TillerError? {
        guard let refused = KernelChoice.refused else { return nil }
        let available = KernelChoice.available.joined(separator: ", ")
        return .badUsage(
            message: "\(KernelChoice.variable) is \(refused), and here are \(available)",
            remedy: "set one of these, or unset it for the best")
    }

    /// Runs a command line and gives the status to exit with.
    static func run(_ arguments: [String]) -> Int32 {
        do {
            // The parser's own `help` shows what it knows where it is asked for what does not exist.
            if arguments.first == "help",
                let refusal = NamedCommand(in: Array(arguments.dropFirst()), below: self).refusal
            {
                throw refusal
            }
            var command = try parseAsRoot(arguments)
            try (command as? any ComputingCommand)?.threads.check()
            try command.run()
            return ExitStatus.done
        } catch {
            return end(with: error, arguments: arguments)
        }
    }

    private static func end(with error: any Error, arguments: [String]) -> Int32 {
        if let escalated = error as? Escalated {
            if let problem = escalated.problem { _ = end(with: problem, arguments: arguments) }
            return ExitStatus.escalated
        }
        // Help, version and completion scripts arrive as errors too, with status 0.
        let isRequest = exitCode(for: error) == .success
        do {
            // A command that has said everything itself.
            if let status = error as? ExitCode { return status.rawValue }
            if isRequest {
                try StandardStream.output.write(fullMessage(for: error) + "\n")
                return ExitStatus.done
            }
            if isOutputClosed(error) { return ExitStatus.failed }
            let failure = failure(for: error, arguments: arguments)
            if wantsJSON(arguments), (error as? TillerError)?.isOutputGone != true {
                try StandardStream.output.write(failure.json.text + "\n")
            } else {
                failure.say()
            }
            return failure.status
        } catch {
            if !isOutputClosed(error) { Failure(error).say() }
            return ExitStatus.failed
        }
    }

    /// Whoever closes a pipe, as `head` does, has read what it wanted and needs no words; the
    /// status says that there was more.
    private static func isOutputClosed(_ error: any Error) -> Bool {
        error as? TillerError == .outputClosed
    }

    /// The words for an error of the parser or of the work.
    static func failure(for error: any Error, arguments: [String]) -> Failure {
        // The parser's own errors, and only they, have its validation status.
        guard exitCode(for: error) == .validationFailure else { return Failure(error) }
        let named = NamedCommand(in: arguments, below: self)
        if let refusal = named.refusal { return Failure(refusal) }
        return Failure(usage: message(for: error), command: named.words)
    }

    /// Asked of the words themselves, because a command line that cannot be parsed has no options.
    static func wantsJSON(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }
}
