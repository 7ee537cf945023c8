import ControlVectors
import GGUF
import Generation
import Steering
import Transformer

/// Meters of vector files, checked against a model.
enum VectorMeter {
    /// A meter of each file, named like the file. Says of each one that has no scale.
    static func load(
        _ paths: [String], layers: LayerSelection? = nil, for model: LanguageModel, forced: Bool
    ) throws -> [Meter] {
        guard !paths.isEmpty else { return [] }
        let fingerprint = try ModelFingerprint(of: model.file)
        return try paths.map { path in
            let vector = try FittingVector.load(
                path, for: fingerprint, modelPath: model.file.path, forced: forced)
            let meter = try Meter(
                vector, name: name(of: path), layers: layers, for: model.transformer.configuration)
            if meter.scale == .projection { warn("\(path): \(noScale)") }
            return meter
        }
    }

    /// A file's name without folder and ending.
    static func name(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file
    }

    /// What a vector without sides gives.
    static let noScale =
        "it does not say where the sides of its dataset lie, so its meter shows plain projections; "
        + "tiller extract and reextract write vectors that do"
}
