import ChatTemplates
import Testing

/// What users wrote stays marked as input through every operation of the language.
@Suite struct ProvenanceTests {
    /// Input between ‹ and ›, the template's own text outside them.
    static func marked(_ source: String, _ variables: [String: TemplateValue]) throws -> String {
        let prompt = try ChatTemplate(source: source).render([], variables: variables)
        return prompt.segments.reduce(into: "") { $0 += $1.isTemplateText ? $1.text : "‹\($1.text)›" }
    }

    static let operations: [(source: String, expected: String)] = [
        ("a{{ x }}b", "a‹<|x|>›b"),
        ("{{ '<|' + x + '|>' }}", "<|‹<|x|>›|>"),
        ("{{ 'a' ~ x ~ 1 ~ x }}", "a‹<|x|>›1‹<|x|>›"),
        ("{{ x[0:2] }}{{ ('ab' + x)[1:3] }}", "‹<|›b‹<›"),
        ("{{ x[2] }}{{ x[-1] }}{{ x[::-1] }}", "‹x>>|x|<›"),
        ("{{ ('a' + x + 'b')[::-1] }}", "b‹>|x|<›a"),
        ("{{ (' ' + x + ' ').strip() }}{{ x | trim('<>') }}", "‹<|x|>|x|›"),
        ("{{ 'a-b'.replace('-', x) }}", "a‹<|x|>›b"),
        ("{{ x.replace('|', '<|im_end|>') }}", "‹<›<|im_end|>‹x›<|im_end|>‹>›"),
        ("{{ x | replace('x', '') }}", "‹<||>›"),
        ("{{ x.split('|') | join('/') }}", "‹<›/‹x›/‹>›"),
        ("{{ 'a b'.split() | join(x) }}", "a‹<|x|>›b"),
        ("{{ x.join(['a', 'b']) }}", "a‹<|x|>›b"),
        ("{{ ('a ' + x).split()[1] }}{{ x.partition('x')[2] }}", "‹<|x|>|>›"),
        (
            "{{ x | upper }}{{ (x ~ 'ä') | upper }}{{ x | title }}{{ x.capitalize() }}",
            "‹<|X|><|X|>›Ä‹<|x|><|x|>›"
        ),
        ("{{ sharp | upper }}!", "‹STRASSE›!"),
        ("{{ [x, 'y'] }}", "['‹<|x|>›', 'y']"),
        ("{{ {x: 'y', 'z': x} }}", "{'‹<|x|>›': 'y', 'z': '‹<|x|>›'}"),
        ("{{ [x, 'y'] | tojson }}", "[\"‹<|x|>›\", \"y\"]"),
        ("{{ quote | tojson }}", "\"‹\\\"\\n›\""),
        ("{{ {x: 1} | tojson(indent=1) }}", "{\n \"‹<|x|>›\": 1\n}"),
        ("{{ x | e }}", "‹&lt;|x|&gt;›"),
        ("{{ '%s and %s' % (x, 'y') }}{{ x % () }}", "‹<|x|>› and y‹<|x|>›"),
        (
            "{{ '%10s|' % x }}{{ '{}-{}'.format(x, 1) }}{{ '{:>7}'.format(x) }}",
            "     ‹<|x|>›|‹<|x|>›-1  ‹<|x|>›"
        ),
        ("{{ braces.format('') }}{{ '{0:|>3}'.format(x[0]) }}", "‹<||>›||‹<›"),
        ("{{ percent % (5, 5) }}{{ '%03d' % 5 }}", "‹  +5005›005"),
        ("{{ x * 2 }}{{ 'a' * 2 }}", "‹<|x|><|x|>›aa"),
        ("{{ x.ljust(7) }}|{{ 'a'.center(3, y) }}", "‹<|x|>›  |‹y›a‹y›"),
        ("{{ lines | indent(2) }}", "‹a›\n  ‹b›"),
        ("{{ x | truncate(3, true, '..', 0) }}", "‹<›.."),
        ("{{ x | list | join }}{{ x | first }}{{ x | last }}{{ x | reverse }}", "‹<|x|><>>|x|<›"),
        ("{{ x | default('d') }}{{ missing | default(x) }}", "‹<|x|><|x|>›"),
        ("{% for c in x %}{{ c }},{% endfor %}", "‹<›,‹|›,‹x›,‹|›,‹>›,"),
        ("{% for k, v in object.items() %}{{ k }}={{ v }};{% endfor %}", "‹<|k|>›=‹<|v|>›;"),
        (
            "{% for k in object %}{{ k }}{% endfor %}{{ object | dictsort }}",
            "‹<|k|>›[('‹<|k|>›', '‹<|v|>›')]"
        ),
        ("{{ object['<|k|>'] }}{{ [x, y] | sort | first }}{{ [x] | max }}", "‹<|v|><|x|><|x|>›"),
        ("{% set a = x %}{% set b %}[{{ a }}]{% endset %}{{ b }}", "[‹<|x|>›]"),
        (
            "{% set ns = namespace(s='') %}{% for i in [1, 2] %}{% set ns.s = ns.s + x %}{% endfor %}{{ ns.s }}!",
            "‹<|x|><|x|>›!"
        ),
        ("{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(x) }}{{ m('t') | upper }}", "<‹<|x|>›><T>"),
        ("{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}{{ x }}.{% endcall %}", "<‹<|x|>›.>"),
        ("{% filter upper %}a{{ x }}{% endfilter %}", "A‹<|X|>›"),
        ("{% filter replace('|', '!') %}|{{ x }}{% endfilter %}", "!‹<›!‹x›!‹>›"),
        ("{{ json | from_json }}{{ '[\"t\"]' | from_json }}", "['‹<|x|>›']['t']"),
        ("{{ (json | from_json)[0] }}{{ ('[\"' ~ x ~ '\"]') | from_json }}", "‹<|x|>›['‹<|x|>›']"),
        ("{{ x | string ~ (x | safe) }}{{ 5 ~ number ~ flag }}", "‹<|x|><|x|>›57True"),
        ("{{ x.splitlines()[0] }}{{ x.removeprefix('<') }}{{ x | map('upper') | join }}", "‹<|x|>|x|><|X|>›"),
        ("{{ 'x' if x else x }}{{ x or 'y' }}{{ x and 'z' }}", "x‹<|x|>›z"),
    ]

    static let variables: [String: TemplateValue] = [
        "x": "<|x|>", "y": "y", "quote": "\"\n", "sharp": "straße", "lines": "a\nb",
        "object": ["<|k|>": "<|v|>"],
        "json": "[\"<|x|>\"]", "number": 7, "flag": true,
        "braces": "{0:<<1}{0:|<1}{0:|<1}{0:><1}", "percent": "%+4d%03d",
    ]

    @Test(arguments: operations.indices)
    func anOperationKeepsWhatIsInput(_ index: Int) throws {
        let (source, expected) = Self.operations[index]
        #expect(try Self.marked(source, Self.variables) == expected, "\(source)")
    }

    /// Scalars of the private use area, which nothing in the language makes: wherever
    /// they come out, they are input.
    @Test(arguments: TemplateFixtures.names)
    func whatMessagesSayIsInputInEveryMakersTemplate(_ name: String) throws {
        let template = try ChatTemplate(source: try TemplateFixtures.template(name))
        for (label, conversation) in try TemplateFixtures.cases() {
            var conversation = conversation
            for index in conversation.messages.indices {
                conversation.messages[index].content += "\u{E000}<|im_end|>\u{E001}"
                conversation.messages[index].reasoningContent.map {
                    conversation.messages[index].reasoningContent = $0 + "\u{E000}</think>\u{E001}"
                }
            }
            guard let prompt = try? conversation.render(template) else { continue }
            for segment in prompt.segments where segment.isTemplateText {
                #expect(
                    !segment.text.unicodeScalars.contains { 0xE000...0xE001 ~= $0.value }, "\(name), \(label)"
                )
            }
            #expect(prompt.segments.allSatisfy { !$0.text.isEmpty })
            for (left, right) in zip(prompt.segments, prompt.segments.dropFirst()) {
                #expect(left.isTemplateText != right.isTemplateText)
            }
        }
    }

    @Test func theWordsOfTheTemplateAreItsOwn() throws {
        let template = try ChatTemplate(
            source:
                "{{ bos_token }}{% for m in messages %}{{ '<|' + m.role + '|>' }}{{ m.content }}{{ eos_token }}{% endfor %}"
        )
        let prompt = try template.render(
            [ChatMessage(role: .user, content: "Hi"), ChatMessage(role: "im_end", content: "")],
            beginningOfSequence: "<s>", endOfSequence: "</s>")
        #expect(
            prompt.segments == [
                .init(text: "<s><|user|>", isTemplateText: true), .init(text: "Hi", isTemplateText: false),
                .init(text: "</s><|", isTemplateText: true), .init(text: "im_end", isTemplateText: false),
                .init(text: "|></s>", isTemplateText: true),
            ])
        #expect(prompt.text == "<s><|user|>Hi</s><|im_end|></s>")
    }

    @Test func namesFieldsToolsAndPartsAreInput() throws {
        let template = try ChatTemplate(
            source: """
                {% for m in messages %}{{ m.name }}{{ m.x }}{{ m.tool_calls[0].function.name }}{{ m.tool_calls[0].id }}\
                {{ m.content[0].text }}{% endfor %}{{ tools[0].name }}
                """)
        var message = ChatMessage(role: .user, parts: [.text("<p>")])
        message.name = "<n>"
        message.fields = ["x": "<f>"]
        message.toolCalls = [ToolCall(id: "<i>", name: "<t>", arguments: [:])]
        let prompt = try template.render([message], tools: [["name": "<o>"]])
        #expect(prompt.segments == [.init(text: "<n><f><t><i><p><o>", isTemplateText: false)])
    }
}
