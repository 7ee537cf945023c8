import ArgumentParser
import ControlVectors
import Terms

/// `tiller shift`
struct ShiftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shift",
        abstract: "Move a vector to earlier or later layers.",
        discussion: """
            llama.cpp's cvector-generator and jukofyork's control-vectors store what they measured at block i as \
            direction.(i+1), which every program then adds one block late: --layers=-1 puts it where it was measured. \
            What would land on block 0, which vector files cannot hold, is left out. The result keeps the name and digest of the \
            vector, and by how many layers it was moved, which inspect shows.
            """)

    @Argument(help: "The vector.")
    var vector: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How many layers later; earlier below 0.", valueName: "count"))
    var layers: Int

    @Option(name: [.customShort("o"), .customLong("output")], help: "The vector to write.")
    var outputPath: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let before = try ControlVector(path: vector)
        let shifts = before.possibleShifts
        guard shifts.contains(layers) else {
            throw TillerError.badUsage(
                message: "--layers=\(layers) moves layers \(before.layers.runs) of \(vector) too far",
                remedy: "move them by \(shifts.lowerBound) to \(shifts.upperBound)")
        }
        let lost = before.layersLost(by: layers)
        var after = try before.without(lost).shifted(by: layers)
        after.derivation = .shift(.init(before, path: vector), layers: layers)
        try after.write(to: outputPath, refusing: [vector] + KeptRuns.files)
        if !lost.isEmpty {
            warn("left out: layers \(lost.runs), which a vector file could not hold after the shift")
        }
        try output.print(
            json: [
                "output": .string(outputPath), "before": .layers(before.layers),
                "after": .layers(after.layers),
                "dropped": .layers(lost), "lateness": .optional(after.origin?.lateness, JSONValue.integer),
            ],
            text:
                "was  layers \(before.layers.runs)\nnow  layers \(after.layers.runs)\nwrote \(outputPath.onOneLine)"
        )
    }
}
