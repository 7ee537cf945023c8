import ChatTemplates
import Foundation
import Testing

@Suite struct ChatMessageTests {
    static func shown(_ message: ChatMessage) throws -> String {
        try ChatTemplate(source: "{{ messages[0] | tojson }}").render([message]).text
    }

    @Test func templatesSeeOnlyTheFieldsThatAreThere() throws {
        #expect(
            try Self.shown(ChatMessage(role: .user, content: "Hi")) == #"{"role": "user", "content": "Hi"}"#)
        var message = ChatMessage(
            role: .assistant, content: "x", name: "n", reasoningContent: "r",
            toolCalls: [ToolCall(id: "i", name: "f", arguments: ["z": 1, "a": nil])], toolCallID: "c",
            fields: ["thinking": "t", "content": "not this"])
        #expect(
            try Self.shown(message)
                == #"{"role": "assistant", "content": "x", "name": "n", "reasoning_content": "r", "#
                + #""tool_calls": [{"id": "i", "type": "function", "function": {"name": "f", "arguments": "#
                + #"{"z": 1, "a": null}}}], "tool_call_id": "c", "thinking": "t"}"#)
        message = ChatMessage(role: .user, parts: [.text("a"), ContentPart(type: "image"), .text("b")])
        #expect(message.content == "ab")
        #expect(
            try Self.shown(message)
                == #"{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]}"#
        )
    }

    @Test func theFormOfTheOpenAIInterfaceIsRead() throws {
        let json = #"""
            {"role": "assistant", "content": null, "reasoning_content": "r", "extra": {"b": 1, "a": [true, 2.5]},
             "tool_calls": [{"id": "i", "type": "function", "function": {"name": "f", "arguments": "{\"z\": 1, \"a\": 2}"}},
                            {"type": "function", "function": {"name": "g", "arguments": "not json"}}]}
            """#
        let message = try JSONDecoder().decode(ChatMessage.self, from: Data(json.utf8))
        #expect(message.role == .assistant)
        #expect(message.content == "")
        #expect(message.reasoningContent == "r")
        #expect(
            message.toolCalls == [
                ToolCall(id: "i", name: "f", arguments: ["z": 1, "a": 2]),
                ToolCall(name: "g", arguments: "not json"),
            ])
        #expect(message.fields == ["extra": ["a": [true, 2.5], "b": 1]])
    }

    @Test func aMessageComesBackFromItsJSON() throws {
        let messages = [
            ChatMessage(role: .system, content: "s"),
            ChatMessage(role: "critic", parts: [.text("a"), .text("b")]),
            ChatMessage(
                role: .tool, content: "{}", name: "f",
                toolCalls: [ToolCall(id: "i", name: "f", arguments: ["a": [1, nil]])],
                toolCallID: "i", fields: ["x": ["y": "z"]]),
        ]
        let data = try JSONEncoder().encode(messages)
        #expect(try JSONDecoder().decode([ChatMessage].self, from: data) == messages)
    }

    @Test(arguments: [
        #""text""#, "[1]", "{}", #"{"content": "x"}"#, #"{"role": 1, "content": "x"}"#,
        #"{"role": "user", "content": 123}"#,
        #"{"role": "user", "content": [1]}"#, #"{"role": "user", "content": {}}"#,
        #"{"role": "user", "name": 1}"#,
        #"{"role": "user", "tool_calls": [{}]}"#, #"{"role": "user", "tool_calls": "x"}"#, "null",
    ])
    func whatIsNoMessageIsRefused(_ json: String) {
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(ChatMessage.self, from: Data(json.utf8))
        }
    }
}
