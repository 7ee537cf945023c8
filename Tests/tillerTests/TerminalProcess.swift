import Foundation
import Glibc
import _TestSupport

/// One run of the built `tiller` at a terminal, as a person starts it: a pseudo-terminal that shows colours
/// unless the environment says otherwise.
struct TerminalProcess {
    var status: Int32
    /// What the terminal has got, with line breaks as the command wrote them.
    var screen: String

    /// Runs a command line to its end.
    ///
    /// - Parameter showsErrors: Whether standard error goes to the terminal, too; progress, which
    ///   comes by the clock, is in it.
    init(_ arguments: [String], environment: [String: String] = [:], showsErrors: Bool = true) throws {
        var (display, line): (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&display, &line, nil, nil, &size) == 0 else {
            throw POSIXError(.init(rawValue: errno) ?? .EIO)
        }
        defer { close(display) }
        // Programs that other tests start meanwhile must not keep it open.
        for end in [display, line] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: TillerProcess.path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["NO_COLOR": "", "TERM": "xterm-256color"]) { $1 }.merging(environment) { $1 }
        let handle = FileHandle(fileDescriptor: line, closeOnDealloc: false)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = showsErrors ? handle : FileHandle.nullDevice
        let started = Result { try process.run() }
        close(line)
        try started.get()
        // Once nobody has the other end any more, reading is an error.
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(display, &piece, piece.count)
            if count > 0 {
                bytes += piece[..<count]
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        process.waitUntilExit()
        status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        screen = String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n")
    }

    /// What is shown without its colours.
    var plain: String {
        screen.replacingOccurrences(of: "\u{1B}\\[[0-9;]*m", with: "", options: .regularExpression)
    }
}
