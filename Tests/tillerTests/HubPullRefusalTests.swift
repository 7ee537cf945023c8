import Glibc
import Testing
import _TestSupport

@testable import tiller

/// Pulls from a hub on this machine that cannot bring it: nothing half is kept, and the reason is said.
@Suite struct HubPullRefusalTests: HubPulling {
    @Test(arguments: [
        "", "{\"error\": \"no such thing\"}", "version https://git-lfs.github.com/spec/v1\noid sha256:00",
        "GG",
    ])
    func anAnswerThatIsNoGGUFFileIsNotKept(_ answer: String) throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in Answer(body: Array(answer.utf8)) }
        let problem = failure("hf:o/r/m.gguf", from: server, into: folder)
        #expect(problem?.code == "badAnswer")
        #expect(
            problem?.message.contains(answer.isEmpty ? "m.gguf is empty" : "m.gguf is no GGUF file") == true)
        #expect(FileSystem.names(in: folder.path + "/models").isEmpty)
    }

    /// Between the counts, within the metadata, and within the tensors' data.
    @Test(arguments: [6, 20, 200, 700, 1_888])
    func halfAModelOfUnknownSizeIsNotKept(_ count: Int) throws {
        let folder = try TemporaryFolder()
        let half = Array(try fixture("gguf/tiny.gguf").prefix(count))
        let server = try LoopbackServer { _ in Answer(body: half, announcedByteCount: -1) }
        let problem = failure("hf:o/r/m.gguf", from: server, into: folder)
        #expect(problem?.code == "badAnswer")
        #expect(problem?.message.contains("says neither size nor digest of m.gguf") == true)
        #expect(FileSystem.names(in: folder.path + "/models").isEmpty)
    }

    @Test(arguments: [
        "consolidated.safetensors", "adapter_model.safetensors", "model-00001-of-00002.safetensors",
        "model.fp16.safetensors",
    ])
    func weightsThatCannotBeOpenedAreNotFetched(_ weights: String) throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in
            let files = ["config.json", "m.gguf", weights].map { "{\"rfilename\": \"\($0)\"}" }
            return Answer(body: Array("{\"siblings\": [\(files.joined(separator: ","))]}".utf8))
        }
        let problem = failure("hf:o/r", from: server, into: folder)
        #expect(problem?.code == "nothingToOpen")
        #expect(problem?.message.contains("neither model.safetensors nor") == true)
        #expect(problem?.remedy == "tiller pull hf:o/r/m.gguf")
        #expect(server.requests.map(\.path) == ["/api/models/o/r"])
    }

    @Test func aGatedRepositorySaysHowToGetIn() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in Answer(status: 401, body: Array("Access denied".utf8)) }
        let problem = failure("hf:o/r/m.gguf", from: server, into: folder)
        #expect(problem?.code == "gated")
        #expect(problem?.remedy?.contains("accept the terms") == true)
        #expect(problem?.remedy?.contains("export HF_TOKEN") == true)
        let other = failure("hf:o/r/m.gguf", from: server, into: folder, token: "hf_secret")
        #expect(other?.message.contains("HF_TOKEN does not give access") == true)
        #expect(FileSystem.names(in: folder.path + "/models").isEmpty)
    }

    @Test func aMissingFileListsWhatThereIs() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { request in
            request.path == "/api/models/o/r"
                ? Answer(
                    body: Array(
                        #"{"siblings": [{"rfilename": "m-Q4.gguf"}, {"rfilename": "README.md"}]}"#.utf8))
                : Answer(status: 404)
        }
        let problem = failure("hf:o/r/m-Q5.gguf", from: server, into: folder)
        #expect(problem == .noSuchFile(file: "m-Q5.gguf", repository: "o/r", known: ["m-Q4.gguf"]))
        #expect(problem?.remedy == "did you mean tiller pull hf:o/r/m-Q4.gguf?")
        #expect(FileSystem.names(in: folder.path + "/models").isEmpty)
    }

    @Test func aMissingRepositoryIsNamed() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in Answer(status: 404) }
        #expect(failure("hf:o/r/m.gguf", from: server, into: folder)?.code == "noSuchRepository")
        #expect(failure("hf:o/r", from: server, into: folder)?.code == "noSuchRepository")
    }

    @Test func aRepositoryOfGGUFFilesIsNoCheckpoint() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in
            Answer(body: Array(#"{"siblings": [{"rfilename": "m.gguf"}]}"#.utf8))
        }
        let problem = failure("hf:o/r", from: server, into: folder)
        #expect(problem?.code == "nothingToOpen")
        #expect(problem?.remedy == "tiller pull hf:o/r/m.gguf")
    }

    @Test(arguments: ["\"%\"", "%"])
    func anotherDigestRemovesTheFile(_ form: String) throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let tag = form.split(separator: "%", omittingEmptySubsequences: false)
            .joined(separator: String(repeating: "0", count: 64))
        let server = try LoopbackServer { .file(contents, for: $0, fields: ["ETag": tag]) }
        let problem = failure("hf:o/r/m.gguf", from: server, into: folder)
        #expect(
            problem
                == .wrongDigest(file: "m.gguf", found: digest, expected: String(repeating: "0", count: 64)))
        #expect(problem?.remedy?.contains("removed") == true)
        #expect(FileSystem.names(in: folder.path + "/models").isEmpty)
    }

    /// A `sha256sum` that only fails says nothing about the file.
    @Test func aFileThatCouldNotBeCheckedIsKept() throws {
        let (folder, tools) = (try TemporaryFolder(), try TemporaryFolder())
        let (contents, digest) = (contents, digest)
        let server = try LoopbackServer { .file(contents, for: $0, fields: ["ETag": "\"\(digest)\""]) }
        try #require(symlink("/bin/false", tools.file("sha256sum")) == 0)
        let run = try TillerProcess(
            ["pull", "hf:o/r/m.gguf", "--json"],
            environment: [
                "HF_ENDPOINT": server.endpoint, "TILLER_HOME": folder.path,
                "PATH": tools.path + ":/usr/bin:/bin",
            ])
        #expect(try run.jsonError()["code"] as? String == "downloadFailed")
        _ = try pull("hf:o/r/m.gguf", from: server, into: folder)
        #expect(folder.read("models/hf/o/r/m.gguf") == contents)
        #expect(server.requests.count == 1)
    }

    @Test func anotherSizeThanTheHubSaysIsRefused() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let server = try LoopbackServer { .file(contents, for: $0, fields: ["X-Linked-Size": "200001"]) }
        let problem = failure("hf:o/r/m.gguf", from: server, into: folder)
        #expect(problem == .wrongSize(file: "m.gguf", found: 200_000, expected: 200_001))
        #expect(FileSystem.names(in: folder.path + "/models").isEmpty)
    }

    @Test func aContentLengthThatIsTooLargeEndsAfterSomeTries() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let server = try LoopbackServer { _ in Answer(body: contents, announcedByteCount: 300_000) }
        #expect(failure("hf:o/r/m.gguf", from: server, into: folder)?.code == "connectionCut")
        #expect(server.requests.count < 20)
    }

    @Test func aServerThatFailsIsGivenUp() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in Answer(status: 500, body: Array("<html>oops</html>".utf8)) }
        let problem = failure("hf:o/r/m.gguf", from: server, into: folder)
        #expect(problem?.code == "serverRefused")
        #expect(problem?.message.contains("500") == true)
        #expect(problem?.message.contains("html") == false)
        #expect(server.requests.count == 4)
    }

    @Test func noServerIsNoNetwork() throws {
        let folder = try TemporaryFolder()
        var server: LoopbackServer? = try LoopbackServer { _ in Answer() }
        var hub = try Hub(endpoint: try #require(server).endpoint, token: nil)
        hub.client.pauses = []
        server = nil
        let error = #expect(throws: TillerError.self) {
            _ = try HubPull(
                store: ModelStore(root: folder.path), hub: hub, reference: HubReference("hf:o/r/m.gguf"),
                progress: Progress("test", style: .silent)
            ).run()
        }
        // The listener may take one connection more before it closes; then it is a cut.
        #expect(["noNetwork", "connectionCut"].contains(error?.code))
    }

    @Test func aCircleOfRedirectsEnds() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in Answer(status: 302, fields: ["Location": "/again"]) }
        #expect(failure("hf:o/r/m.gguf", from: server, into: folder)?.code == "badAnswer")
        #expect(server.requests.count < 12)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://user@127.0.0.1/x", ""])
    func aRedirectThatLeavesTheWebIsRefused(_ location: String) throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in Answer(status: 302, fields: ["Location": location]) }
        #expect(failure("hf:o/r/m.gguf", from: server, into: folder)?.code == "badAnswer")
    }

    @Test func aPageForABrowserIsNoModel() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in
            Answer(fields: ["Content-Type": "text/html; charset=utf-8"], body: Array("<html>log in".utf8))
        }
        #expect(failure("hf:o/r/m.gguf", from: server, into: folder)?.code == "badAnswer")
        #expect(FileSystem.names(in: folder.path + "/models").isEmpty)
    }

    @Test func twoPullsOfOneFileDoNotMix() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in Answer() }
        try FileSystem.makeFolder(folder.path + "/models/hf/o/r")
        let lock = try FileLock(folder.path + "/models/hf/o/r/.m.gguf.partial")
        #expect(failure("hf:o/r/m.gguf", from: server, into: folder)?.code == "isBeingFetched")
        lock.release()
    }

    @Test func theCommandNeverShowsTheToken() throws {
        let folder = try TemporaryFolder()
        let server = try LoopbackServer { _ in Answer(status: 403, body: Array("no".utf8)) }
        let run = try TillerProcess(
            ["pull", "hf:o/r/m.gguf", "--json"],
            environment: [
                "HF_ENDPOINT": server.endpoint, "HF_TOKEN": "hf_secret", "TILLER_HOME": folder.path,
            ])
        #expect(run.status == 1)
        #expect(try run.jsonError()["code"] as? String == "gated")
        #expect(!(run.output + run.errors).contains("hf_secret"))
        #expect(server.requests.first?.fields["authorization"] == "Bearer hf_secret")
    }
}
