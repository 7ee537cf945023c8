import Generation
import Steering

/// Writes an answer to standard output as it comes: as plain text, or each token in the
/// colour of its reading.
///
/// A token's reading is known when the model has read it, one token later than its text.
final class AnswerPrinter {
    private let colours: MeterColours?
    private let isTerminal: Bool
    private let isSilent: Bool
    private let isWanted: () -> Bool
    private var printed = ""
    /// Where standard output no longer takes text, the answer ends, and the reason is thrown after it.
    private var problem: TillerError?

    /// - Parameters:
    ///   - meter: Whose colours the answer has; nil for plain text.
    ///   - isSilent: Whether nothing is written at all.
    ///   - isWanted: Whether the answer is still wanted.
    init(
        meter: Meter?, terminal: Terminal = .current, isSilent: Bool = false,
        isWanted: @escaping () -> Bool = { true }
    ) {
        let isColoured = terminal.outputIsTerminal && terminal.allowsColour
        colours = isColoured ? meter.flatMap { MeterColours($0.scale) } : nil
        isTerminal = terminal.outputIsTerminal
        self.isSilent = isSilent
        self.isWanted = isWanted
    }

    /// Takes a piece of text; says whether the answer is still wanted.
    func take(_ text: String) -> Bool {
        if colours == nil { write(text, painted: text) }
        return problem == nil && isWanted()
    }

    /// Takes a token that has been read.
    func take(_ token: AnswerToken, reading: MeterReading?) {
        guard let colours, !token.text.isEmpty else { return }
        let text = token.text.withoutTerminalControls
        write(token.text, painted: reading.map { colours.painted(text, as: $0.value) } ?? text)
    }

    /// Writes what no token has brought, and a line break.
    func finish(_ answer: Generation) throws(TillerError) {
        if let problem { throw problem }
        // By bytes: what follows may join the last character that was printed.
        if colours != nil, answer.text.utf8.starts(with: printed.utf8) {
            let rest = String(decoding: answer.text.utf8.dropFirst(printed.utf8.count), as: UTF8.self)
            write(rest, painted: rest.withoutTerminalControls)
        }
        if !answer.text.hasSuffix("\n") { write("\n", painted: "\n") }
        if let problem { throw problem }
    }

    private func write(_ text: String, painted: String) {
        guard !isSilent, problem == nil else { return }
        printed += text
        do throws(TillerError) {
            try StandardStream.output.write(
                isTerminal && colours == nil ? painted.withoutTerminalControls : painted)
        } catch {
            problem = error
        }
    }
}
