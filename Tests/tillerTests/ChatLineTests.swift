import Steering
import Testing

@testable import tiller

@Suite struct ChatLineTests {
    @Test(arguments: [
        ("hello there ", ChatLine.message("hello there ")), ("", .nothing), ("  \t", .nothing),
        ("//usr/bin is a folder", .message("/usr/bin is a folder")), ("/help", .help), ("/?", .help),
        ("/strength -0.5", .strength(-0.5, vector: nil)),
        ("/strength auto", .strength(.automatic(isPositive: true), vector: nil)),
        ("/strength happy -auto", .strength(.automatic(isPositive: false), vector: "happy")),
        ("/strength happy 1", .strength(1, vector: "happy")),
        ("/strength my mood 1", .strength(1, vector: "my mood")), ("/strength", .showVectors),
        ("/vector", .showVectors), ("/vector a b.gguf:0.5", .addVector("a b.gguf:0.5")),
        ("/vector off", .removeVectors(nil)), ("/vector off happy", .removeVectors("happy")),
        ("/preset", .showVectors), ("/preset a b.json", .setPreset("a b.json")),
        ("/preset off", .setPreset(nil)), ("/meter", .showMeters), ("/meter off", .removeMeters),
        ("/meter happy", .addMeter("happy")),
        ("/system  Be kind. ", .system("Be kind.")), ("/system off", .system(nil)), ("/system", .showSystem),
        ("  /undo", .undo), ("/again", .again), ("/compare", .compare), ("/history", .history),
        ("/reset", .reset), ("/save a b.json", .save("a b.json")), ("/quit", .quit), ("/exit", .quit),
    ])
    func linesMeanWhatTheySay(_ text: String, _ line: ChatLine) throws {
        #expect(try ChatLine(parsing: text) == line)
    }

    @Test(arguments: ["/strength abc", "/strength nan", "/strength happy", "/save", "/srength 1", "/"])
    func whatMakesNoSenseIsAnError(_ text: String) {
        #expect(throws: (any Error).self) { try ChatLine(parsing: text) }
    }

    @Test(arguments: [
        "/help me", "/undo 2", "/reset please", "/quit now", "/compare a", "/again\t1", "/history 3",
    ])
    func whatIsBehindACommandThatTakesNothingIsRefused(_ text: String) {
        let error = #expect(throws: TillerError.self) { try ChatLine(parsing: text) }
        #expect(error?.message.contains("takes nothing behind it") == true)
        #expect(error?.code == "badUsage" && error?.remedy?.hasSuffix(" to say it") == true)
    }

    @Test func aMistypedCommandGetsAGuess() {
        #expect(
            throws: TillerError.badUsage(
                message: "there is no command /strenght", remedy: "did you mean /strength?")
        ) { try ChatLine(parsing: "/strenght 1") }
    }

    @Test func everyCommandIsInTheHelp() throws {
        for command in ChatLine.commands where !command.usage.hasPrefix("//") {
            let name = String(command.usage.prefix { $0 != " " })
            let argument = ["/strength": " 1", "/save": " x"][name] ?? ""
            #expect(throws: Never.self) { try ChatLine(parsing: name + argument) }
        }
    }
}
