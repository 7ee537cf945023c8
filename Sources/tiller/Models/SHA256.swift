/// The SHA-256 of a file, by coreutils' `sha256sum`: in each Debian, and as fast as the processor allows.
enum SHA256 {
    /// The digest in lowercase hexadecimal.
    static func digest(of file: String, logIn folder: String) throws(DownloadProblem) -> String {
        let outcome: Subprocess.Outcome?
        do {
            outcome = try Subprocess(command: ["sha256sum", "--", file], logPath: folder + "/sha256").run()
        } catch {
            throw .toolFailed(tool: "sha256sum", detail: error.message)
        }
        guard let outcome else { throw .noTool("sha256sum", package: "coreutils") }
        // A name with a backslash or a line break in it is escaped, and the line begins
        // with a backslash then.
        let digest = outcome.log.drop { $0 == "\\" }.prefix { $0.isHexDigit }
        guard outcome.status == 0, digest.count == 64 else {
            throw .toolFailed(tool: "sha256sum", detail: outcome.lastLine)
        }
        return String(digest)
    }

    /// The digest that a text is; nil where it is something else. Quotes around it and a weak mark are passed
    /// over, so that an entity tag can be asked.
    static func digest(in text: String) -> String? {
        var text = text[...]
        if text.hasPrefix("W/") { text = text.dropFirst(2) }
        text = text.drop { $0 == "\"" }
        while text.last == "\"" { text.removeLast() }
        if text.hasPrefix("sha256:") { text = text.dropFirst(7) }
        guard text.utf8.count == 64, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            return nil
        }
        return text.lowercased()
    }
}
