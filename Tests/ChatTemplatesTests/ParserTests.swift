import Testing

@testable import ChatTemplates

@Suite struct ParserTests {
    @Test(arguments: [
        ("1 + 2 * 3 - 4", "(1 + (2 * 3) - 4)"), ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("1 * 2 + 3 * 4", "((1 * 2) + (3 * 4))"),
        ("2 ** 3 ** 2", "(2 ** 3 ** 2)"), ("-2 ** 2", "((- 2) ** 2)"),
        ("a ~ b + c ~ d", "((~ a b) + (~ c d))"),
        ("a * b ~ c // d % e", "(~ (a * b) (c // d % e))"), ("1 < 2 <= 3 != 4", "(1 < 2 <= 3 != 4)"),
        ("a in b not in c", "(a in b not in c)"), ("not a in b", "(not (a in b))"),
        ("not not a", "(notnot a)"),
        ("not a and b or c and not d", "(or (and (not a) b) (and c (not d)))"), ("a or b or c", "(or a b c)"),
        ("(a or b) or c", "(or (or a b) c)"), ("a + b == c + d and e", "(and ((a + b) == (c + d)) e)"),
        ("a if b else c if d else e", "(b ? a : (d ? c : e))"), ("a if b", "(b ? a : )"),
        ("a.b[0](1, x=2).c | f", "a.b[0](1 x=2).c|f"), ("-a.b | abs", "(- a.b)|abs"),
        ("a | default(1) | abs", "a|default(1)|abs"),
        ("- -+a", "(+-- a)"), ("a is defined and b is not none", "(and a is defined b is not none)"),
        ("a is divisibleby 3", "a is divisibleby(3)"), ("a is not in [1]", "a is not in([1])"),
        ("1 + a is odd", "(1 + a is odd)"),
        ("a | length is gt 2", "a|length is gt(2)"), ("a is eq b.c[1] ", "a is eq(b.c[1])"),
        ("a[1:2] + b[::-1] + c[:] + d[1:]", "(a[1:2:] + b[::(- 1)] + c[::] + d[1::])"),
        ("a[none:b.c:2]", "a[none:b.c:2]"), ("a.0.b", "a[0].b"), ("'a' 'b' \"c\"", "'abc'"),
        ("[1, [2,], ()]", "[1 [2] (tuple )]"), ("{'a': 1, b: {},}", "{'a':1 b:{}}"), ("1, 2", "(tuple 1 2)"),
        ("(1,)", "(tuple 1)"),
        ("f(a, *b, **c)", "f(a *b **c)"), ("f(x=1, *b)", "f(x=1 *b)"),
        ("True and None or false", "(or (and true none) false)"),
        ("a.if.in", "a.if.in"), ("f(if=1)", "f(if=1)"),
    ])
    func anExpressionHasItsShape(_ source: String, _ shape: String) throws {
        // `f` stands for any name, as a filter it would have to exist
        let source = source.replacing("| f", with: "| first")
        #expect(try SyntaxSketch.of("{{ \(source) }}") == "(out \(shape.replacing("|f", with: "|first")))")
    }

    @Test(arguments: [
        ("{% if a %}x{% elif b %}y{% elif c %}{% else %}z{% endif %}", "(if (a 'x') (b 'y') (c ) else 'z')"),
        ("{% for a, (b, c) in d if e %}x{% else %}y{% endfor %}", "(for (a (b c)) in d if e 'x' else 'y')"),
        ("{% for a in 1, 2 %}{% break %}{% continue %}{% endfor %}", "(for a in (tuple 1 2) break continue)"),
        (
            "{% set a = 1, 2 %}{% set b.c = d %}{% set e, f = g %}",
            "(set a (tuple 1 2)) (set b.c d) (set (e f) g)"
        ),
        ("{% set a %}x{{ b }}{% endset %}", "(set a ['x' (out b)])"),
        ("{% set a | upper | trim %}x{% endset %}", "(set a|upper|trim ['x'])"),
        ("{% macro m(a, b=1) %}x{% endmacro %}", "(macro m(a b=1) 'x')"),
        ("{% call m(1) %}x{% endcall %}", "(call m(1) (macro caller() 'x'))"),
        ("{% call(a) b.m() %}x{% endcall %}", "(call b.m() (macro caller(a) 'x'))"),
        ("{% filter upper %}x{% endfilter %}", "(filter|upper ['x'])"),
        ("{% with a = 1, b = 2 %}x{% endwith %}", "(with a=1 b=2 ['x'])"),
        ("{% generation %}x{% endgeneration %}", "(generation 'x')"),
        ("{% if a: %}x{% endif %}", "(if (a 'x'))"), ("a{# b #}c", "'a' 'c'"),
    ])
    func aStatementHasItsShape(_ source: String, _ shape: String) throws {
        #expect(try SyntaxSketch.of(source) == shape)
    }

    @Test(arguments: [
        ("a\n{% if b %}c", ChatTemplateError.Kind.syntax, 2, 1), ("{{ a b }}", .syntax, 1, 6),
        ("\n\n {{ a | nosuch }}", .unknownFilter, 3, 9),
        ("{{ a is nosuch }}", .unknownTest, 1, 9), ("x {% nosuch %}", .unknownTag, 1, 3),
        ("{% for a in b %}\n{% endif %}", .syntax, 2, 1),
        ("{% include 'x' %}", .refusedTag, 1, 1), ("日本{{ + }}", .syntax, 1, 8),
        ("{% set true = 1 %}", .syntax, 1, 8),
        ("{% set if = 1 %}", .syntax, 1, 8), ("{{ not }}", .syntax, 1, 8), ("{{ a + not b }}", .syntax, 1, 8),
        ("{% for loop in a %}{% endfor %}", .syntax, 1, 8), ("{% call a %}{% endcall %}", .syntax, 1, 9),
        ("{% macro a(b=1, c) %}{% endmacro %}", .syntax, 1, 17), ("{% break %}", .syntax, 1, 1),
        ("{{ a[1, 2] }}", .syntax, 1, 6),
        ("{% for a in b %}{% macro c() %}{% break %}{% endmacro %}{% endfor %}", .syntax, 1, 32),
        ("{{ f(x=1, 2) }}", .syntax, 1, 11),
    ])
    func anErrorNamesItsKindAndPlace(
        _ source: String, _ kind: ChatTemplateError.Kind, _ line: Int, _ column: Int
    ) throws {
        let error = #expect(throws: ChatTemplateError.self) { try ChatTemplate(source: source) }
        #expect(error?.kind == kind)
        #expect(error?.position == .init(line: line, column: column))
    }
}
