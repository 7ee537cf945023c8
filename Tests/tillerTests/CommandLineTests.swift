import Foundation
import Steering
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

    /// One text stands in the help of three commands, and a temperature of 0 does not
    /// leave out the same in all.
    @Test(arguments: ["generate", "sweep", "chat"])
    func theDefaultsAtTemperatureZeroSayWhereTheyHold(_ command: String) throws {
        let help = try TillerProcess([command, "--help"]).output
        let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let exceptions = words.components(
            separatedBy: "at --temp 0, except in chat and with a strength of auto)")
        // --repeat-penalty, --dry-multiplier, --allow-empty, --keep-script
        #expect(exceptions.count - 1 == 4)
        #expect(!words.contains("always takes the likeliest"))
    }

    @Test func everyCommandExplainsItselfAndTakesJSON() throws {
        #expect(RunsCommand.names.contains("show"))
        for words in Tiller.commandNames.map({ [$0] }) + RunsCommand.names.map({ ["runs", $0] }) {
            let run = try TillerProcess(words + ["--help"])
            #expect(run.status == 0, "\(words)")
            // In the list of options, not in what is said of others.
            #expect(run.output.contains("\n  --json") || words == ["runs"], "\(words)")
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

    @Test(arguments: [
        (["sweep", "-v", "a", "--report", ""], "--report is empty"),
        (["runs", "show", "1", "--report", ""], "--report is empty"),
        (["generate", "-p", "x", "--heads", "a", "--audit", ""], "--audit is empty"),
        (["generate", "-p", "x", "-t", "0"], "--threads is 0, expected 1-512"),
    ])
    func anErrorNamesItsOption(_ arguments: [String], _ words: String) throws {
        let run = try TillerProcess(arguments + ["--json"])
        #expect(run.status == 2)
        #expect((try run.jsonError()["message"] as? String)?.hasPrefix(words) == true, "\(run.output)")
    }

    @Test func standardInputWithoutPromptsIsCalledSo() throws {
        let run = try TillerProcess(["sweep", "-v", "a", "--prompts", "-", "--json"], input: "\n")
        let message = try #require(try run.jsonError()["message"] as? String)
        #expect(message == "standard input: there is no prompt in it")
    }

    @Test func badUsageIsJSONForWhoAsksForJSON() throws {
        let run = try TillerProcess(["pull", "--nope", "--json"])
        #expect(run.status == 2)
        #expect(run.errors.isEmpty)
        let error = try run.jsonError()
        #expect(error["code"] as? String == "badUsage")
        #expect(error["fix"] as? String == "tiller pull --help")
    }

    @Test(arguments: ["last:0", "last:9999"])
    func howFarAReadoutReachesIsSaid(_ readout: String) throws {
        let run = try TillerProcess(["extract", "-d", "x", "-o", "y", "--readout", readout])
        #expect(run.status == 2 && run.errors.contains("last:K (K is 1-4096)"))
        #expect(Readout(rawValue: "last:4096") != nil && Readout(rawValue: "last:4097") == nil)
    }

    @Test func aMistypedCommandIsUnderstood() throws {
        #expect(try TillerProcess(["modles"]).errors.contains("did you mean tiller models?"))
    }

    @Test(arguments: [
        (["runs", "bogus"], "there is no command runs bogus", "tiller runs --help"),
        (["runs", "--json", "shw"], "there is no command runs shw", "did you mean tiller runs show?"),
        (["runs", "show", "x"], "", "tiller runs show --help"),
        (["runs", "show", "1", "2"], "", "tiller runs show --help"),
        (["runs", "remove"], "", "tiller runs remove --help"),
        (["runs", "--nope"], "", "tiller runs --help"),
        (["help", "nosuch"], "there is no command nosuch", "tiller --help"),
        (["help", "runs", "shw"], "there is no command runs shw", "did you mean tiller runs show?"),
    ])
    func theHelpOfTheCommandThatWasMeantIsNamed(_ words: [String], _ message: String, _ fix: String) throws {
        let run = try TillerProcess(words + ["--json"])
        #expect(run.status == 2)
        let error = try run.jsonError()
        #expect(error["fix"] as? String == fix)
        #expect((error["message"] as? String)?.hasPrefix(message) == true, "\(error)")
    }

    @Test(arguments: [["help"], ["help", "runs"], ["help", "runs", "show"], ["runs", "show", "--help"]])
    func helpThatIsThereIsShown(_ words: [String]) throws {
        let run = try TillerProcess(words)
        #expect(run.status == 0 && run.errors.isEmpty && run.output.contains("USAGE: tiller"))
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

    @Test(arguments: [["models"], ["models", "--json"], ["--help"], ["no-such-command", "--json"]])
    func aClosedPipeEndsTheCommandWithoutWords(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: TillerProcess.path)
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try output.fileHandleForReading.close()
        try process.run()
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 1)
        #expect(words.isEmpty, "\(words)")
    }

    @Test(arguments: [
        ["chat", "-c", "9223372036854775807"], ["generate", "-p", "x", "-c", "0"],
        ["generate", "-p", "x", "-n", "9223372036854775807"], ["generate", "-p", "x", "-n", "-2"],
        ["sweep", "-v", "x", "--batch", "9223372036854775807"], ["sweep", "-v", "x", "-n", "0"],
        ["calibrate", "-v", "x", "-n", "9223372036854775807"], ["bench", "-p", "9223372036854775807"],
        ["bench", "--layers", "9"], ["chat", "--layers", "9"], ["bench", "--force"],
        ["generate", "-p", "x", "--force"],
        ["condition", "-v", "x", "--positive", "a", "--negative", "b", "--rate", "0"],
        ["extract", "-d", "x", "-o", "y", "--components", "0"],
        ["extract", "-d", "x", "-o", "y", "--components", "2", "--method", "mean"],
    ])
    func aNumberThatNothingCanHoldIsBadUsage(_ arguments: [String]) throws {
        let run = try TillerProcess(arguments + ["--json"])
        #expect(run.status == 2)
        #expect(try run.jsonError()["message"] is String)
    }

    @Test(arguments: [
        ["generate"], ["capture", "-o", "x"], ["sweep", "-v", "x"], ["score", "-v", "x", "a text"],
    ])
    func aPromptThatIsGivenTwiceIsRefused(_ words: [String]) throws {
        let run = try TillerProcess(words + ["-p", "hi", "-p", "there", "--json"])
        #expect(run.status == 2)
        let error = try run.jsonError()
        #expect((error["message"] as? String)?.contains("-p was given 2 times") == true, "\(error)")
        #expect(error["fix"] as? String != "tiller \(words[0]) --help" && error["fix"] is String)
    }

    @Test func rangesInWordsAreThoseThatHold() throws {
        #expect(try TillerProcess(["bench", "-p", "1000001"]).errors.contains("expected 1 to 1000000"))
        #expect(
            try TillerProcess(["extract", "-d", "x", "-o", "y", "--readout", "last:0"]).errors.contains(
                "last:K"))
        #expect(
            try TillerProcess(["condition", "-v", "x", "--positive", "a", "--negative", "b", "--rate", "0"])
                .errors.contains("more than 0 and less than 1"))
    }

    @Test func anArgumentThatIsNotUTF8IsRefused() throws {
        let folder = try TemporaryFolder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "exec \"$0\" shift \"$1\" --layers=1 -o \"$2/$(printf 'o\\377.gguf')\"", TillerProcess.path,
            MeterCommandTests.vector, folder.path,
        ]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 2 && words.contains("argument 5 is not UTF-8"), "\(words)")
        #expect(folder.names.isEmpty)
    }

    @Test(arguments: ["TILLER_HOME", "HOME", "OLLAMA_MODELS"])
    func aFolderOfTheEnvironmentThatIsNotUTF8IsRefused(_ name: String) throws {
        let folder = try TemporaryFolder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", "export \"$1=$2/$(printf 'h\\377')\"; exec \"$0\" models", TillerProcess.path, name,
            folder.path,
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["TILLER_HOME": "", "HOME": folder.path, "OLLAMA_MODELS": ""]
        ) { $1 }
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 2 && words.contains("\(name) is not UTF-8"), "\(words)")
        #expect(folder.names.isEmpty)
    }

    @Test func aPathNeedsNoPlaceForModels() throws {
        let run = { (words: [String]) in
            try TillerProcess(words, environment: ["TILLER_HOME": "", "HOME": ""])
        }
        #expect(try run(["inspect", MeterCommandTests.vector]).status == 0)
        #expect(try run(["tokenize", "-m", smolLM2Path(), "Hi"]).status == 0)
        #expect(try run(["tokenize", "-m", "smollm2-135m-instruct", "Hi"]).errors.contains("TILLER_HOME"))
    }

    /// None of the files that these name is there, and none is looked for.
    @Test(arguments: ["0", "-1", "513"])
    func threadsThatNoEngineHasAreRefusedBeforeAnythingIsOpened(_ count: String) throws {
        let (model, vector) = (["-m", "/nowhere/m.gguf"], ["-v", "/nowhere/v.gguf"])
        let lines = [
            ["generate", "-p", "x"] + model, ["chat"] + model, ["sweep"] + model + vector,
            ["calibrate"] + model + vector, ["score", "x"] + model + vector, ["bench"] + model,
            ["condition", "--positive", "a", "--negative", "b"] + model + vector,
            ["capture", "-p", "x", "-o", "/nowhere/o"] + model, ["validate", "/nowhere/v.gguf"] + model,
            ["extract", "-d", "/nowhere/d.json", "-o", "/nowhere/o"] + model,
            ["reextract", "/nowhere/v.gguf", "-o", "/nowhere/o"] + model,
            ["quantize", "/nowhere/m.gguf", "/nowhere/o", "Q8_0"], ["compare", "/nowhere/a", "/nowhere/b"],
        ]
        let computing = try Tiller.commandNames.filter {
            try TillerProcess([$0, "--help"]).output.contains("--threads")
        }
        #expect(Set(lines.map { $0[0] }) == Set(computing))
        for words in lines {
            let run = try TillerProcess(words + ["-t", count, "--json"])
            let error = try run.jsonError()
            #expect(run.status == 2 && error["code"] as? String == "invalidSetting", "\(words[0]): \(error)")
            #expect((error["message"] as? String)?.contains(count) == true, "\(words[0])")
        }
    }
}
