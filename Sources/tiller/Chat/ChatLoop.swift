import ArgumentParser
import ControlVectors
import GGUF
import Generation
import Steering
import Terms
import Transformer

/// Reads lines and does what they say, until there are no more.
final class ChatLoop {
    let session: ChatSession
    var watchers: Watchers
    /// Files that are read or written to all along, none of which `/save` may replace.
    var inputs: [String]
    /// The rules of the session; nil where there are none.
    private(set) var preset: LoadedPreset?
    /// The layers of vectors that name none of their own; nil for all.
    let layers: LayerSelection?
    let isForced: Bool
    /// Whether each answer has a seed of its own.
    private let drawsSeeds: Bool
    let output: OutputOptions
    private(set) var transcript = ChatTranscript()
    private var lines = LineInput()
    private let isTyped = StandardStream.isInputTerminal
    private var hasFailed = false
    private var isEscalated = false

    init(
        _ session: ChatSession, layers: LayerSelection? = nil, preset: LoadedPreset? = nil,
        watchers: Watchers, inputs: [String], forced: Bool, drawsSeeds: Bool = false,
        output: OutputOptions
    ) throws {
        self.session = session
        self.layers = layers
        self.watchers = watchers
        self.inputs = inputs
        isForced = forced
        self.drawsSeeds = drawsSeeds
        self.output = output
        try use(preset)
    }

    /// Steers by the rules of a preset from now on, or by none.
    func use(_ preset: LoadedPreset?) throws {
        session.rules = preset?.program ?? SteeringProgram()
        self.preset = preset
        inputs += preset?.files ?? []
    }

    /// Runs to the end of the input.
    ///
    /// - Throws: what standard output throws, or `ExitCode`; what a line does wrong is said,
    ///   and the next one is read.
    func run() throws {
        do {
            try performAll()
        } catch  where isEscalated {
            throw Escalated(problem: error)
        }
        if isEscalated { throw Escalated() }
        if hasFailed, !isTyped || lines.hasFailed { throw ExitCode(ExitStatus.failed) }
    }

    private func performAll() throws {
        let showsPrompt = isTyped && !output.isJSON
        let interrupt = Interrupt {
            if showsPrompt { try? StandardStream.output.write("\n(Ctrl-D ends the chat)\n" + Self.prompt) }
        }
        if showsPrompt { greet() }
        while true {
            if showsPrompt { try StandardStream.output.write(Self.prompt) }
            do {
                guard let text = try lines.next() else { break }
                let line = try ChatLine(parsing: text)
                if line == .quit { break }
                try perform(line, interrupt)
            } catch let error as TillerError where error.isOutputGone {
                throw error
            } catch {
                hasFailed = true
                let failure = Failure(error)
                transcript.errors.append(failure)
                failure.say()
            }
        }
        if showsPrompt { try StandardStream.output.write("\n") }
        try output.print(json: transcript.json(session), text: "")
    }

    private static var prompt: String {
        TextStyle.bold.applied(to: "> ", if: Terminal.current.allowsColour)
    }

    private func greet() {
        let name = session.model.transformer.configuration.name ?? session.model.file.path
        note("\(name.onOneLine). \(vectorLines.joined(separator: ", ")); /help lists the commands.")
    }

    // MARK: - Lines

    private func perform(_ line: ChatLine, _ interrupt: Interrupt) throws {
        switch line {
        case .nothing, .quit: break
        case .message(let text):
            try answer(interrupt) { watch, printer in
                try session.ask(
                    text, watch: watch, onToken: { printer.take($0, reading: watch?.lastReading) },
                    onText: printer.take)
            }
        case .again:
            try answer(interrupt) { watch, printer in
                try session.askAgain(
                    watch: watch, onToken: { printer.take($0, reading: watch?.lastReading) },
                    onText: printer.take)
            }
        case .compare: try compare(interrupt)
        case .undo: try undo()
        case .help: try say(ChatWords.help)
        case .history: try say(ChatWords.history(session.conversation))
        case .reset:
            session.conversation.reset()
            transcript.turns = []
            try say("a new conversation")
        case .showSystem:
            try say(
                session.conversation.system?.withoutTerminalControls ?? "the chat template's own system turn")
        case .system(let text):
            session.conversation.system = text
            try say(text == nil ? "the chat template's own system turn" : "the system turn is changed")
        case .save(let path):
            try AtomicFile.write(
                Array((transcript.json(session).text + "\n").utf8), to: path, refusing: inputs)
            try say("wrote \(path.onOneLine)")
        case .strength(let strength, let name): try setStrength(strength, of: name)
        case .addVector(let text): try addVector(text)
        case .removeVectors(let name): try removeVectors(name)
        case .setPreset(let path): try setPreset(path)
        case .showVectors: try say(vectorLines.joined(separator: "\n"))
        case .addMeter(let text): try addMeter(text)
        case .removeMeters:
            watchers.meters = []
            try say("no meters")
        case .showMeters:
            let lines = transcript.turns.last?.watch.map { MeterWords($0).lines } ?? []
            let names = watchers.meters.map(\.name.onOneLine)
            try say(
                !lines.isEmpty
                    ? lines.joined(separator: "\n")
                    : names.isEmpty ? "no meters" : "meters: " + names.joined(separator: ", "))
        }
    }

    func say(_ text: String) throws { try output.say(text) }

    // MARK: - Answers

    private func answer(
        _ interrupt: Interrupt, _ ask: (AnswerWatch?, AnswerPrinter) throws -> Generation?
    ) throws {
        let watch = watchers.watch()
        let printer = AnswerPrinter(
            meter: watch?.meters.first, isSilent: output.isJSON, isWanted: { !interrupt.isRaised })
        // Said whatever becomes of the answer and of standard output.
        defer {
            for line in HeadWords.lines(of: watch) { warn(line) }
            if watch?.isEscalated == true { isEscalated = true }
        }
        if drawsSeeds { session.sampling.seed = SamplingArguments.drawnSeed() }
        let answer = try interrupt.during { try ask(watch, printer) }
        guard let answer, let turn = session.conversation.turns.last else { throw Self.nothingAsked }
        try printer.finish(answer)
        if answer.finishReason == .length, answer.ids.count < session.maximumTokens {
            note("the context is full, and the answer ended there; /reset begins anew, or take a larger -c")
        }
        // Asked again, it has taken the place of the last answer.
        if transcript.turns.count == session.conversation.turns.count { transcript.turns.removeLast() }
        transcript.turns.append(
            ChatTranscript.Turn(
                question: turn.question, answer: answer, system: session.conversation.system,
                seed: session.sampling.seed,
                steering: SteeringWords(vectors: session.vectors, preset: preset), watch: watch,
                computedTokens: session.timing.prefillTokens + session.timing.decodeTokens))
        for line in watch.map({ MeterWords($0).lines }) ?? [] { try say(dimmed(line)) }
    }

    private func compare(_ interrupt: Interrupt) throws {
        guard let last = transcript.turns.last else { throw Self.nothingAsked }
        let dials = dialWords
        guard !last.steeringWords.isEmpty else {
            throw TillerError.badUsage(
                message: "the last answer was not steered, so there is nothing to compare it with",
                remedy: dials.isEmpty
                    ? "/vector FILE:STRENGTH, /again, and then /compare"
                    : "/again answers with \(dials.joined(separator: ", ")), and then /compare")
        }
        let watch = watchers.readers.watch()
        // Another seed would be one more difference between the two.
        session.sampling.seed = last.seed
        let plain = try interrupt.during {
            try session.withoutSteering(watch: watch, onText: { _ in !interrupt.isRaised })
        }
        guard let plain else { throw Self.nothingAsked }
        try say(
            GenerateCommand.sideBySide(
                baseline: plain.text, steered: last.answer.text,
                title: last.steeringWords.joined(separator: ", "), output))
        if last.steering.dials != dials {
            note(
                "the dials have been turned since, to \(dials.isEmpty ? "no steering" : dials.joined(separator: ", ")); "
                    + "/again answers with them")
        }
        if let watch, let steered = last.watch {
            for line in MeterWords(watch).lines { try say(dimmed("baseline  " + line)) }
            for line in MeterWords(steered).lines { try say(dimmed("steered   " + line)) }
        }
        transcript.compare(plain, watch)
    }

    private func undo() throws {
        guard let turn = session.conversation.undo() else { throw Self.nothingAsked }
        transcript.turns.removeLast()
        try say("took back: " + DisplayWidth.truncated(turn.question.onOneLine, to: 60))
    }

    private func dimmed(_ text: String) -> String {
        TextStyle.dim.applied(
            to: text, if: Terminal.current.outputIsTerminal && Terminal.current.allowsColour)
    }

    private static let nothingAsked = TillerError.badUsage(
        message: "nothing has been asked yet", remedy: "type a line, and press Enter")
}
