import ControlVectors
import Steering

/// A vector and its strength as a person writes them: `happy.gguf`, `happy.gguf:-0.5`, `happy.gguf:auto`.
struct VectorSpecification: Sendable, Equatable {
    /// Where the vector lies.
    var path: String
    /// What multiplies it.
    var strength: VectorStrength

    /// Reads `PATH`, `PATH:STRENGTH`, `PATH:auto` or `PATH:-auto`.
    ///
    /// A path may have colons in it: a file that exists under the whole text is that file, and only what
    /// follows the last colon can be a strength.
    init(
        parsing text: String, option: String = "--vector", exists: (String) -> Bool = FileSystem.exists
    ) throws {
        guard !text.isEmpty else {
            throw TillerError.badUsage(
                message: "\(option) is empty, expected PATH or PATH:STRENGTH",
                remedy: "for example \(option) happy.gguf:0.5")
        }
        guard !exists(text), let colon = text.lastIndex(of: ":") else {
            (path, strength) = (text, .number(1))
            return
        }
        let head = String(text[..<colon])
        let tail = text[text.index(after: colon)...]
        // `a:b.gguf` that does not exist is a path that was mistyped, not a strength; what starts like a
        // number, or follows a path that exists, was meant as one.
        let meansStrength = tail == "auto" || (tail.first.map { $0.isNumber || "+-.".contains($0) } ?? true)
        guard meansStrength || exists(head) else {
            (path, strength) = (text, .number(1))
            return
        }
        guard !head.isEmpty else {
            throw TillerError.badUsage(
                message: "\(option) is \(text), expected PATH or PATH:STRENGTH",
                remedy: "write the vector's file before the colon, for example \(option) happy.gguf:0.5")
        }
        path = head
        strength = try VectorStrength(String(tail))
    }

    /// The path of a vector that only reads, or is itself what is asked about, and so takes
    /// neither a strength nor layers.
    ///
    /// - Throws: `badUsage` for a text with one behind a path.
    static func plainPath(
        _ text: String, option: String, why: String, exists: (String) -> Bool = FileSystem.exists
    ) throws(TillerError) -> String {
        guard !exists(text) else { return text }
        let placed = PlacedText(text, exists: exists)
        let path =
            (try? VectorSpecification(parsing: placed.vector, option: option, exists: exists))?.path ?? text
        guard path != text, exists(path) else { return text }
        throw .badUsage(
            message: "\(option) \(text): \(why)", remedy: "\(option) \(ShellCommand.quoted(path))")
    }
}
