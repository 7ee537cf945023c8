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

    /// Writes all of the text, or throws `TillerError.cannotWriteOutput`, or `outputClosed`
    /// for a pipe without a reader.
    func write(_ text: String) throws(TillerError) {
        var text = text
        let problem: Int32? = text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(rawValue, rest.baseAddress, rest.count)
                if count >= 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                } else if errno == EAGAIN {
                    // Whoever started us set the stream so; it sleeps until there is
                    // room, or nobody reads any more.
                    var room = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                    poll(&room, 1, -1)
                } else if errno != EINTR {
                    return errno
                }
            }
            return nil
        }
        if problem == EPIPE { throw .outputClosed }
        if let problem { throw .cannotWriteOutput(reason: String(cString: strerror(problem))) }
    }
}

/// Says something to a person, on standard error. That it could not be said stops no work.
func note(_ text: String, in style: TextStyle? = nil) {
    say([(text, style)])
}

/// Says that something is probably not as a person thinks.
func warn(_ text: String) {
    say([("warning:", .yellow), (" " + text, nil)])
}

/// One line. What a file says in it does not steer the terminal; only the styles do.
private func say(_ pieces: [(text: String, style: TextStyle?)]) {
    let isColoured = Terminal.current.errorIsTerminal && Terminal.current.allowsColour
    let line = pieces.map { piece in
        let text = piece.text.withoutTerminalControls
        return piece.style?.applied(to: text, if: isColoured) ?? text
    }
    try? StandardStream.error.write(line.joined() + "\n")
}
