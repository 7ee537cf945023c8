import Synchronization
import Testing
import _TestSupport

@testable import tiller

/// Pulls from a hub on this machine that bring what was asked for.
@Suite struct HubPullTests: HubPulling {
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

    @Test func aServerThatSendsAnotherRangeIsAskedForTheWhole() throws {
        let folder = try TemporaryFolder()
        let contents = contents
        let server = try LoopbackServer { request in
            if request.rangeStart != nil {
                return Answer(status: 206, fields: ["Content-Range": "bytes 0-199999/200000"], body: contents)
            }
            return Answer(body: contents)
        }
        // What an earlier try has left behind.
        try FileSystem.makeFolder(folder.path + "/models/hf/o/r")
        try folder.write(contents.prefix(5_000), to: "models/hf/o/r/.m.gguf.partial")
        _ = try folder.write("models/hf/o/r/.m.gguf.source", "- 200000")
        _ = try pull("hf:o/r/m.gguf", from: server, into: folder)
        #expect(server.requests.map(\.rangeStart) == [5_000, nil])
        #expect(folder.read("models/hf/o/r/m.gguf") == contents)
        #expect(names(folder) == ["m.gguf"])
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

    @Test func aModelOfUnknownSizeIsKeptWhereItIsWhole() throws {
        let folder = try TemporaryFolder()
        let parts = try SplitTinyModel(in: folder)
        let bodies = try Dictionary(
            uniqueKeysWithValues: parts.names.map { ($0, try #require(folder.read($0))) })
        let server = try LoopbackServer { request in
            let name = request.path.split(separator: "/").last.map(String.init) ?? ""
            return Answer(body: bodies[name] ?? [], announcedByteCount: -1)
        }
        let path = try pull("hf:o/r/\(parts.names[0])", from: server, into: folder)
        #expect(try ModelStore(root: folder.path).resolve("hf:o/r/\(parts.names[0])") == path)
        #expect(names(folder) == parts.names)
    }

    @Test func aModelThatWasCutShortIsFetchedAgain() throws {
        let folder = try TemporaryFolder()
        let whole = Array(try fixture("gguf/tiny.gguf"))
        let server = try LoopbackServer { .file(whole, for: $0) }
        try FileSystem.makeFolder(folder.path + "/models/hf/o/r")
        try folder.write(whole.dropLast(64), to: "models/hf/o/r/m.gguf")
        let store = ModelStore(root: folder.path)
        #expect(throws: TillerError.self) { try store.resolve("hf:o/r/m.gguf") }
        #expect(store.hubModels().isEmpty)
        #expect(try pull("hf:o/r/m.gguf", from: server, into: folder) == store.resolve("hf:o/r/m.gguf"))
        #expect(folder.read("models/hf/o/r/m.gguf") == whole)
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
}
