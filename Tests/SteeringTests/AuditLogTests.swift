import ControlVectors
import Foundation
import Testing
import _TestSupport

@testable import Steering

@Suite struct AuditLogTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("audit.jsonl") }

    init() throws { folder = try TemporaryFolder() }

    private var head: HeadDefinition {
        get throws {
            try HeadDefinition.read(
                json: Array(
                    #"{"heads": [{"name": "mood", "vector": "v", "threshold": 0.5, "action": "stop"}]}"#.utf8),
                file: "heads.json")[0]
        }
    }

    private func lines() throws -> [[String: Any]] {
        try String(decoding: try #require(folder.read("audit.jsonl")), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }

    @Test func everyEntryIsOneLineBehindThoseThatAreThere() throws {
        let time = Date(timeIntervalSince1970: 1_800_000_000.25)
        let firing = HeadMonitor.Firing(head: try head, reading: 0.75, token: 12)
        for _ in 0..<2 {
            let log = try AuditLog(path: path)
            try log.append(.begin("1", at: time, model: "xxh64:04", heads: [try head]))
            try log.append(
                .fired(firing, "1", at: time, text: String(repeating: "x", count: 500) + "a\nb\"🎀"))
            try log.append(.end("1", at: time, tokens: 13, reason: "cancelled"))
        }
        let lines = try lines()
        #expect(lines.map { $0["event"] as? String } == ["begin", "fired", "end", "begin", "fired", "end"])
        #expect(lines.allSatisfy { $0["time"] as? String == "2027-01-15T08:00:00.250Z" })
        let fired = lines[1]
        #expect(fired["head"] as? String == "mood")
        #expect(fired["action"] as? String == "stop")
        #expect(fired["when"] as? String == "above")
        #expect(fired["reading"] as? Double == 0.75)
        #expect(fired["threshold"] as? Double == 0.5)
        #expect(fired["token"] as? Int == 12)
        let text = try #require(fired["text"] as? String)
        #expect(text.hasSuffix("xa\nb\"🎀") && text.count == 200)
        #expect(lines[0]["heads"] as? [String] == ["mood"])
    }

    @Test func whatALateHeadDidNotDoIsSaid() throws {
        let time = Date(timeIntervalSince1970: 0)
        var firing = HeadMonitor.Firing(head: try head, reading: 0.75, token: 12)
        let log = try AuditLog(path: path)
        try log.append(.fired(firing, "1", at: time, text: ""))
        try log.append(.end("1", at: time, tokens: 13, reason: "cancelled"))
        firing.isLate = true
        try log.append(.fired(firing, "2", at: time, text: ""))
        try log.append(.end("2", at: time, tokens: 13, reason: "length", lateHeads: ["mood"]))
        let lines = try lines()
        #expect(lines.map { $0["late"] as? Bool } == [nil, nil, true, nil])
        #expect(lines.map { $0["lateHeads"] as? [String] } == [nil, nil, nil, ["mood"]])
        #expect(lines[2]["action"] as? String == "stop")
    }

    @Test func aTornLineIsClosedBeforeTheNextOne() throws {
        try folder.write(Array(#"{"event": "fi"#.utf8), to: "audit.jsonl")
        try AuditLog(path: path).append(
            .end("1", at: Date(timeIntervalSince1970: 0), tokens: 1, reason: "stop"))
        let text = String(decoding: try #require(folder.read("audit.jsonl")), as: UTF8.self)
        #expect(text.hasPrefix("{\"event\": \"fi\n{\"answer\":\"1\""))
    }

    @Test func writersAtTheSameTimeDoNotTearEachOthersLines() async throws {
        let path = path
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    guard let log = try? AuditLog(path: path) else { return }
                    for index in 0..<100 {
                        try? log.append(
                            .end(
                                "\(writer)", at: Date(timeIntervalSince1970: 0), tokens: index, reason: "stop"
                            ))
                    }
                }
            }
        }
        let lines = try lines()
        #expect(lines.count == 400)
        for writer in 0..<4 {
            let own = lines.filter { $0["answer"] as? String == "\(writer)" }
            #expect(own.map { $0["token"] as? Int } == (0..<100).map { $0 })
        }
    }

    @Test func whatCannotBeAppendedToIsRefusedAtOnce() throws {
        let input = try folder.write([], to: "heads.json")
        let link = folder.file("link.json")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: input)
        for path in [folder.path, folder.file("no/a.jsonl"), "/dev/null", input, link] {
            let error = #expect(throws: SteeringError.self) { try AuditLog(path: path, refusing: [input]) }
            #expect(error?.kind == .auditFailed)
            #expect(error?.message.contains(path) == true)
        }
    }
}
