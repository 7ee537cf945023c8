import Testing

@testable import ChatTemplates

/// What takes longer the longer a text is, has to cost steps: every filter, method and test, with a long text in every place
/// where one may stand.
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

    /// The steps that a call takes; nil where it is refused, which ends a rendering.
    private func steps(_ body: () throws -> Void) -> Int? {
        let before = interpreter.stepsLeft
        do { try body() } catch { return nil }
        return before - interpreter.stepsLeft
    }

    /// Expects a call to be counted, if it is not one of those that hand a text on without a look at it.
    private func expectCounted(_ name: String, unless free: Set<String>, _ body: () throws -> Void) {
        guard let count = steps(body), !free.contains(name) else { return }
        #expect(count >= Self.steps, "\(name): \(count) steps")
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
            expectCounted(filter.rawValue, unless: ["default", "d", "string", "safe"]) {
                _ = try interpreter.apply(filter, to: long, .none)
            }
        }
        for method in Method.allCases where method.belongs(to: long) {
            expectCounted(method.rawValue, unless: []) {
                _ = try interpreter.call(method, of: long, .none)
            }
        }
        for test in ValueTest.allCases {
            expectCounted(test.rawValue, unless: Self.typeTests) {
                _ = try interpreter.holds(test, long, .none)
            }
            expectCounted(test.rawValue, unless: []) {
                _ = try interpreter.holds(test, long, CallArguments(positional: [other]))
            }
        }
    }

    /// Places of arguments that are kept, handed on, or only asked whether they are empty; and of those that nobody asks for.
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
                        expectCounted("\(filter.rawValue) \(place)", unless: Self.freeArguments) {
                            _ = try interpreter.apply(filter, to: value, arguments)
                        }
                    }
                    for method in Method.allCases {
                        let value = try make()
                        guard method.belongs(to: value) else { continue }
                        expectCounted("\(method.rawValue) \(place)", unless: Self.freeArguments) {
                            _ = try interpreter.call(method, of: value, arguments)
                        }
                    }
                }
            }
        }
    }

    @Test func whatTakesADictionaryOfALongKeyIsCounted() throws {
        let free: Set<String> = [
            "default", "d", "length", "count", "list", "first", "last", "items", "select", "reject",
            "reverse",
            "keys", "values", "clear", "update", "int", "float",
        ]
        for filter in Filter.allCases {
            let value = try dictionary(long)
            expectCounted(filter.rawValue, unless: free) {
                _ = try interpreter.apply(filter, to: value, .none)
            }
        }
        for argument in [nil, other, try dictionary(other)] as [Value?] {
            let arguments = CallArguments(positional: [argument].compactMap { $0 })
            for method in Method.allCases {
                let value = try dictionary(long)
                guard method.belongs(to: value) else { continue }
                // asked for a key, these look it up; without one they have nothing to do
                let free = arguments.isEmpty ? free : free.subtracting(["update"])
                expectCounted(method.rawValue, unless: free) {
                    _ = try interpreter.call(method, of: value, arguments)
                }
            }
        }
        for test in ValueTest.allCases {
            let (value, same) = (try dictionary(long), try dictionary(other))
            expectCounted(test.rawValue, unless: Self.typeTests.union(["sameas"])) {
                _ = try interpreter.holds(test, value, CallArguments(positional: [same]))
            }
            expectCounted(
                test.rawValue, unless: Self.typeTests.union(["sameas", "eq", "equalto", "==", "ne", "!="])
            ) {
                _ = try interpreter.holds(test, other, CallArguments(positional: [value]))
            }
        }
    }
}
