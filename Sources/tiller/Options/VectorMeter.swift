import ControlVectors
import GGUF
import Generation
import Steering
import Transformer

/// Meters of vector files, checked against a model.
enum VectorMeter {
    /// A meter of each file, named like the file. Says of each one that has no scale.
    ///
    /// - Parameter option: Behind which the paths were typed.
    static func load(
        _ paths: [String], option: String, layers: LayerSelection? = nil, for model: LanguageModel,
        forced: Bool
    ) throws -> [Meter] {
        guard !paths.isEmpty else { return [] }
        for path in paths { try checkPath(path, option: option) }
        let fingerprint = try ModelFingerprint(of: model.file)
        return try zip(paths, names(of: paths)).map { path, name in
            let vector = try FittingVector.load(
                path, for: fingerprint, modelPath: model.file.path, forced: forced)
            let meter = try Meter(
                vector, name: name, layers: layers, for: model.transformer.configuration)
            if meter.scale == .projection { warn("\(path): \(noScale)") }
            return meter
        }
    }

    /// Refuses a strength or layers behind a vector that only reads.
    static func checkPath(_ text: String, option: String) throws(TillerError) {
        _ = try VectorSpecification.plainPath(
            text, option: option, why: "a meter reads, and takes no strength and no layers")
    }

    /// A file's name without folder and ending.
    static func name(of path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file
    }

    /// A name for each file: later ones of a name that is taken say their folder, or a number.
    static func names(of paths: [String]) -> [String] {
        paths.reduce(into: []) { names, path in names.append(name(of: path, beside: names)) }
    }

    /// A file's name where others have some already.
    static func name(of path: String, beside taken: [String]) -> String {
        let name = name(of: path)
        let folder = path.split(separator: "/").dropLast().last.map { "\($0)/\(name)" }
        let numbered = (2...taken.count + 2).map { "\(name)#\($0)" }
        return ([name, folder].compactMap { $0 } + numbered).first { !taken.contains($0) } ?? name
    }

    /// What a vector without sides gives.
    static let noScale =
        "it does not say where the sides of its dataset lie, so its meter shows plain projections; "
        + "tiller extract and reextract write vectors that do"
}
