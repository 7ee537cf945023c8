import Foundation
import Testing
import _TestSupport

@testable import tiller

@Suite struct BenchCommandTests {
    private let short = ["-p", "12", "-n", "3", "-r", "1", "-t", "2", "--json"]

    @Test func itMeasuresPrefillAndBothDecodes() throws {
        let json = try TillerProcess(["bench"] + short).json()
        for key in ["prefill", "decode", "decodeFromStart"] {
            let part = try #require(json[key] as? [String: Any], "\(key)")
            #expect((part["tokensPerSecond"] as? Double ?? 0) > 0)
        }
        #expect((json["decode"] as? [String: Any])?["after"] as? Int == 12)
        #expect((json["decodeFromStart"] as? [String: Any])?["after"] as? Int == 8)
        #expect((json["residentBytes"] as? Int ?? 0) > 90_000_000)
    }
        // All matrices are 98 MB; bounds leave some of the output matrix unread.
        #expect((60_000_000..<98_000_000).contains(json["bytesPerToken"] as? Int ?? 0))

    @Test func moreTokensThanTheContextHoldsAreBadUsage() throws {
        let run = try TillerProcess(["bench", "-p", "8000", "-n", "500", "--json"])
        #expect(run.status == 2)
        #expect(try run.jsonError()["code"] as? String == "badUsage")
    }

    /// What could not be measured is refused later than that.
    @Test(arguments: [["-d"], ["--texts"]]) func filesAreReadBeforeAnythingIsMeasured(
        _ option: [String]
    ) throws {
        let folder = try TemporaryFolder()
        let run = try TillerProcess(
            ["bench", "-p", "8000", "-n", "500", "--json"] + option + [folder.file("none.json")])
        #expect(run.status == 1)
        #expect((try run.jsonError()["message"] as? String)?.contains("none.json") == true)
    }

    @Test func theFastPathsAreAsLikelyAsTheExactOne() throws {
        let folder = try TemporaryFolder()
        let texts = try folder.write(
            "texts.json", #"["The capital of France is Paris.", "One, two, three, four."]"#)
        let json = try TillerProcess(["bench", "--texts", texts] + short).json()
        let likelihood = try #require(json["meanNegativeLogLikelihood"] as? [String: Any])
        let exact = try #require(likelihood["exact"] as? Double)
        for path in ["fastPrefill", "fastDecode"] {
            let fast = try #require(likelihood[path] as? Double)
            #expect((fast / exact - 1).magnitude < 0.05, "\(path): \(fast) against \(exact)")
        }
        let unpacked = try TillerProcess(["bench", "--texts", texts, "--no-repack"] + short).json()
        let kept = try #require(unpacked["meanNegativeLogLikelihood"] as? [String: Any])
        #expect(kept["fastPrefill"] as? Double != likelihood["fastPrefill"] as? Double)
        let wrong = try folder.write("wrong.json", "{}")
        #expect(try TillerProcess(["bench", "--texts", wrong] + short).status == 1)
    }
}
