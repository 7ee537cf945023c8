import ControlVectors
import Foundation

/// A judge's replies of an unfinished extraction, in a file, so that a run that goes on after its process was
/// killed neither waits nor pays for them again.
///
/// One JSON object a line, a hash of what was asked and the reply; the file only grows. A process that dies
/// while it writes leaves a line without its end, which the next one passes over. Two processes that have the
/// same work write to one file: lines are written whole, and equal questions have equally good replies.
final class JudgeReplies {
    private let path: String
    private var replies: [String: String] = [:]
    private var handle: FileHandle?

    private struct Line: Codable {
        var question: String
        var reply: String
    }

    static let suffix = "replies"

    /// What is kept of a piece of work; no file is made before there is a reply.
    ///
    /// - Parameter key: Names judge, its address and work, so that one extraction that ends does not take
    ///   away what another will go on with.
    init(folder: String, key: UInt64) {
        path = "\(folder)/\(XXHash64.hexadecimal(key)).\(Self.suffix)"
        let lines =
            (try? Data(contentsOf: URL(fileURLWithPath: path)))?.split(separator: UInt8(ascii: "\n")) ?? []
        for line in lines {
            guard let line = try? JSONDecoder().decode(Line.self, from: line) else { continue }
            replies[line.question] = line.reply
        }
    }

    /// The reply to a prompt, where there is one.
    func reply(to prompt: String) -> String? { replies[Self.key(prompt)] }

    /// Keeps a reply; a folder that cannot be written to is no reason to stop.
    func keep(_ reply: String, to prompt: String) {
        let key = Self.key(prompt)
        replies[key] = reply
        guard let line = try? JSONEncoder().encode(Line(question: key, reply: reply)), let handle = open()
        else {
            return
        }
        try? handle.write(contentsOf: [UInt8(ascii: "\n")] + line + [UInt8(ascii: "\n")])
    }

    /// Takes the file away: the work is done.
    func remove() {
        try? handle?.close()
        handle = nil
        unlink(path)
    }

    private func open() -> FileHandle? {
        if let handle { return handle }
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        let opened = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        handle = opened
        return opened
    }

    private static func key(_ prompt: String) -> String {
        var hash = XXHash64()
        hash.add(prompt)
        return XXHash64.hexadecimal(hash.value)
    }
}
