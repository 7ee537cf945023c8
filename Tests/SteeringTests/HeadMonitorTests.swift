import ControlVectors
import Foundation
import Generation
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

@Suite struct HeadMonitorTests {
    private func heads(_ json: String) throws -> [HeadDefinition] {
        try HeadDefinition.read(json: Array(json.utf8), file: "folder/heads.json")
    }

    private func monitor(_ json: String) throws -> HeadMonitor {
        let vector = try ControlVector(directions: [1: [1] + [Float](repeating: 0, count: 575)])
        let configuration = try DefaultModel.open().transformer.configuration
        let meter = try Meter(vector, name: "m", for: configuration)
        return HeadMonitor(try heads(json).map { ($0, meter) })
    }

    @Test func aFileOfHeadsIsReadWhole() throws {
        let read = try heads(
            #"""
            {"heads": [
              {"name": "mood", "vector": "happy.gguf", "layers": "14-24", "when": "below", "threshold": 0.2, "window": 3,
               "action": "steer", "strength": 0.4},
              {"name": "safety", "vector": "/v/safe.gguf", "threshold": -1, "action": "escalate"}]}
            """#)
        #expect(read.map(\.name) == ["mood", "safety"])
        #expect(read.map(\.vector) == ["folder/happy.gguf", "/v/safe.gguf"])
        #expect(read[0].layers == (try LayerSelection("14-24")))
        #expect(read.map(\.side) == [.below, .above])
        #expect(read.map(\.window) == [3, HeadDefinition.standardWindow])
        #expect(read.map(\.strength) == [0.4, 0])
        #expect(read.map(\.action) == [.steer, .escalate])
    }

    @Test(arguments: [
        ("", SteeringError.Kind.emptyFile), ("[]", .wrongType), ("{}", .missingField),
        (#"{"heads": []}"#, .invalidValue), (#"{"heads": [{}]}"#, .missingField),
        (#"{"heads": [{"name": "a", "vector": "v", "threshold": 1, "action": "shout"}]}"#, .invalidValue),
        (#"{"heads": [{"name": "a", "vector": "v", "threshold": 1, "action": "steer"}]}"#, .missingField),
        (
            #"{"heads": [{"name": "a", "vector": "v", "threshold": 1, "action": "steer", "strength": 0}]}"#,
            .invalidValue
        ),
        (
            #"{"heads": [{"name": "a", "vector": "v", "threshold": 1, "action": "warn", "strength": 1}]}"#,
            .invalidValue
        ),
        (#"{"heads": [{"name": "a", "vector": "v", "threshold": 1e999, "action": "warn"}]}"#, .invalidValue),
        (#"{"heads": [{"name": "a", "vector": "v", "threshold": "1", "action": "warn"}]}"#, .wrongType),
        (#"{"heads": [{"name": "a", "vector": "v", "treshold": 1, "action": "warn"}]}"#, .unknownField),
        (
            #"{"heads": [{"name": "a", "vector": "v", "threshold": 1, "window": 0, "action": "warn"}]}"#,
            .invalidValue
        ),
        (
            #"{"heads": [{"name": "a", "vector": "v", "threshold": 1, "layers": "x", "action": "warn"}]}"#,
            .invalidValue
        ),
        (
            #"{"heads": [{"name": "a", "vector": "v", "threshold": 1, "action": "warn"}, {"name": "a", "vector": "v", "threshold": 1, "action": "stop"}]}"#,
            .invalidValue
        ),
    ])
    func aFileThatCannotBeUsedSaysWhereAndWhatToDo(_ json: String, _ kind: SteeringError.Kind) throws {
        let error = #expect(throws: SteeringError.self) { try heads(json) }
        #expect(error?.kind == kind)
        #expect(error?.message.contains("folder/heads.json") == true)
        #expect(error?.remedy?.isEmpty == false)
        #expect(error?.remedy?.contains("datasets/") != true)
    }

    @Test func aHeadFiresOnceWhenTheMeanOfItsWindowPassesItsThreshold() throws {
        var monitor = try monitor(
            #"{"heads": [{"name": "a", "vector": "v", "threshold": 1, "window": 2, "action": "warn"}]}"#)
        #expect(monitor.read([5]).isEmpty)
        #expect(monitor.read([-5]).isEmpty)
        #expect(monitor.read([7]).isEmpty)
        let fired = monitor.read([-3])
        #expect(fired.map(\.reading) == [2])
        #expect(fired.map(\.token) == [3])
        #expect(monitor.read([9]).isEmpty)
        #expect(monitor.finish().isEmpty)
        #expect(monitor.ending == nil)
    }

    @Test func anAnswerShorterThanTheWindowIsReadAtItsEnd() throws {
        let json =
            #"{"heads": [{"name": "a", "vector": "v", "when": "below", "threshold": 1, "action": "stop"}]}"#
        var short = try monitor(json)
        #expect(short.read([0]).isEmpty && short.read([1]).isEmpty)
        #expect(short.finish().map(\.reading) == [0.5])
        #expect(short.ending?.name == "a")
        var empty = try monitor(json)
        #expect(empty.finish().isEmpty)
    }

    @Test func severalHeadsWatchTheSameTokens() throws {
        var monitor = try monitor(
            #"""
            {"heads": [{"name": "a", "vector": "v", "threshold": 1, "window": 1, "action": "steer", "strength": -2},
                       {"name": "b", "vector": "v", "threshold": 1, "window": 1, "action": "escalate"}]}
            """#)
        #expect(monitor.meters.count == 2)
        #expect(monitor.read([2, 0]).map(\.head.name) == ["a"])
        #expect(monitor.ending == nil)
        #expect(monitor.read([.nan, 2]).map(\.head.name) == ["b"])
        #expect(monitor.ending?.name == "b")
    }

    private let threeHeads = #"""
        {"heads": [{"name": "a", "vector": "v", "threshold": 1, "window": 2, "action": "steer", "strength": 2},
                   {"name": "b", "vector": "v", "threshold": 1, "window": 2, "action": "escalate"},
                   {"name": "c", "vector": "v", "threshold": 1, "window": 2, "action": "warn"}]}
        """#

    @Test func aHeadThatIsFirstReadAtTheEndIsLateUnlessItOnlyWarns() throws {
        var monitor = try monitor(threeHeads)
        #expect(monitor.read([5, 5, 5]).isEmpty)
        #expect(monitor.finish().map(\.isLate) == [true, true, false])
    }

    @Test func aHeadThatFiresWithTheLastTokenIsLateWhereNoHeadHasEndedTheAnswer() throws {
        for endedByHead in [false, true] {
            var monitor = try monitor(threeHeads)
            _ = monitor.read([5, 5, 5])
            // What steers is known to be late: another head ends the answer with this very token.
            #expect(monitor.read([5, 5, 5]).map(\.isLate) == [true, false, false])
            #expect(monitor.finish(endedByHead: endedByHead).isEmpty)
            #expect(monitor.firings.map(\.isLate) == [true, !endedByHead, false])
        }
    }

    @Test func aHeadThatFiresBeforeTheLastTokenIsNotLate() throws {
        var monitor = try monitor(threeHeads)
        for token in 0..<3 { _ = monitor.read([5, token == 2 ? 0 : -5, -5]) }
        _ = monitor.finish()
        #expect(monitor.firings.map(\.head.name) == ["a"])
        #expect(monitor.firings.map(\.isLate) == [false])
    }

    /// A head that stops may fire before it, or with the same token.
    @Test func aPersonIsCalledWhateverElseHasFired() throws {
        let json = #"""
            {"heads": [{"name": "a", "vector": "v", "threshold": 1, "window": 1, "action": "stop"},
                       {"name": "b", "vector": "v", "threshold": 1, "window": 2, "action": "escalate"}]}
            """#
        for first in [[-5.0, 5], [5, 5]] {
            var monitor = try monitor(json)
            _ = monitor.read(first)
            #expect(!monitor.isEscalated)
            if first[0] < 0 { _ = monitor.read([5, 5]) }
            _ = monitor.finish(endedByHead: true)
            #expect(monitor.ending?.name == "a" && monitor.isEscalated)
        }
    }
}
