import ArgumentParser
import Generation
import Terms
import Transformer

/// The vectors that steer, with their strengths.
struct VectorArguments: ParsableArguments {
    @Option(
        name: [.customShort("v"), .customLong("vector")], parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A vector file and its strength, 1 where none is given; may be repeated.",
            valueName: "vector[:strength]"))
    var vectors: [String] = []

    @Option(help: "Steer only these layers, for example 9-24 or 30%-80% (default: all that the vector has).")
    var layers: String?

    /// What the vectors do to one model.
    struct Plan {
        var interventions: [Intervention]
        var layers: [LayerIndex]
    }

    /// Reads the vectors, checks that they fit, and adds them up.
    func plan(for model: LanguageModel) throws -> Plan {
        Plan(interventions: [], layers: [])
    }
}
