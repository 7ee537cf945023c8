import Foundation
import Glibc

/// Text that comes from the command line, from standard input or from a file.
enum TextInput {
    /// The text itself, or all of standard input for `-`, without its last line break.
    static func text(_ argument: String) throws(TillerError) -> String {
        guard argument == "-" else { return argument }
        return withoutLastLineBreak(
            try decode(try bytes(of: 0, name: "standard input"), name: "standard input"))
    }

    /// A prompt of the command line, as `text` reads it, that says something.
    ///
    /// Nothing from standard input is what a command that failed has left. A raw prompt is taken as it is,
    /// and what has no tokens is refused later: a model whose file begins texts may begin with nothing else.
    static func prompt(_ argument: String, isRaw: Bool) throws(TillerError) -> String {
        let text = try text(argument)
        if argument == "-", text.isEmpty || !isRaw && text.allSatisfy(\.isWhitespace) {
            throw .unusableInput(
                path: "standard input", reason: "there is no prompt in it",
                remedy: "look at the command before the pipe, or pass a text with -p")
        }
        guard isRaw || !text.allSatisfy(\.isWhitespace) else {
            throw .badUsage(
                message: "-p is empty, and there is nothing to answer",
                remedy: "pass a text with -p; --raw begins from nothing where the model can")
        }
        return text
    }

    /// The only one of an option's values; nil where it was not given.
    static func single(
        _ values: [String], option: String = "-p", remedy: String
    ) throws(TillerError) -> String? {
        guard values.count < 2 else {
            throw .badUsage(
                message: "\(option) was given \(values.count) times, and one of them would be left out",
                remedy: remedy)
        }
        return values.first
    }

    /// The prompts in a file (or in standard input, for `-`), one a line.
    ///
    /// - Throws: `unusableInput` where there is none.
    static func prompts(of path: String) throws(TillerError) -> [String] {
        let lines = try lines(of: path)
        guard !lines.isEmpty else {
            throw .unusableInput(
                path: name(of: path), reason: "there is no prompt in it", remedy: "write one prompt a line")
        }
        return lines
    }

    /// The prompts in a file as `prompts` reads them, each once: a repeated one is drawn alike, and would
    /// only count twice. Says how many were left out.
    ///
    /// - Parameter advice: What asks a prompt several times, if anything does.
    static func distinctPrompts(of path: String, advice: String? = nil) throws(TillerError) -> [String] {
        let lines = try prompts(of: path)
        let distinct = Self.distinct(lines)
        if distinct.count < lines.count {
            note(
                "\(name(of: path)): \(lines.count - distinct.count) of \(lines.count) prompts are repeated, and asked once"
                    + (advice.map { "; \($0)" } ?? ""))
        }
        return distinct
    }

    /// Texts in their order, each once.
    static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }

    /// The lines of a file (or of standard input, for `-`) that are not empty.
    static func lines(of path: String) throws(TillerError) -> [String] {
        let bytes = try contents(of: path)
        // Split at the scalar, because \r\n is one Character.
        return try decode(bytes, name: name(of: path)).unicodeScalars.split(separator: "\n")
            .map { String($0.last == "\r" ? $0.dropLast() : $0) }
            .filter { !$0.allSatisfy(\.isWhitespace) }
    }

    /// The texts of a file (or of standard input, for `-`) that holds a JSON list of them.
    static func list(of path: String) throws(TillerError) -> [String] {
        let bytes = try contents(of: path)
        do {
            return try JSONDecoder().decode([String].self, from: Data(bytes))
        } catch {
            throw .unusableInput(
                path: name(of: path), reason: "it is not a JSON list of texts",
                remedy: "write [\"a text\", \"another\"]")
        }
    }

    /// What people call the file behind a path.
    static func name(of path: String) -> String { path == "-" ? "standard input" : path }

    /// As much of a text as tells it from others.
    static func beginning(of text: String) -> String { DisplayWidth.truncated(text.onOneLine, to: 40) }

    private static func contents(of path: String) throws(TillerError) -> [UInt8] {
        if path == "-" { return try bytes(of: 0, name: "standard input") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotReadInput(path: path, reason: FileSystem.reason()) }
        defer { close(descriptor) }
        return try bytes(of: descriptor, name: path)
    }

    /// A prompt is text that somebody wrote; a gigabyte of it is a mistake.
    private static let largestByteCount = 64 << 20

    private static func bytes(of descriptor: Int32, name: String) throws(TillerError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .cannotReadInput(path: name, reason: FileSystem.reason())
            }
            bytes += buffer[..<count]
            guard bytes.count <= largestByteCount else {
                throw .unusableInput(
                    path: name, reason: "it is larger than \(Quantity.bytes(largestByteCount))",
                    remedy: "give a shorter text")
            }
        }
    }

    private static func decode(_ bytes: [UInt8], name: String) throws(TillerError) -> String {
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        guard let text = String(validating: hasMark ? bytes.dropFirst(3) : bytes[...], as: UTF8.self) else {
            throw .unusableInput(path: name, reason: "it is not UTF-8", remedy: "save the text as UTF-8")
        }
        return text
    }

    private static func withoutLastLineBreak(_ text: String) -> String {
        guard text.unicodeScalars.last == "\n" else { return text }
        var scalars = text.unicodeScalars
        scalars.removeLast()
        if scalars.last == "\r" { scalars.removeLast() }
        return String(scalars)
    }
}
