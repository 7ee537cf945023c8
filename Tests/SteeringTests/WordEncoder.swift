import Steering
import Terms

/// A model's tokenizer and template in miniature: one token a word, chats between 1000 and 1001.
struct WordEncoder: PromptEncoder {
    var contextLength: Int?

    func chatPrompt(user: String, system: String?) throws -> [TokenID] {
        (system.map { [1002] + words($0) } ?? []) + [1000] + words(user) + [1001]
    }

    func rawPrompt(_ text: String) throws -> [TokenID] { words(text) }

    func answerTokens(_ text: String, behind prompt: [TokenID]) throws -> [TokenID] { words(text) }

    /// A word's token is the sum of its bytes.
    func words(_ text: String) -> [TokenID] {
        text.split(separator: " ").map { TokenID($0.utf8.reduce(Int32(0)) { $0 + Int32($1) }) }
    }
}
