import ArgumentParser
import ControlVectors

/// Which layers of a vector a command uses, and with which models.
struct VectorUse: ParsableArguments {
    @Option(help: "Use only these layers, for example 9-24 or 30%-80% (default: all that the vector has).")
    var layers: String?

    @Flag(help: "Use a vector that was made on other weights of the same shape.")
    var force = false

    /// The layers that were asked for; nil for all.
    func selection() throws(ControlVectorError) -> LayerSelection? {
        try layers.map { text throws(ControlVectorError) in try LayerSelection(text) }
    }
}
