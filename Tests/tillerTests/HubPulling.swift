import Testing
import _TestSupport

@testable import tiller

/// A file of a hub, whose every byte is known.
enum HubFile {
    /// 200 kB that begin as a GGUF file does, and in which no piece looks like another.
    static let contents: [UInt8] = (0..<50_000).flatMap { (number: Int) -> [UInt8] in
        if number == 0 { return Array("GGUF".utf8) }
        let word = UInt32(truncatingIfNeeded: number &* 2_654_435_761)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
    }
    /// `sha256sum` of it.
    static let digest = "79cc6c6d5379e39bc4dffecc0fc6661c8ea2ec8a9ecd090c5e9ad382c65060c2"
}

/// What suites that pull from a hub on this machine share.
protocol HubPulling {}

extension HubPulling {
    typealias Answer = LoopbackServer.Answer

    var contents: [UInt8] { HubFile.contents }
    var digest: String { HubFile.digest }

    func pull(
        _ text: String, from server: LoopbackServer, into folder: TemporaryFolder, token: String? = nil
    ) throws -> String {
        var hub = try Hub(endpoint: server.endpoint, token: token)
        hub.client.pauses = [0, 0, 0]
        return try HubPull(
            store: ModelStore(root: folder.path), hub: hub, reference: HubReference(text),
            progress: Progress("test", style: .silent)
        ).run()
    }

    func failure(
        _ text: String, from server: LoopbackServer, into folder: TemporaryFolder, token: String? = nil
    ) -> DownloadProblem? {
        let error = #expect(throws: TillerError.self) {
            _ = try pull(text, from: server, into: folder, token: token)
        }
        if case .download(let problem, _)? = error { return problem }
        return nil
    }

    /// The files, hidden ones too, that the store has of `o/r`.
    func names(_ folder: TemporaryFolder) -> [String] {
        FileSystem.files(in: folder.path + "/models/hf/o/r")
    }
}
