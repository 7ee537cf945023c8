import ChatTemplates
import Foundation
import Testing

/// Templates that end too early, or are not templates at all: an error or a text, never a trap.
@Suite struct TruncationTests {
    @Test(arguments: TemplateFixtures.names)
    func aPrefixOfATemplateRendersOrFails(_ name: String) throws {
        let source = Array(try TemplateFixtures.template(name).utf8)
        let conversation = try #require(try TemplateFixtures.cases()["tool_result"])
        for end in Swift.stride(from: 0, through: source.count, by: Self.step(for: source.count)) {
            // a cut inside a scalar leaves a replacement character
            let prefix = String(decoding: source[..<end], as: UTF8.self)
            guard let template = try? ChatTemplate(source: prefix) else { continue }
            _ = try? conversation.render(template)
        }
    }

    /// Every byte of short templates, and for long ones as many as a second for all of them allows;
    /// `TILLER_EVERY_PREFIX` asks for every byte of all.
    private static func step(for count: Int) -> Int {
        if ProcessInfo.processInfo.environment["TILLER_EVERY_PREFIX"] != nil { return 1 }
        #if DEBUG
        return max(1, count / 50) | 1
        #else
        return max(1, count * count / 2_000_000) | 1
        #endif
    }

    @Test(arguments: TemplateFixtures.names)
    func aTemplateWithOneByteChangedRendersOrFails(_ name: String) throws {
        let source = Array(try TemplateFixtures.template(name).utf8)
        let conversation = try #require(try TemplateFixtures.cases()["two_calls"])
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let bytes = Array("{}%#|.,:=+-*/~()[]'\"\\ \nabx019_\u{E9}\r".utf8)
        #if DEBUG
        let count = 10
        #else
        let count = 60
        #endif
        for _ in 0..<count {
            var changed = source
            for _ in 0...random(3) { changed[random(changed.count)] = bytes[random(bytes.count)] }
            guard let template = try? ChatTemplate(source: String(decoding: changed, as: UTF8.self)) else {
                continue
            }
            _ = try? conversation.render(template)
        }
    }

    @Test func emptyMessagesAndValuesRenderOrFail() throws {
        for name in TemplateFixtures.names {
            let template = try ChatTemplate(source: try TemplateFixtures.template(name))
            _ = try? template.render([])
            _ = try? template.render([ChatMessage(role: "", content: "")])
            _ = try? template.render(
                [ChatMessage(role: .assistant, parts: [])], tools: [nil, 1, "x", [:], []])
            var message = ChatMessage(role: .assistant, content: "")
            message.toolCalls = [
                ToolCall(name: "", arguments: nil), ToolCall(id: "", name: "x", arguments: [1]),
            ]
            _ = try? template.render(
                [message, message], variables: ["enable_thinking": [:], "date_string": 5])
        }
    }
}
