import ChatTemplates
import Foundation
import Testing

/// Templates that ask for too much: each ends in a typed error, soon, on a small stack.
@Suite struct SandboxTests {
    typealias Kind = ChatTemplateError.Kind

    static func kind(of source: String, limits: RenderingLimits = RenderingLimits()) -> Kind? {
        do {
            _ = try ChatTemplate(source: source).render([], limits: limits)
            return nil
        } catch {
            return error.kind
        }
    }

    /// Sources that nest or call themselves without end, and what each must end with.
    static let deep: [(source: String, kind: Kind)] = [
        ("{% macro x() %}{{ x() }}{% endmacro %}{{ x() }}", .tooDeep),
        (
            "{% macro x(a) %}{% if a %}{% for b in [a] %}{{ 'y' ~ x(b) | upper }}{% endfor %}{% endif %}{% endmacro %}{{ x(1) }}",
            .tooDeep
        ),
        ("{% macro x() %}{% set a %}{{ x() if true else 1 }}{% endset %}{% endmacro %}{{ x() }}", .tooDeep),
        ("{% macro x(a=x()) %}{{ a }}{% endmacro %}{{ x() }}", .tooDeep),
        (
            "{% macro x() %}{% filter upper %}{{ caller() }}{% endfilter %}{% endmacro %}{% macro y() %}{% call x() %}{{ y() }}{% endcall %}{% endmacro %}{{ y() }}",
            .tooDeep
        ),
        (
            "{% macro a() %}{{ {'k': [b()]}['k'][0].strip() }}{% endmacro %}{% macro b() %}{{ not (1 + (a() | length)) }}{% endmacro %}{{ a() }}",
            .tooDeep
        ),
        (
            "{% set ns = namespace(l=[]) %}{% for i in range(2000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
            .tooDeep
        ),
        (
            "{% set ns = namespace(l=[]) %}{% for i in range(2000) %}{% set ns.l = {'a': ns.l} %}{% endfor %}{{ ns.l | tojson(indent=1) }}",
            .tooDeep
        ),
        (
            "{% set ns = namespace(l=[]) %}{% for i in range(2000) %}{% set ns.l = (ns.l,) %}{% endfor %}{{ ns.l == ns.l[0] }}",
            .tooDeep
        ),
        (
            "{% set ns = namespace(l=[], m=[]) %}{% for i in range(2000) %}{% set ns.l = [ns.l] %}{% set ns.m = [ns.m] %}{% endfor %}{{ [ns.l, ns.m] | sort }}",
            .tooDeep
        ),
        ("{% set l = [] %}{% set _ = l.append(l) %}{{ l }}", .tooDeep),
        ("{% set ns = namespace() %}{% set ns.a = ns %}{{ ns }}", .tooDeep),
        (nested("(", "1", ")", 150), .tooDeep),
        (nested("(", "1", ")", 10_000), .tooDeep),
        (nested("[", "1", "]", 10_000), .tooDeep),
        (nested("{'a':", "1", "}", 10_000), .tooDeep),
        (nested("f(", "1", ")", 10_000), .tooDeep),
        (nested("a[", "1", "]", 10_000), .tooDeep),
        (nested("a|f(", "1", ")", 10_000), .unknownFilter),
        (nested("a|default(", "1", ")", 10_000), .tooDeep),
        (nested("a is eq(", "1", ")", 10_000), .tooDeep),
        (nested("1 if 1 else ", "1", "", 10_000), .tooDeep),
        (nested("1 + -(", "1", ")", 10_000), .tooDeep),
        (String(repeating: "{% if 1 %}", count: 10_000), .tooDeep),
        (String(repeating: "{% for a in b %}", count: 10_000), .tooDeep),
        (String(repeating: "{% macro a() %}", count: 10_000), .tooDeep),
        (String(repeating: "{% call a() %}", count: 10_000), .tooDeep),
        (String(repeating: "{% set a %}", count: 10_000), .tooDeep),
        (
            "{% set " + String(repeating: "(", count: 10_000) + "a" + String(repeating: ")", count: 10_000)
                + " = 1 %}", .tooDeep
        ),
    ]

    static func nested(_ open: String, _ inner: String, _ close: String, _ count: Int) -> String {
        "{{ " + String(repeating: open, count: count) + inner + String(repeating: close, count: count) + " }}"
    }

    @Test(arguments: deep.indices)
    func whatNestsTooDeepIsRefusedOnASmallStack(_ index: Int) {
        let (source, expected) = Self.deep[index]
        let kind = onSmallStack { Self.kind(of: source) }
        #expect(kind == expected, "\(source.prefix(120))")
    }

    @Test func asDeepAsTheLimitsAllowFitsASmallStack() {
        // debug builds use more stack for each level, and stop earlier
        #if DEBUG
        let depth = 30
        #else
        let depth = 60
        #endif
        let sources = [
            Self.nested("(", "1", ")", depth), Self.nested("[", "1", "]", depth),
            Self.nested("{'a':", "1", "}", depth), Self.nested("f(", "1", ")", depth),
            Self.nested("dict(a=", "1", ")", depth), Self.nested("1 if 0 else ", "1", "", depth),
            Self.nested("1 + -(", "1", ")", depth), Self.nested("(a or 'b')|default(", "1", ")", depth),
            String(repeating: "{% if 1 %}", count: depth) + String(repeating: "{% endif %}", count: depth),
            String(repeating: "{% for a in [1] %}", count: depth) + "{{ a }}"
                + String(repeating: "{% endfor %}", count: depth),
            String(repeating: "{% for a in [1] %}{% if 1 %}", count: depth / 4)
                + Self.nested("[", "1", "]", depth / 3)
                + String(repeating: "{% endif %}{% endfor %}", count: depth / 4),
            "{% macro m(n) %}{% if n %}[{{ m(n - 1) }}]{% endif %}{% endmacro %}{{ m(\(depth / 4)) }}",
        ]
        for source in sources {
            let kind = onSmallStack { Self.kind(of: source) } ?? nil
            #expect(kind == nil || kind == .undefinedValue, "\(source.prefix(120))")
        }
    }

    // MARK: - Budget

    /// Sources that compute, write or collect without end.
    static let endless: [String] = [
        "{{ range(10 ** 9) }}",
        "{{ range(0, 9223372036854775807, 1) }}",
        "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{% for i in range(10000) %}{% for j in range(10000) %}{% endfor %}{% endfor %}",
        "{% for i in range(10000) %}{% for j in range(10000) %}x{% endfor %}{% endfor %}",
        "{{ 'a' * 10 ** 9 }}",
        "{{ 'a' * 9223372036854775807 }}",
        "{{ [1] * 10 ** 9 }}",
        "{{ [1, 2] * 9223372036854775807 }}",
        "{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set l = [1] %}{% for i in range(100) %}{% set _ = l.extend(l) %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s = ns.s.replace('a', 'aaaa') %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s = ns.s | replace('', ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s = ns.s.join([ns.s, ns.s, ns.s]) %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s = [ns.s, ns.s] | join %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s = [ns.s, ns.s] | tojson %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s = [ns.s, ns.s] | string %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s = '%s%s' % (ns.s, ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s = '{0}{0}'.format(ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='aa') %}{% for i in range(100) %}{% set ns.s %}{{ ns.s }}{{ ns.s }}{% endset %}{% endfor %}",
        "{% set ns = namespace(s='\n\n') %}{% for i in range(100) %}{% set ns.s = ns.s | indent(ns.s, true, true) %}{% endfor %}",
        "{{ 'a' | indent(10 ** 12, true) }}",
        "{{ 'a'.ljust(10 ** 12) }}",
        "{{ 'a'.zfill(9223372036854775807) }}",
        "{{ 'a' | center(10 ** 12) }}",
        "{{ [1] | tojson(indent=10 ** 12) }}",
        "{% set s = 'a' * 4000000 %}{% for i in range(10000) %}{{ s | length }}{{ s | upper | length }}{% endfor %}",
        "{% set s = 'a' * 2000000 %}{% set t = 'a' * 1000000 ~ 'b' %}{% for i in range(10000) %}{{ t in s }}{{ s.rfind(t) }}{% endfor %}",
        "{% set s = 'a' * 2000000 %}{% for i in range(10000) %}{{ {s: 1}[s] }}{% endfor %}",
        "{% set s = 'a' * 2000000 %}{% for i in range(10000) %}{{ s == s ~ '' }}{% endfor %}",
        "{% set l = range(100000) | list %}{% for i in l %}{{ 100001 in l }}{% endfor %}",
        "{% set l = range(100000) | list %}{% for i in l %}{{ l | sort | first }}{% endfor %}",
        "{% set l = range(100000) | list %}{% for i in l %}{{ l[1:] | first }}{% endfor %}",
        "{% set l = range(100000) | list %}{% for i in l %}{{ l | map('string') | first }}{% endfor %}",
        "{% set d = dict() %}{% for i in range(100000) %}{% set _ = d.update({i: d.copy()}) %}{% endfor %}",
        "{% macro m() %}{% for i in range(1000) %}{{ caller() }}{% endfor %}{% endmacro %}{% call m() %}{% call m() %}{% call m() %}x{% endcall %}{% endcall %}{% endcall %}",
        "{% for i in range(100000) %}{{ " + Array(repeating: "1", count: 50_000).joined(separator: "+")
            + " }}{% endfor %}",
        "{% for i in range(100000) %}{{ " + String(repeating: "-", count: 100_000) + "1 }}{% endfor %}",
        "{% for i in range(100000) %}{{ " + String(repeating: "not ", count: 100_000) + "1 }}{% endfor %}",
        "{% macro m(" + (0..<20_000).map { "a\($0)" }.joined(separator: ",")
            + ") %}{% endmacro %}{% for i in range(100000) %}{{ m() }}{% endfor %}",
        (0..<30_000).map { "{% set a\($0) = 1 %}" }.joined()
            + "{% for i in range(100000) %}{{ a0 }}{% endfor %}",
        // what is kept until the end of the rendering
        "{% set d = {} %}{% for i in range(40000) %}{% set _ = d.setdefault(i, i) %}{% endfor %}{% for i in range(20000) %}{% set _ = d.items() %}{% endfor %}",
        "{% set d = dict(range(40000) | batch(2)) %}{% for i in range(20000) %}{% set _ = d.keys() %}{% set _ = d.values() %}{% endfor %}",
        "{% set l = range(100000) | list %}{% for i in range(20000) %}{% for x in l %}{% break %}{% endfor %}{% set _ = l.append(1) %}{% endfor %}",
        "{% set s = '\\n' * 4000000 %}{% for i in range(10000) %}{% set _ = s.splitlines() %}{% endfor %}",
        "{% set s = '\\n' * 4000000 %}{% for i in range(10000) %}{% set _ = s | indent(0) %}{% endfor %}",
        // names, keys and separators as long as a source may be
        "{% set d = {} %}{% for i in range(100000) %}{{ d.\(longName) }}{% endfor %}",
        "{% set d = [] %}{% for i in range(100000) %}{{ d['\(longName)'] }}{% endfor %}",
        "{% set ns = namespace() %}{% for i in range(100000) %}{% set ns.\(longName) = 1 %}{% endfor %}",
        "{% for i in range(100000) %}{% set _ = dict(\(longName)=1) %}{% endfor %}",
        "{% set d = {'a' * 2000000: 1} %}{% for i in range(100000) %}{% set _ = d | tojson %}{% endfor %}",
        "{% set s = 'a' * 2000000 %}{% for i in range(100000) %}{% set _ = [1, 1] | tojson(separators=(s, s)) %}{% endfor %}",
        "{% set s = 'a' * 2000000 %}{% set f = '%(' ~ s ~ ')s' %}{% set d = {s: ''} %}{% for i in range(100000) %}{% set _ = f % d %}{% endfor %}",
        "{% set a = {'a' * 2000000: 1} %}{% set b = {'a' * 2000000: 1} %}{% for i in range(100000) %}{% set _ = a == b %}{% endfor %}",
        "{% set d = {'a' * 2000000: 1} %}{% for i in range(100000) %}{% set _ = d.update(d) %}{% endfor %}",
        "{% set d = {'a' * 2000000: 1} %}{% for i in range(100000) %}{% set _ = dict(**d) %}{% endfor %}",
        "{% set d = {'a' * 2000000: 1} %}{% macro m() %}{{ kwargs | length }}{% endmacro %}{% for i in range(100000) %}{% set _ = m(**d) %}{% endfor %}",
        // a table of long keys, moved by what is taken out or grows
        "{% set d = {} %}{% for i in range(40) %}{% set _ = d.update({i: i}) %}{% endfor %}{% for i in range(9) %}{% set _ = d.update({'a' * 500000 ~ i: i}) %}{% endfor %}{% for i in range(100000) %}{% set _ = d.copy().pop(39) %}{% endfor %}",
        "{% set d = {} %}{% for i in range(15) %}{% set _ = d.update({i: i}) %}{% endfor %}{% for i in range(9) %}{% set _ = d.update({'a' * 500000 ~ i: i}) %}{% endfor %}{% for i in range(100000) %}{% set _ = d.copy().setdefault('x') %}{% endfor %}",
        // texts and fields that are read for little
        "{% set s = 'a' * 4000000 %}{% set d = {} %}{% for i in range(300) %}{% set _ = d.setdefault(i, s) %}{% endfor %}{% set _ = d | dictsort(by='value') %}",
        "{% set s = '1' * 4000000 %}{% for i in range(100000) %}{% set _ = s | int %}{% endfor %}",
        "{% set s = '1' * 4000000 %}{% for i in range(100000) %}{% set _ = s | float %}{% endfor %}",
        "{% set s = 'a' * 4000000 %}{% for i in range(100000) %}{% set _ = s is filter or s is test %}{% endfor %}",
        "{% set s = 'a' * 4000000 %}{% for i in range(100000) %}{% set _ = 'a' | truncate(5000000, false, s) %}{% endfor %}",
        "{% set s = 'a' * 4000000 %}{% for i in range(100000) %}{% set _ = [] | sort(attribute=s) %}{% endfor %}",
        "{% set t = ('b',) * 100000 %}{% for i in range(100000) %}{% set _ = 'a'.startswith(t) %}{% endfor %}",
        "{% set l = [1] * 100000 %}{% for i in range(100000) %}{% set _ = l.remove(1) %}{% endfor %}",
        "{% set d = {} %}{% for i in range(40000) %}{% set _ = d.setdefault('k' ~ i, '') %}{% endfor %}{% set f = '{k39999}' * 400000 %}{% for i in range(100) %}{% set _ = f.format(**d) %}{% endfor %}",
        "{% set f = '{0}' * 1300000 %}{% for i in range(100) %}{% set _ = f.format('') %}{% endfor %}",
        "{% set f = '%(a)s' * 800000 %}{% for i in range(100) %}{% set _ = f % {'a': ''} %}{% endfor %}",
        "{% set f = '%%' * 2000000 %}{% for i in range(100) %}{% set _ = f % () %}{% endfor %}",
        "{% set s = 'a' * 4000000 %}{% for i in range(100000) %}{% set _ = '%.1s' % s %}{% endfor %}",
        "{% set t = ('a' * 4000000,) * 1000 %}{% set _ = ('%s' * 1000) % t %}",
        "{% for i in range(100000) %}{% set _ = '%.9999f' % 1e308 %}{% endfor %}",
    ]

    /// Each NaN a key of its own would make each look-up as long as the dictionary.
    @Test(arguments: [
        ("{% set n = 'nan' | float %}{{ ([n] * 100000) | unique | list | length }}", "1"),
        (
            "{% set n = 'nan' | float %}{% set d = {} %}{% for i in range(20000) %}{% set _ = d.setdefault(n, i) %}{% endfor %}{{ d | length }}",
            "1"
        ),
        ("{{ {9007199254740993: 'a'}[9007199254740992.0] | default('none') }}", "none"),
        ("{{ {9007199254740992: 'a', 1: 'b', 0: 'c'}[9007199254740992.0] }}", "a"),
        ("{{ {1: 'b'}[true] }}{{ {0: 'c'}[-0.0] }}{{ {0.5: 'd'}[0.5] }}", "bcd"),
    ])
    func numbersAreKeysAsInPython(_ source: String, _ expected: String) throws {
        let start = ContinuousClock.now
        #expect(try ChatTemplate(source: source).render([]).text == expected)
        #expect(ContinuousClock.now - start < Self.bound)
    }

    static let longName = String(repeating: "a", count: 900_000)

    @Test(arguments: endless.indices)
    func whatComputesWithoutEndStopsWithinSeconds(_ index: Int) {
        let source = Self.endless[index]
        #if DEBUG
        // a debug build takes thirty times as long for a step
        let limits = RenderingLimits(steps: 20_000)
        #else
        let limits = RenderingLimits()
        #endif
        let start = ContinuousClock.now
        #expect(Self.kind(of: source, limits: limits) == .budgetExceeded, "\(source.prefix(120))")
        #expect(ContinuousClock.now - start < Self.bound, "\(source.prefix(120))")
    }

    /// One or two seconds of an idle machine; other work may share this one.
    static let bound = Duration.seconds(5)

    /// A text of as many parts of the template as of the message, cut between all characters.
    @Test(arguments: [
        ("{{ s[::-1] | length }}", "100000"), ("{{ s | list | length }}", "100000"),
        ("{{ s.split('a') | length }}", "50001"),
        ("{{ s.replace('a', 'c') | length }}", "100000"),
        (
            "{% set ns = namespace(n=0) %}{% for c in s %}{% set ns.n = loop.index %}{% endfor %}{{ ns.n }}",
            "100000"
        ),
    ])
    func aTextOfManyOriginsIsCutInLinearTime(cut: String, expected: String) throws {
        let template = try ChatTemplate(
            source: "{% set s = ([messages[0].content, 'a'] * 50000) | join %}" + cut)
        let limits = RenderingLimits(steps: 10_000_000)
        let start = ContinuousClock.now
        #expect(
            try template.render([ChatMessage(role: .user, content: "b")], limits: limits).text == expected)
        #expect(ContinuousClock.now - start < Self.bound)
    }

    /// Sources near the bound on their length, of the forms that a careless reader takes quadratic time for.
    static let long: [String] = {
        #if DEBUG
        let count = 20_000
        #else
        let count = 100_000
        #endif
        func many(_ text: String, _ factor: Int = 1) -> String {
            String(repeating: text, count: count * factor)
        }
        return [
            many("{", 5), many("{{", 2), many("{%", 2), many("{#", 2), "{#" + many("-", 5),
            "{{" + many("-", 5),
            "{{ " + many("1+", 2), "{{ " + many("a.", 2), "{{ " + many("'a' "), "{{ [" + many("1,", 2),
            "{{ a" + many("|trim"), many("\r", 5), "{{ " + many("(", 5),
            "{% raw %}" + String(repeating: "{% endraw", count: count / 2),
            String(repeating: "\n  {% if 1 %}", count: count / 4),
            String(repeating: "{% set a = 1 %}", count: count / 3),
        ]
    }()

    @Test func longSourcesAreReadInLinearTime() {
        let start = ContinuousClock.now
        for source in Self.long { _ = Self.kind(of: source) }
        #expect(ContinuousClock.now - start < Self.bound * 3)
    }

    @Test func aTemplateOverAMebibyteIsRefused() {
        #expect(Self.kind(of: String(repeating: "a", count: 1 << 20)) == nil)
        #expect(Self.kind(of: String(repeating: "a", count: 1 << 20 + 1)) == .templateTooLarge)
    }

    @Test func theLimitsCanBeTightened() throws {
        let template = try ChatTemplate(source: "{% for i in range(10) %}{{ i }}{% endfor %}")
        #expect(try template.render([]).text == "0123456789")
        for limits in [
            RenderingLimits(steps: 20), RenderingLimits(depth: 1), RenderingLimits(textBytes: 9),
            RenderingLimits(rangeCount: 9),
        ] {
            #expect(throws: ChatTemplateError.self) { try template.render([], limits: limits) }
        }
    }

    // MARK: - Ways out

    static let refused: [(source: String, kind: Kind)] = [
        ("{% include 'a' %}", .refusedTag), ("{% import 'a' as b %}", .refusedTag),
        ("{% from 'a' import b %}", .refusedTag), ("{% extends 'a' %}", .refusedTag),
        ("{% block a %}{% endblock %}", .refusedTag), ("{% for a in b recursive %}{% endfor %}", .refusedTag),
        ("{% autoescape true %}{% endautoescape %}", .unknownTag), ("{% do a %}", .unknownTag),
        ("{% debug %}", .unknownTag), ("{{ a | random }}", .unknownFilter),
        ("{{ a | pprint }}", .unknownFilter),
        ("{{ a is nosuch }}", .unknownTest), ("{{ [1] | map('nosuch') }}", .unknownFilter),
        ("{{ [1] | select('nosuch') }}", .unknownTest), ("{{ ''.__class__.__mro__ }}", .undefinedValue),
        ("{{ ''['__class__']['__mro__'] }}", .undefinedValue),
        ("{{ range.__globals__['x'] }}", .undefinedValue),
        ("{{ '{0.__class__}'.format(1) }}", .wrongArgument), ("{{ '{0[0]}'.format([1]) }}", .wrongArgument),
        ("{{ self }}{{ self.x }}", .undefinedValue), ("{{ lipsum() }}", .undefinedValue),
        ("{{ 9223372036854775807 + 1 }}", .wrongArgument), ("{{ 2 ** 64 }}", .wrongArgument),
        ("{{ (-9223372036854775807 - 1) // -1 }}", .wrongArgument),
        ("{{ (-9223372036854775807 - 1) % -1 }}", .wrongArgument),
        ("{{ -(-9223372036854775807 - 1) }}", .wrongArgument),
        ("{{ (-9223372036854775807 - 1) | abs }}", .wrongArgument), ("{{ 99999999999999999999 }}", .syntax),
        ("{{ '\\ud800' }}", .syntax), ("{{ '\\xz' }}", .syntax),
    ]

    @Test(arguments: refused.indices)
    func waysOutAreRefusedByName(_ index: Int) {
        let (source, expected) = Self.refused[index]
        #expect(Self.kind(of: source) == expected, "\(source)")
    }

    @Test func numbersAtTheBordersDoNotTrap() {
        let numbers = [
            "9223372036854775807", "(-9223372036854775807 - 1)", "-1", "0", "1", "1e308", "-1e308", "0.0",
        ]
        let operations = [
            "a + b", "a - b", "a * b", "a / b", "a // b", "a % b", "a ** b", "a == b", "a < b",
            "'abc'[a:b]", "'abc'[::a]", "[1, 2, 3][a:b:a]", "'abc'[a]", "[1][b]", "range(a, b)",
            "range(0, 5, a)",
            "a | round(b)", "a | round(b, 'ceil')", "a | int", "'x' * a", "[1] * a", "'a b c'.split(' ', a)",
            "'a b c'.rsplit(none, a)", "'abc'.find('c', a, b)", "'abc'.replace('b', 'x', a)", "'a'.ljust(a)",
            "'a'.zfill(a)", "'x' | center(a)", "'a b' | truncate(a, true, '', b)",
            "'a b' | truncate(a, leeway=b)",
            "[1, 2] | batch(a)", "[1, 2] | slice(a)", "'a' | indent(a)", "[1] | tojson(indent=a)", "'%d' % a",
            "'%5.2f' % a",
            "'{:d}'.format(a)", "'{:.3f}'.format(a)", "a is divisibleby(b)", "a is odd", "-a", "a | abs",
            "a | float",
            "[1, 2].pop(a)", "[1].insert(a, b)", "'ff' | int(0, a)", "{a: 1}[b]", "[a, b] | sort",
            "[a, b] | sum",
        ]
        for a in numbers {
            for b in numbers {
                for operation in operations {
                    // what it gives is for the comparison with Jinja2; here it only must end
                    _ = Self.kind(of: "{% set a = \(a) %}{% set b = \(b) %}{{ \(operation) }}")
                }
            }
        }
    }

    /// A secondary thread has 512 kB on several systems.
    private func onSmallStack<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result? {
        let box = ResultBox<Result>()
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            box.set(body())
            done.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        done.wait()
        return box.value
    }
}

private final class ResultBox<Result: Sendable>: @unchecked Sendable {
    // written once by the thread before the semaphore that the reader waits for
    private(set) var value: Result?

    func set(_ value: Result) { self.value = value }
}
