import ChatTemplates
import Testing

/// Rendering is on the path of every prompt.
@Suite struct SpeedTests {
    @Test(arguments: [
        "HuggingFaceTB-SmolLM2-135M-Instruct", "Qwen-Qwen3-0.6B", "meta-llama-Llama-3.1-8B-Instruct",
        "openai-gpt-oss-120b",
    ])
    func thirtyMessagesTakeLessThanFiveMilliseconds(_ name: String) throws {
        let template = try ChatTemplate(source: try TemplateFixtures.template(name))
        let text = String(repeating: "Some sentence of a conversation, neither short nor long. ", count: 8)
        let messages = (0..<30).map {
            ChatMessage(role: $0 % 2 == 0 ? .user : .assistant, content: "\($0): \(text)")
        }
        let prompt = try template.render(messages)
        #expect(prompt.text.contains("29: Some"))
        // the fastest of ten: other work may share the machine
        let clock = ContinuousClock()
        let times = try (0..<10).map { _ in try clock.measure { _ = try template.render(messages) } }
        let best = try #require(times.min())
        #if DEBUG
        let bound = Duration.milliseconds(200)
        #else
        let bound = Duration.milliseconds(5)
        #endif
        #expect(best < bound, "\(name): \(best)")
    }
}
