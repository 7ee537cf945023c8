import ChatTemplates
import Foundation
import GGUF
import Terms
import Testing
import Tokenizers
import _TestSupport

@testable import Generation

/// Conversations whose answers stand in their own tokens.
@Suite struct ConversationTests {
    /// A vocabulary that the `sentencepiece` wheel has trained.
    private struct Vocabulary: Decodable {
        let tokens: [String]
        let types: [Int32]
        let scores: [Float]
    }

    /// SmolLM2 with a tokenizer that puts spaces in front of texts.
    private func model(template: String, spacePrefix: String?) throws -> LanguageModel {
        let all = try fixture("tokenizers/sentencepiece.json", as: [String: Vocabulary].self)
        let vocabulary = try #require(all["bpe"])
        return try LanguageModel(
            ChangedSource {
                $0[TokenizerKey.model] = .text("llama")
                $0[TokenizerKey.tokens] = .array(GGUFArray(vocabulary.tokens))
                $0[TokenizerKey.tokenTypes] = .array(GGUFArray(vocabulary.types))
                $0[TokenizerKey.scores] = .array(GGUFArray(vocabulary.scores))
                for (key, id) in [
                    (TokenizerKey.unknown, 0), (TokenizerKey.beginningOfSequence, 1),
                    (TokenizerKey.endOfSequence, 2),
                ] { $0[key] = .uint32(UInt32(id)) }
                $0[TokenizerKey.padding] = nil
                $0[TokenizerKey.addsBeginning] = nil
                $0[TokenizerKey.addsSpacePrefix] = nil
                $0[TokenizerKey.spacePrefix] = spacePrefix.map(GGUFValue.text)
                $0[TokenizerKey.chatTemplate] = .text(template)
            })
    }

    private static let lines =
        "{% for m in messages %}{{ m['role'] + ':\n' + m['content'] + '\n' }}{% endfor %}{{ 'assistant:' }}"

    /// What stands behind an answer is no beginning of a text: no space is put in front of it.
    @Test(arguments: [nil, "always_unless_space", "first_unless_space"], [true, false])
    func behindAnAnswerTheTokensAreThoseOfTheWholePrompt(spacePrefix: String?, isVicuna: Bool) throws {
        let vicuna = try fixture("chat_templates/templates/shape-vicuna.jinja")
        let model = try model(
            template: isVicuna ? String(decoding: vicuna, as: UTF8.self) : Self.lines,
            spacePrefix: spacePrefix)
        // No token of the vocabulary reaches over the ends of these answers.
        let contents = ["Say hi.", "*smiles*", "Again?", "*nods*", "More."]
        let messages = contents.enumerated().map {
            ChatMessage(role: $0.isMultiple(of: 2) ? "user" : "assistant", content: $1)
        }
        let ids = [1, 3].map { index in
            model.tokenizer.encode(
                [TextSegment(contents[index], isTrusted: false)], continuesText: true)
        }
        let found = try model.conversation(messages, answers: [1: ids[0], 3: ids[1]])
        #expect(found.tokens == model.tokens(of: try model.render(messages)))
        #expect(found.answers.map { Array(found.tokens[$0]) } == ids)
    }

    /// A vocabulary without the token `<|assistant|>` has it as text, of which white space is the end.
    @Test(
        arguments: [nil, "always_unless_space", "first_unless_space"],
        ["<|assistant|>\n", "assistant: ", "assistant:"])
    func anAnswerHasTheTokensThatItHasInTheWholePrompt(spacePrefix: String?, beginning: String) throws {
        let model = try model(
            template: """
                {% for m in messages %}{% if m['role'] == 'user' %}{{ 'user: ' + m['content'] + '\n' }}{% else %}\
                {{ '\(beginning)' + m['content'] + '\n' }}{% endif %}{% endfor %}{{ '\(beginning)' }}
                """, spacePrefix: spacePrefix)
        let question = ChatMessage(role: "user", content: "Say hi.")
        let prompt = try model.chatTokens(user: question.content)
        // Behind other text an answer begins with a space.
        let space = beginning.hasSuffix(":") ? " " : ""
        let answer = ChatMessage(role: "assistant", content: space + "*smiles*")
        let whole = model.tokens(of: try model.render([question, answer]))
        let tokens = model.answerTokens("*smiles*", behind: prompt)
        #expect(tokens.count > 1 && whole.starts(with: prompt + tokens))
    }
}
