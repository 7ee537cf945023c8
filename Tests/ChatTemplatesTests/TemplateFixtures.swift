import ChatTemplates
import Foundation

/// The templates of model makers, conversations, and what Jinja2 renders of them; see the folder's README.
struct TemplateFixtures {
    /// A conversation and what it is rendered with.
    struct Case {
        var messages: [ChatMessage]
        var tools: [TemplateValue]
        var variables: [String: TemplateValue]
        var addGenerationPrompt: Bool

        func render(_ template: ChatTemplate) throws -> RenderedPrompt {
            try template.render(
                messages, addGenerationPrompt: addGenerationPrompt, beginningOfSequence: "<BOS>",
                endOfSequence: "<EOS>", tools: tools, variables: variables, time: TemplateFixtures.time)
        }
    }

    /// What Jinja2 gave.
    enum Outcome: Equatable {
        case text(String)
        /// The template called `raise_exception` with this text.
        case raises(String)
        case fails
    }

    /// The moment that the goldens were made for.
    static let time = CalendarTime(year: 2026, month: 11, day: 3, hour: 9, minute: 5, second: 7)

    /// The committed fixtures; `TILLER_CHAT_TEMPLATES` names another folder of the same form.
    static let folder: URL = {
        if let other = ProcessInfo.processInfo.environment["TILLER_CHAT_TEMPLATES"] {
            return URL(fileURLWithPath: other)
        }
        return committed
    }()

    static let committed = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/chat_templates")

    static func text(_ path: String, in folder: URL = folder) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(path)), as: UTF8.self)
    }

    static func json(_ path: String, in folder: URL = folder) throws -> TemplateValue {
        try TemplateValue(json: try text(path, in: folder))
    }

    /// The names of the templates, sorted.
    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(
            atPath: folder.appendingPathComponent("templates").path)
        return (files ?? []).filter { $0.hasSuffix(".jinja") }.map { String($0.dropLast(6)) }.sorted()
    }()

    static func template(_ name: String) throws -> String {
        try text("templates/\(name).jinja")
    }

    static func cases() throws -> [String: Case] {
        struct Messages: Decodable {
            let messages: [ChatMessage]
        }
        let data = try Data(contentsOf: folder.appendingPathComponent("cases.json"))
        let messages = try JSONDecoder().decode([String: Messages].self, from: data)
        let settings = try json("cases.json")
        return messages.mapValues(\.messages).reduce(into: [:]) { cases, entry in
            let setting = settings[entry.key]
            var item = Case(messages: entry.value, tools: [], variables: [:], addGenerationPrompt: true)
            if case .array(let tools)? = setting?["tools"] { item.tools = tools }
            if case .object(let members)? = setting?["variables"] {
                for member in members { item.variables[member.name] = member.value }
            }
            if case .boolean(let adds)? = setting?["add_generation_prompt"] {
                item.addGenerationPrompt = adds
            }
            cases[entry.key] = item
        }
    }

    static func outcome(_ value: TemplateValue?) -> Outcome {
        if case .string(let text)? = value?["text"] { return .text(text) }
        if case .string(let text)? = value?["raises"] { return .raises(text) }
        return .fails
    }

    /// What ours gives, in the same terms.
    static func outcome(_ render: () throws -> RenderedPrompt) -> Outcome {
        do {
            return .text(try render().text)
        } catch let error as ChatTemplateError where error.kind == .raisedByTemplate {
            return .raises(error.explanation)
        } catch {
            return .fails
        }
    }
}
