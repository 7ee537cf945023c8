import Steering
import Terms

/// A line that a person types in a chat: something to say, or a command.
enum ChatLine: Equatable {
    case message(String)
    case nothing
    case help
    /// The strength of one vector, or of all of them.
    case strength(VectorStrength, vector: String?)
    case showVectors
    /// A vector file, with or without a strength.
    case addVector(String)
    /// One vector, or all of them.
    case removeVectors(String?)
    /// A preset's file; nil for none.
    case setPreset(String?)
    case showMeters
    /// A vector file, or the name of a vector that steers.
    case addMeter(String)
    case removeMeters
    case compare
    case again
    case undo
    case history
    case showSystem
    /// A new system turn; nil for the template's own.
    case system(String?)
    case reset
    case save(String)
    case quit

    /// The commands: what is typed, and what it does.
    static let commands: [(usage: String, meaning: String)] = [
        (
            "/strength [NAME] S",
            "steer with this strength, a number or auto, from now on: all vectors, or the one of that name"
        ),
        (
            "/vector FILE[:S]",
            "steer with a vector file too; alone it lists them, /vector off [NAME] takes them away"
        ),
        ("/preset FILE", "steer by the rules of a file too, in the place of those before; off ends it"),
        (
            "/meter FILE",
            "read the answers with a vector, or with NAME that steers; alone the last readings, off ends it"
        ),
        ("/compare", "answer the last question without steering too, and show both"),
        ("/again", "answer the last question again, as things are now"),
        ("/undo", "take the last question and its answer back"),
        ("/history", "show the conversation"),
        ("/system [TEXT]", "show or change the system turn; off gives the template's own back"),
        ("/reset", "begin a new conversation"),
        ("/save FILE", "write the conversation as JSON"),
        ("/help", "show this"),
        ("/quit", "end the chat, as Ctrl-D does"),
        ("//TEXT", "say something that begins with a slash; a line that ends with \\ goes on in the next"),
    ]

    private static let names = [
        "/strength", "/vector", "/preset", "/meter", "/compare", "/again", "/undo", "/history", "/system",
        "/reset", "/save", "/help", "/quit",
    ]

    /// Commands that take nothing behind their name.
    private static let alone: [String: ChatLine] = [
        "/help": .help, "/?": .help, "/compare": .compare, "/again": .again, "/undo": .undo,
        "/history": .history, "/reset": .reset, "/quit": .quit, "/exit": .quit, "/bye": .quit,
    ]

    /// Reads a line.
    ///
    /// - Throws: `badUsage` for commands that do not exist, lack what they need, or are followed
    ///   by what they do not take.
    init(parsing text: String) throws {
        let trimmed = text.trimmed
        guard trimmed.hasPrefix("/") else {
            self = trimmed.isEmpty ? .nothing : .message(text)
            return
        }
        if trimmed.hasPrefix("//") {
            self = .message(String(trimmed.dropFirst()))
            return
        }
        let name = String(trimmed.prefix { !$0.isWhitespace })
        let rest = String(trimmed.dropFirst(name.count)).trimmed
        if let line = Self.alone[name] {
            guard rest.isEmpty else {
                throw TillerError.badUsage(
                    message: "\(name) takes nothing behind it, and here is: \(rest.onOneLine)",
                    remedy: "\(name) alone, or /\(trimmed.onOneLine) to say it")
            }
            self = line
            return
        }
        switch name {
        case "/strength": self = rest.isEmpty ? .showVectors : try Self.strength(rest)
        case "/vector": self = Self.vector(rest)
        case "/preset": self = rest.isEmpty ? .showVectors : .setPreset(rest == "off" ? nil : rest)
        case "/meter": self = rest.isEmpty ? .showMeters : rest == "off" ? .removeMeters : .addMeter(rest)
        case "/system": self = rest.isEmpty ? .showSystem : .system(rest == "off" ? nil : rest)
        case "/save":
            guard !rest.isEmpty else {
                throw TillerError.badUsage(message: "/save needs a file", remedy: "/save talk.json")
            }
            self = .save(rest)
        default:
            throw TillerError.badUsage(
                message: "there is no command \(name)",
                remedy: Suggestion.closest(to: name, among: Self.names).map { "did you mean \($0)?" }
                    ?? "/help lists them; //TEXT says a text that begins with a slash")
        }
    }

    private static func strength(_ text: String) throws -> ChatLine {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let last = words.last else { return .showVectors }
        let name = words.dropLast().joined(separator: " ")
        return .strength(try VectorStrength(last), vector: name.isEmpty ? nil : name)
    }

    private static func vector(_ text: String) -> ChatLine {
        if text.isEmpty { return .showVectors }
        if text == "off" { return .removeVectors(nil) }
        if text.hasPrefix("off ") { return .removeVectors(String(text.dropFirst(4)).trimmed) }
        return .addVector(text)
    }
}

extension String {
    /// The text without white space at its ends.
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
