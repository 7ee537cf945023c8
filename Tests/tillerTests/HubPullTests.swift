import Synchronization
import Testing
import _TestSupport

@testable import tiller

/// Pulls from a hub on this machine.
@Suite struct HubPullTests {
    private typealias Answer = LoopbackServer.Answer

    /// 200 kB that begin as a GGUF file does, and in which no piece looks like another.
    private let contents: [UInt8] = (0..<50_000).flatMap { (number: Int) -> [UInt8] in
        if number == 0 { return Array("GGUF".utf8) }
        let word = UInt32(truncatingIfNeeded: number &* 2_654_435_761)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
    }
    /// `sha256sum` of it.
    private let digest = "79cc6c6d5379e39bc4dffecc0fc6661c8ea2ec8a9ecd090c5e9ad382c65060c2"

    private func pull(
        _ text: String, from server: LoopbackServer, into folder: TemporaryFolder, token: String? = nil
    ) throws -> String {
        var hub = try Hub(endpoint: server.endpoint, token: token)
        hub.client.pauses = [0, 0, 0]
        return try HubPull(
            store: ModelStore(root: folder.path), hub: hub, reference: HubReference(text),
            progress: Progress("test", style: .silent)
        ).run()
    }

    private func failure(
        _ text: String, from server: LoopbackServer, into folder: TemporaryFolder, token: String? = nil
    ) -> DownloadProblem? {
        let error = #expect(throws: TillerError.self) {
            _ = try pull(text, from: server, into: folder, token: token)
        }
        if case .download(let problem, _)? = error { return problem }
        return nil
    }

    /// The files, hidden ones too, that the store has of `o/r`.
    private func names(_ folder: TemporaryFolder) -> [String] {
        FileSystem.files(in: folder.path + "/models/hf/o/r")
    }

    // MARK: - What works

    @Test func aFileArrivesAndIsFoundAgainWithoutTheServer() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let server = try LoopbackServer { .file(contents, for: $0) }
        let path = try pull("hf:o/r/sub dir/m.gguf", from: server, into: folder)
        #expect(folder.read("models/hf/o/r/sub dir/m.gguf") == contents)
        #expect(path == folder.path + "/models/hf/o/r/sub dir/m.gguf")
        #expect(server.requests.map(\.path) == ["/o/r/resolve/main/sub%20dir/m.gguf"])
        #expect(try pull("hf:o/r/sub dir/m.gguf", from: server, into: folder) == path)
        #expect(server.requests.count == 1)
        #expect(try ModelStore(root: folder.path).resolve("hf:o/r/sub dir/m.gguf") == path)
        #expect(names(folder) == ["sub dir/m.gguf"])
        #expect(ModelStore(root: folder.path).hubModels().map(\.reference.text) == ["hf:o/r/sub dir/m.gguf"])
    }

    @Test func aCutConnectionIsContinuedWhereItEnded() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let server = try LoopbackServer { request in
            var answer = Answer.file(contents, for: request, fields: ["ETag": "\"one\""])
            if request.rangeStart ?? 0 < 150_000 { answer.cutAfter = 60_000 }
            return answer
        }
        _ = try pull("hf:o/r/m.gguf", from: server, into: folder)
        #expect(folder.read("models/hf/o/r/m.gguf") == contents)
        #expect(server.requests.map(\.rangeStart) == [nil, 60_000, 120_000, 180_000])
    }

    @Test func aPullThatFailedGoesOnInTheNextRun() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let isWell = Mutex(false)
        let server = try LoopbackServer { request in
            if isWell.withLock({ $0 }) { return .file(contents, for: request) }
            var answer = Answer.file(contents, for: request)
            answer.cutAfter = request.rangeStart == nil ? 70_000 : 0
            return answer
        }
        let problem = failure("hf:o/r/m.gguf", from: server, into: folder)
        #expect(problem?.code == "connectionCut")
        #expect(problem?.remedy?.contains("goes on") == true)
        #expect(names(folder).contains(".m.gguf.partial"))
        isWell.withLock { $0 = true }
        _ = try pull("hf:o/r/m.gguf", from: server, into: folder)
        #expect(server.requests.last?.rangeStart == 70_000)
        #expect(folder.read("models/hf/o/r/m.gguf") == contents)
        #expect(names(folder) == ["m.gguf"])
    }

    @Test func aFileThatHasChangedMeanwhileIsFetchedFromItsBeginning() throws {
        let folder = try TemporaryFolder()
        let new = contents
        let old = [UInt8](repeating: 7, count: contents.count)
        let count = Mutex(0)
        let server = try LoopbackServer { request in
            if count.withLock({ count in
                count += 1; return count
            }) > 1 {
                return .file(new, for: request, fields: ["ETag": "\"new\""])
            }
            var answer = Answer.file(old, for: request, fields: ["ETag": "\"old\""])
            answer.cutAfter = 50_000
            return answer
        }
        _ = try pull("hf:o/r/m.gguf", from: server, into: folder)
        #expect(folder.read("models/hf/o/r/m.gguf") == new)
        #expect(server.requests.map(\.rangeStart) == [nil, 50_000, nil])
    }

    @Test func aServerWithoutRangesSendsItAllAgain() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let server = try LoopbackServer { request in
            Answer(body: contents, cutAfter: request.rangeStart == nil ? 50_000 : nil)
        }
        _ = try pull("hf:o/r/m.gguf", from: server, into: folder)
        #expect(folder.read("models/hf/o/r/m.gguf") == contents)
    }

    @Test func aBusyServerIsAskedAgain() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let count = Mutex(0)
        let server = try LoopbackServer { request in
            count.withLock { count in
                count += 1; return count
            } < 3
                ? Answer(status: 503) : .file(contents, for: request)
        }
        _ = try pull("hf:o/r/m.gguf", from: server, into: folder)
        #expect(server.requests.count == 3)
    }

    @Test func theTokenGoesToTheHubAndToNobodyElse() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let digest = digest
        let other = try LoopbackServer { .file(contents, for: $0, fields: ["ETag": "\"of the other\""]) }
        let hub = try LoopbackServer { _ in
            Answer(
                status: 302,
                fields: [
                    "Location": other.endpoint + "/cdn/file?Signature=x", "X-Linked-ETag": "\"\(digest)\"",
                    "X-Linked-Size": "200000",
                ])
        }
        _ = try pull("hf:o/r/m.gguf", from: hub, into: folder, token: "hf_secret")
        #expect(hub.requests.map { $0.fields["authorization"] } == ["Bearer hf_secret"])
        #expect(other.requests.map { $0.fields["authorization"] } == [nil])
        #expect(folder.read("models/hf/o/r/m.gguf") == contents)
    }

    @Test func aRedirectOnTheHubItselfKeepsTheToken() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let server = try LoopbackServer { request in
            request.path.hasPrefix("/o/")
                ? Answer(status: 307, fields: ["Location": "/new/r/resolve/main/m.gguf"])
                : .file(contents, for: request)
        }
        _ = try pull("hf:o/r/m.gguf", from: server, into: folder, token: "hf_secret")
        #expect(
            server.requests.map { $0.fields["authorization"] } == ["Bearer hf_secret", "Bearer hf_secret"])
    }

    @Test func namingOnePartFetchesAllOfASplitModel() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let server = try LoopbackServer { .file(contents, for: $0) }
        let path = try pull("hf:o/r/q/m-00001-of-00003.gguf", from: server, into: folder)
        #expect(path.hasSuffix("/q/m-00001-of-00003.gguf"))
        #expect(names(folder) == (1...3).map { "q/m-0000\($0)-of-00003.gguf" })
        #expect(ModelStore(root: folder.path).hubModels().map(\.byteCount) == [600_000])
    }

    @Test func aCheckpointIsWhatItsIndexNamesAndWhatATokenizerNeeds() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let files = [
            "config.json", "tokenizer.json", "chat_template.jinja", "model.safetensors.index.json",
            "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
            "consolidated.safetensors",
            "pytorch_model.bin", "../../escape.json", "/etc/passwd", "onnx/model.onnx",
        ]
        let server = try LoopbackServer { request in
            if request.path == "/api/models/o/r" {
                let siblings = files.map { "{\"rfilename\": \"\($0)\"}" }.joined(separator: ",")
                return Answer(body: Array("{\"id\": \"o/r\", \"siblings\": [\(siblings)]}".utf8))
            }
            if request.path.hasSuffix("index.json") {
                let map = (1...2).map { "\"t\($0)\": \"model-0000\($0)-of-00002.safetensors\"" }.joined(
                    separator: ",")
                return Answer(body: Array("{\"weight_map\": {\(map)}}".utf8))
            }
            return .file(contents, for: request)
        }
        let path = try pull("hf:o/r", from: server, into: folder)
        #expect(path == folder.path + "/models/hf/o/r")
        #expect(
            names(folder) == [
                ".complete", "chat_template.jinja", "config.json", "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.json",
            ])
        let count = server.requests.count
        #expect(try pull("hf:o/r", from: server, into: folder) == path)
        #expect(server.requests.count == count)
        #expect(try ModelStore(root: folder.path).resolve("hf:o/r") == path)
        FileSystem.remove(path + "/config.json")
        #expect(throws: TillerError.self) { try ModelStore(root: folder.path).resolve("hf:o/r") }
    }

    @Test func aFileThatIsNoModelIsFetchedAgain() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let server = try LoopbackServer { .file(contents, for: $0) }
        try FileSystem.makeFolder(folder.path + "/models/hf/o/r")
        _ = try folder.write("models/hf/o/r/m.gguf", "")
        let store = ModelStore(root: folder.path)
        #expect(throws: TillerError.self) { try store.resolve("hf:o/r/m.gguf") }
        #expect(store.hubModels().isEmpty)
        #expect(try pull("hf:o/r/m.gguf", from: server, into: folder) == store.resolve("hf:o/r/m.gguf"))
        #expect(folder.read("models/hf/o/r/m.gguf") == contents)
    }

    // MARK: - What does not

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
