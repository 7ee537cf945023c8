import Foundation
import Testing
import _TestSupport

@testable import tiller

/// The built binary, as a script starts it.
@Suite struct CommandLineTests {
    /// What a newcomer reads first changes on purpose or not at all.
    @Test func theHelpIsTheOneThatWasAgreedOn() throws {
        let expected = String(decoding: try fixture("tiller/help.txt"), as: UTF8.self)
        #expect(try TillerProcess(["--help"], environment: ["COLUMNS": "100"]).output == expected)
    }

    @Test func helpNamesEveryCommandAndSucceeds() throws {
        let run = try TillerProcess(["--help"])
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        for name in Tiller.commandNames {
            #expect(run.output.contains("  \(name) "), "\(name) is not in the help")
        }
    }

    @Test func everyCommandExplainsItselfAndTakesJSON() throws {
        for name in Tiller.commandNames {
            let run = try TillerProcess([name, "--help"])
            #expect(run.status == 0, "\(name)")
            #expect(run.output.contains("--json"), "\(name)")
        }
    }

    @Test(arguments: [
        ["pull", "one", "two"], ["models", "--nope"], ["no-such-command"], ["models", "--json=1"],
    ])
    func aCommandLineThatMakesNoSenseIsStatusTwo(_ arguments: [String]) throws {
        let run = try TillerProcess(arguments)
        #expect(run.status == 2)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("error: "))
        #expect(run.errors.contains("\n  fix  "))
    }

    @Test func badUsageIsJSONForWhoAsksForJSON() throws {
        let run = try TillerProcess(["pull", "--nope", "--json"])
        #expect(run.status == 2)
        #expect(run.errors.isEmpty)
        let error = try run.jsonError()
        #expect(error["code"] as? String == "badUsage")
        #expect(error["fix"] as? String == "tiller pull --help")
    }

    @Test func aMistypedCommandIsUnderstood() throws {
        #expect(try TillerProcess(["modles"]).errors.contains("did you mean tiller models?"))
    }

    @Test func aFullDiskIsAnErrorAndNotSilence() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: TillerProcess.path)
        process.arguments = ["models"]
        process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(words.contains("standard output"))
    }
}
