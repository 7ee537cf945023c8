import Glibc

/// Where a command writes: results to `output`, progress and warnings to `error`.
///
/// Plain `write(2)`, so that streamed text appears as it is made and a full disk is noticed.
enum StandardStream: Int32, Sendable {
    /// The result and nothing else.
    case output = 1
    /// What a person reads beside it.
    case error = 2

    /// Whether a person looks at this stream.
    var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Whether a person types what is read.
    static var isInputTerminal: Bool { isatty(0) == 1 }

    /// Writes all of the text, or throws `TillerError.cannotWriteOutput`.
    func write(_ text: String) throws(TillerError) {
        var text = text
        let problem: Int32? = text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(rawValue, rest.baseAddress, rest.count)
                if count >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else if errno != EINTR && errno != EAGAIN {
                    return errno
                }
            }
            return nil
        }
        if let problem { throw .cannotWriteOutput(reason: String(cString: strerror(problem))) }
    }
}

/// Says something to a person, on standard error. That it could not be said stops no work.
func note(_ text: String) {
    try? StandardStream.error.write(text + "\n")
}

/// Says that something is probably not as a person thinks.
func warn(_ text: String) {
    let terminal = Terminal.current
    note(
        TextStyle.yellow.applied(to: "warning:", if: terminal.errorIsTerminal && terminal.allowsColour) + " "
            + text)
}
