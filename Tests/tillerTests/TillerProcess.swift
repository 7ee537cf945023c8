import Foundation
import _TestSupport

/// One run of the built `tiller`, as a script would start it.
struct TillerProcess {
    var status: Int32
    var output: String
    var errors: String

    /// The binary lies beside the test runner.
    static var path: String {
        let runner = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return runner.deletingLastPathComponent().appendingPathComponent("tiller").path
    }

    /// Runs a command line to its end.
    init(_ arguments: [String], environment: [String: String] = [:], input: String? = nil) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let folder = try TemporaryFolder()
        let files = ["out", "err", "in"].map { folder.path + "/" + $0 }
        for file in files { try Data().write(to: URL(fileURLWithPath: file)) }
        try Data((input ?? "").utf8).write(to: URL(fileURLWithPath: files[2]))
        process.standardOutput = FileHandle(forWritingAtPath: files[0])
        process.standardError = FileHandle(forWritingAtPath: files[1])
        process.standardInput = FileHandle(forReadingAtPath: files[2])
        try process.run()
        process.waitUntilExit()
        status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        output = try String(contentsOfFile: files[0], encoding: .utf8)
        errors = try String(contentsOfFile: files[1], encoding: .utf8)
    }

    /// The one JSON object on standard output.
    func json() throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
        guard let object = value as? [String: Any] else { throw CocoaError(.propertyListReadCorrupt) }
        return object
    }

    /// What an error's object says.
    func jsonError() throws -> [String: Any] {
        guard let error = try json()["error"] as? [String: Any] else {
            throw CocoaError(.propertyListReadCorrupt)
        }
        return error
    }
}

extension TemporaryFolder {
    /// Writes a text file and gives its path.
    func write(_ name: String, _ text: String, isExecutable: Bool = false) throws -> String {
        let path = try write(Array(text.utf8), to: name)
        if isExecutable {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        return path
    }
}
