import Testing

@testable import ChatTemplates

/// What takes longer the longer a text is, has to cost steps: every filter, method and test, with a long text
/// in every place where one may stand.
@Suite final class BuiltinCostTests {
    static let length = 1 << 16
    /// A step is 64 bytes.
    static let steps = length / 64

    private let interpreter: Interpreter
    private let long = Value.string(Text(String(repeating: "a", count: length)))
    /// The same text, stored apart, so that no comparison can stop at the address.
    private let other = Value.string(Text(String(repeating: "a", count: length)))

    init() throws {
        let limits = RenderingLimits(steps: 1 << 40)
        interpreter = Interpreter(try ChatTemplate(source: "").tree, limits: limits, time: nil)
    }

    deinit { interpreter.dismantle() }

    /// The calls that have run, and those that were refused: which they are is stated by each test, for a
    /// call that is refused by mistake costs nothing either.
    private var ran: Set<String> = []
    private var refused: Set<String> = []

    /// The calls of a list: `|` a filter, `.` a method, `is` a test, each with what it is given.
    private static func calls(_ list: String) -> Set<String> {
        Set(
            list.split(separator: ",").map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        )
    }

    /// The steps that a call takes; nil where it is refused, which ends a rendering.
    private func steps(_ body: () throws -> Void) -> Int? {
        let before = interpreter.stepsLeft
        do { try body() } catch { return nil }
        return before - interpreter.stepsLeft
    }

    /// Expects a call to be counted if it runs, and if it is not one of those that hand a
    /// text on without a look at it.
    ///
    /// - Parameter call: What it is called in the lists of calls.
    private func expectCounted(
        _ name: String, as call: String, unless free: Set<String>, _ body: () throws -> Void
    ) {
        guard let count = steps(body) else {
            refused.insert(call)
            return
        }
        ran.insert(call)
        if !free.contains(name) { #expect(count >= Self.steps, "\(call): \(count) steps") }
    }

    /// A dictionary of one member.
    private func dictionary(_ key: Value, _ value: Value = .integer(1)) throws -> Value {
        var members = Members()
        members[try interpreter.key(key)] = value
        return try interpreter.makeDictionary(members)
    }

    private static let typeTests: Set<String> = [
        "defined", "undefined", "none", "boolean", "string", "mapping", "sequence", "iterable", "callable",
        "number", "integer", "float", "true", "false", "escaped",
    ]

    @Test func whatTakesALongTextIsCounted() {
        for filter in Filter.allCases {
            expectCounted(
                filter.rawValue, as: "| \(filter)", unless: ["default", "d", "string", "safe"]
            ) {
                _ = try interpreter.apply(filter, to: long, .none)
            }
        }
        for method in Method.allCases where method.belongs(to: long) {
            expectCounted(method.rawValue, as: ". \(method)", unless: []) {
                _ = try interpreter.call(method, of: long, .none)
            }
        }
        for test in ValueTest.allCases {
            expectCounted(test.rawValue, as: "is \(test.rawValue)", unless: Self.typeTests) {
                _ = try interpreter.holds(test, long, .none)
            }
            expectCounted(test.rawValue, as: "is \(test.rawValue) text", unless: []) {
                _ = try interpreter.holds(test, long, CallArguments(positional: [other]))
            }
        }
        #expect(refused == Self.refusedWithALongText)
    }

    /// They want a number, a list, a dictionary or one more argument, or take none.
    private static let refusedWithALongText = calls(
        """
        . center, . count, . endswith, . find, . index, . join, . ljust, . partition, . removeprefix,
        . removesuffix, . replace, . rfind, . rindex, . rjust, . rpartition, . startswith, . zfill, is !=,
        is <, is <=, is ==, is >, is >=, is boolean text, is callable text, is defined text, is divisibleby,
        is divisibleby text, is eq, is equalto, is escaped text, is even, is even text, is false text,
        is filter text, is float text, is ge, is greaterthan, is gt, is in, is integer text,
        is iterable text, is le, is lessthan, is lower text, is lt, is mapping text, is ne, is none text,
        is number text, is odd, is odd text, is sameas, is sequence text, is string text, is test text,
        is true text, is undefined text, is upper text, | abs, | attr, | batch, | dictsort, | fromJSON,
        | items, | map, | rejectattr, | replace, | round, | selectattr, | slice, | sum
        """)

    /// Places of arguments that are kept, handed on, or only asked whether they are empty; and of
    /// those that nobody asks for.
    private static let freeArguments: Set<String> = {
        var free: Set<String> = [
            "tojson 0", "tojson 1", "tojson 3", "batch 1", "slice 1", "dictsort 0", "dictsort 2", "int 0",
            "float 0", "max 0", "min 0", "unique 0", "sort 0", "sort 1", "replace 2", "truncate 1",
            "indent 1", "indent 2", "splitlines 0", "append 0", "insert 1", "get 1", "setdefault 1", "pop 1",
            // texts of different lengths are not compared
            "count 0",
        ]
        for name in [
            "default", "d", "first", "last", "format", "reverse", "clear", "copy", "items", "keys", "values",
            "popitem",
        ] {
            for place in 0..<4 { free.insert("\(name) \(place)") }
        }
        return free
    }()

    @Test func whatTakesALongArgumentIsCounted() throws {
        for place in 0..<4 {
            for filler in [Value.string("a"), .integer(Self.length + 4000)] {
                let arguments = CallArguments(
                    positional: Array(repeating: filler, count: place) + [long])
                // made anew for each call: some change what they are called on
                let short: [() throws -> Value] = [
                    { .string("a") }, { try self.interpreter.makeList([.string("a")]) },
                    { try self.dictionary(.string("a")) }, { .integer(1) },
                ]
                for make in short {
                    for filter in Filter.allCases {
                        let value = try make()
                        expectCounted(
                            "\(filter.rawValue) \(place)", as: "| \(filter) \(place)",
                            unless: Self.freeArguments
                        ) {
                            _ = try interpreter.apply(filter, to: value, arguments)
                        }
                    }
                    for method in Method.allCases {
                        let value = try make()
                        guard method.belongs(to: value) else { continue }
                        expectCounted(
                            "\(method.rawValue) \(place)", as: ". \(method) \(place)",
                            unless: Self.freeArguments
                        ) {
                            _ = try interpreter.call(method, of: value, arguments)
                        }
                    }
                }
            }
        }
        #expect(ran == Self.runWithALongArgument)
    }

    /// The places in which a long text is taken, at least behind some of these arguments and by some of these
    /// values; elsewhere it is refused.
    private static let runWithALongArgument = calls(
        """
        . append 0, . clear 0, . clear 1, . clear 2, . clear 3, . copy 0, . copy 1, . copy 2, . copy 3,
        . count 0, . endswith 0, . extend 0, . find 0, . format 0, . format 1, . format 2, . format 3,
        . get 0, . get 1, . insert 1, . items 0, . items 1, . items 2, . items 3, . join 0, . keys 0,
        . keys 1, . keys 2, . keys 3, . lstrip 0, . partition 0, . pop 1, . popitem 0, . popitem 1,
        . popitem 2, . popitem 3, . removeprefix 0, . removesuffix 0, . replace 1, . reverse 0, . reverse 1,
        . reverse 2, . reverse 3, . rfind 0, . rpartition 0, . rsplit 0, . rstrip 0, . setdefault 0,
        . setdefault 1, . sort 0, . split 0, . splitlines 0, . startswith 0, . strip 0, . values 0,
        . values 1, . values 2, . values 3, | attr 0, | batch 1, | d 0, | d 1, | default 0, | default 1,
        | dictsort 0, | first 0, | first 1, | first 2, | first 3, | float 0, | indent 0, | indent 1,
        | indent 2, | int 0, | join 0, | join 1, | last 0, | last 1, | last 2, | last 3, | max 0, | max 1,
        | min 0, | min 1, | rejectattr 0, | replace 1, | replace 2, | selectattr 0, | slice 1, | sort 0,
        | sort 1, | sort 2, | tojson 0, | tojson 1, | trim 0, | truncate 1, | truncate 2, | unique 0
        """)

    @Test func whatTakesADictionaryOfALongKeyIsCounted() throws {
        let free: Set<String> = [
            "default", "d", "length", "count", "list", "first", "last", "items", "select", "reject",
            "reverse",
            "keys", "values", "clear", "update", "int", "float",
        ]
        for filter in Filter.allCases {
            let value = try dictionary(long)
            expectCounted(filter.rawValue, as: "| \(filter)", unless: free) {
                _ = try interpreter.apply(filter, to: value, .none)
            }
        }
        for (argument, given) in [(nil, ""), (other, " text"), (try dictionary(other), " dictionary")]
            as [(Value?, String)]
        {
            let arguments = CallArguments(positional: [argument].compactMap { $0 })
            for method in Method.allCases {
                let value = try dictionary(long)
                guard method.belongs(to: value) else { continue }
                // asked for a key, these look it up; without one they have nothing to do
                let free = arguments.isEmpty ? free : free.subtracting(["update"])
                expectCounted(method.rawValue, as: ". \(method)\(given)", unless: free) {
                    _ = try interpreter.call(method, of: value, arguments)
                }
            }
        }
        for test in ValueTest.allCases {
            let (value, same) = (try dictionary(long), try dictionary(other))
            expectCounted(
                test.rawValue, as: "is \(test.rawValue) dictionary",
                unless: Self.typeTests.union(["sameas"])
            ) {
                _ = try interpreter.holds(test, value, CallArguments(positional: [same]))
            }
            expectCounted(
                test.rawValue, as: "text is \(test.rawValue) dictionary",
                unless: Self.typeTests.union(["sameas", "eq", "equalto", "==", "ne", "!="])
            ) {
                _ = try interpreter.holds(test, other, CallArguments(positional: [value]))
            }
        }
        #expect(refused == Self.refusedWithADictionary)
    }

    /// They want a text, a list or a number, or another argument.
    private static let refusedWithADictionary = calls(
        """
        . get, . get dictionary, . pop, . pop dictionary, . setdefault, . setdefault dictionary,
        . update text, is < dictionary, is <= dictionary, is > dictionary, is >= dictionary,
        is boolean dictionary, is callable dictionary, is defined dictionary, is divisibleby dictionary,
        is escaped dictionary, is even dictionary, is false dictionary, is filter dictionary,
        is float dictionary, is ge dictionary, is greaterthan dictionary, is gt dictionary,
        is in dictionary, is integer dictionary, is iterable dictionary, is le dictionary,
        is lessthan dictionary, is lower dictionary, is lt dictionary, is mapping dictionary,
        is none dictionary, is number dictionary, is odd dictionary, is sequence dictionary,
        is string dictionary, is test dictionary, is true dictionary, is undefined dictionary,
        is upper dictionary, text is < dictionary, text is <= dictionary, text is > dictionary,
        text is >= dictionary, text is boolean dictionary, text is callable dictionary,
        text is defined dictionary, text is escaped dictionary, text is even dictionary,
        text is false dictionary, text is filter dictionary, text is float dictionary,
        text is ge dictionary, text is greaterthan dictionary, text is gt dictionary,
        text is integer dictionary, text is iterable dictionary, text is le dictionary,
        text is lessthan dictionary, text is lower dictionary, text is lt dictionary,
        text is mapping dictionary, text is none dictionary, text is number dictionary,
        text is odd dictionary, text is sequence dictionary, text is string dictionary,
        text is test dictionary, text is true dictionary, text is undefined dictionary,
        text is upper dictionary, | abs, | attr, | batch, | fromJSON, | indent, | map, | rejectattr,
        | replace, | round, | selectattr, | slice, | sum, | truncate
        """)
}
