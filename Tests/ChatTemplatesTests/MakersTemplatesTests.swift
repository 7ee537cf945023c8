import ChatTemplates
import Testing

/// The real templates of model makers, against Jinja2.
@Suite struct MakersTemplatesTests {
    @Test(arguments: TemplateFixtures.names)
    func everyConversationComesOutAsJinja2RendersIt(_ name: String) throws {
        let template = try ChatTemplate(source: try TemplateFixtures.template(name))
        let golden = try TemplateFixtures.json("rendered.json")[name]
        for (label, conversation) in try TemplateFixtures.cases().sorted(by: { $0.key < $1.key }) {
            let expected = TemplateFixtures.outcome(golden?[label])
            let actual = TemplateFixtures.outcome { try conversation.render(template) }
            #expect(actual == expected, "\(name), \(label)")
        }
    }
}
