import ChatTemplates
import GGUF
import Terms
import Testing
import Tokenizers
import _TestSupport

@testable import Generation

/// Earlier answers in conversations of templates that change them.
@Suite struct AnswerPlacesTests {
    /// SmolLM2 with another chat template. `content`: how the template writes what a message says
    private func model(content: String) throws -> LanguageModel {
        try LanguageModel(
            ChangedSource {
                $0["tokenizer.chat_template"] = .text(
                    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}\(content){{ '<|im_end|>\n' }}"
                        + "{% endfor %}{{ '<|im_start|>assistant\n' }}")
            })
    }

    @Test(arguments: [
        // Trimmed; without what was thought; with tags of the template's own; nothing left.
        ("{{ m['content'] | trim }}", " Hello there. ", "Hello there."),
        ("{{ m['content'].split('</think>')[-1] }}", "<think>hm</think>Hello.", "Hello."),
        (
            "{% if '</think>' in m['content'] %}<think>{{ m['content'].split('</think>')[0] }}</think>"
                + "{{ m['content'].split('</think>')[-1] }}{% else %}{{ m['content'] }}{% endif %}",
            "hm</think>Hello.", "<think>hm</think>Hello."
        ),
        ("{{ m['content'] | trim }}", "  ", nil),
    ])
    func anAnswerThatTheTemplateChangesIsStillAnAnswer(
        _ content: String, _ answer: String, _ written: String?
    ) throws {
        let model = try model(content: content)
        // "Yes." spelt in two tokens more than the tokenizer would choose.
        let spelt = ["Y", "e", "s", "."].flatMap { model.tokenizer.encode($0, special: .asText) }
        let messages = [
            ChatMessage(role: "user", content: "Say hi."), ChatMessage(role: "assistant", content: answer),
            ChatMessage(role: "user", content: "Again?"), ChatMessage(role: "assistant", content: "Yes."),
            ChatMessage(role: "user", content: "More."),
        ]
        let ids = model.tokenizer.encode(answer, special: .asText)
        let found = try model.conversation(messages, answers: [1: ids, 3: spelt])
        #expect(model.tokenizer.decode(found.tokens) == (try model.render(messages).text))
        #expect(
            found.answers.map { model.tokenizer.decode(Array(found.tokens[$0])) }
                == [written, "Yes."].compactMap { $0 })
        #expect(found.answers.last.map { Array(found.tokens[$0]) } == spelt)
    }

    @Test func anAnswerWhoseMarkTheTemplateRefusesIsReadAsText() throws {
        let model = try model(
            content: "{% if m['role'] == 'assistant' and loop.index0 == 1 and m['content'][0] != '{' %}"
                + "{{ raise_exception('no JSON') }}{% endif %}{{ m['content'] }}")
        let contents = ["Say hi.", "{\"a\": 1}", "Again?", "Yes.", "More."]
        let messages = contents.enumerated().map {
            ChatMessage(role: $0.isMultiple(of: 2) ? "user" : "assistant", content: $1)
        }
        let ids = contents.map { model.tokenizer.encode($0, special: .asText) }
        let found = try model.conversation(messages, answers: [1: ids[1], 3: ids[3]])
        #expect(found.tokens == model.tokens(of: try model.render(messages)))
        #expect(found.answers.map { Array(found.tokens[$0]) } == [ids[3]])
    }

    @Test func aTemplateThatComesToALimitWithAMarkIsAnError() throws {
        let model = try model(
            content: "{% macro deep() %}{{ deep() }}{% endmacro %}"
                + "{% if '\u{F8FF}' in m['content'] %}{{ deep() }}{% endif %}{{ m['content'] }}")
        let messages = [
            ChatMessage(role: "user", content: "Say hi."), ChatMessage(role: "assistant", content: "Hi."),
            ChatMessage(role: "user", content: "Again?"),
        ]
        #expect(throws: Never.self) { try model.render(messages) }
        let ids = model.tokenizer.encode("Hi.", special: .asText)
        let error = #expect(throws: ChatTemplateError.self) {
            try model.conversation(messages, answers: [1: ids])
        }
        #expect(error?.kind == .tooDeep)
    }

    @Test func theTokensOfATextHaveTheirPlacesInIt() throws {
        let tokenizer = try LanguageModel(path: try smolLM2Path()).tokenizer
        let text = "<|im_start|>user\nHéllo  日本"
        let ids = tokenizer.encode(text, special: .parsed)
        let bytes = Array(text.utf8)
        let places = try #require(tokenizer.places(of: ids, in: bytes))
        #expect(places.map { Array(bytes[$0]) } == ids.map { tokenizer.bytes(of: $0) })
        // What was put in front, and spaces that only one of both has.
        let other = tokenizer.encode("<|im_end|> a  b", special: .parsed)
        #expect(tokenizer.places(of: other, in: Array("a\nb".utf8))?.last?.upperBound == 3)
        #expect(tokenizer.places(of: ids, in: Array("other".utf8)) == nil)
    }
}
