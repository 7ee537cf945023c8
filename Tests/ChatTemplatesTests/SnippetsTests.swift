import ChatTemplates
import Testing

/// Every feature of the language in a line or two, against Jinja2: `snippets.json` and what it renders to.
@Suite struct SnippetsTests {
    static let goldens: [(source: String, outcome: TemplateFixtures.Outcome)] = {
        let folder = TemplateFixtures.committed
        guard case .object(let members)? = try? TemplateFixtures.json("snippets_rendered.json", in: folder)
        else {
            return []
        }
        return members.map { ($0.name, TemplateFixtures.outcome($0.value)) }
    }()

    static let variables: [String: TemplateValue] = {
        let content = try? TemplateFixtures.json("snippets.json", in: TemplateFixtures.committed)
        guard case .object(let members)? = content?["variables"] else { return [:] }
        return members.reduce(into: [:]) { $0[$1.name] = $1.value }
    }()

    @Test func thereAreSnippets() {
        #expect(Self.goldens.count > 250)
        #expect(Self.variables.count > 10)
    }

    @Test(arguments: goldens.indices)
    func aSnippetComesOutAsJinja2RendersIt(_ index: Int) {
        let golden = Self.goldens[index]
        let outcome = TemplateFixtures.outcome {
            try ChatTemplate(source: golden.source).render(
                [], variables: Self.variables, time: TemplateFixtures.time)
        }
        #expect(outcome == golden.outcome, "\(golden.source)")
    }
}
