import Terms

/// A vector that may not be used on a model: both sides, why, and the command that repairs it.
public struct Refusal: Sendable, Equatable {
    /// The vector's file, as the user wrote it.
    public let vectorPath: String
    /// The model's file, as the user wrote it.
    public let modelPath: String
    /// The grade and its reasons.
    public let compatibility: Compatibility
    /// A command that can be pasted; it has a placeholder where the vector has no recipe.
    public let fix: String

    private let vectorSummary: String
    private let vectorName: String
    private let model: ModelFingerprint

    /// Describes why `vector` may not be used on `model`.
    public init(
        _ compatibility: Compatibility, vector: ControlVector, vectorPath: String, model: ModelFingerprint,
        modelPath: String
    ) {
        self.compatibility = compatibility
        self.vectorPath = vectorPath
        self.modelPath = modelPath
        self.model = model
        fix = vector.repairCommand(vectorPath: vectorPath, model: model, modelPath: modelPath)
        if let fingerprint = vector.fingerprint {
            vectorSummary = fingerprint.summary
            vectorName = fingerprint.name ?? ""
        } else {
            let layers = vector.layers
            let range =
                layers.count == 1 ? "layer \(layers[0])" : "layers \(layers[0])-\(layers[layers.count - 1])"
            vectorSummary = "\(vector.modelHint ?? "unknown"), \(range) × \(vector.hiddenSize)"
            vectorName = "(unknown origin)"
        }
    }

    /// The lines without the fix, in columns:
    ///
    ///     this vector does not fit this model
    ///       vector  happy.gguf    qwen2, 64 layers × 5120   Qwen2.5-32B-Instruct
    ///       model   qwen14b.gguf  qwen2, 48 layers × 5120   Qwen2.5-14B-Instruct
    ///       why     layers differ (64 vs 48)
    var message: String {
        let files = [vectorPath, modelPath].map(Self.printable)
        let summaries = [vectorSummary, model.summary].map(Self.printable)
        let names = [vectorName, model.name ?? ""].map(Self.printable)
        let fileWidth = files.map(\.count).max() ?? 0
        let summaryWidth = summaries.map(\.count).max() ?? 0
        var lines = ["this vector does not fit this model"]
        for (index, side) in ["vector", "model "].enumerated() {
            let cells = [
                side, Self.padded(files[index], fileWidth), Self.padded(summaries[index], summaryWidth) + " ",
                names[index],
            ]
            var line = "  " + cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            lines.append(line)
        }
        var reasons = compatibility.reasons
        if compatibility.grade == .sameShape { reasons.append("--force uses the vector all the same") }
        lines.append("  why     " + Self.printable(reasons.joined(separator: "; ")))
        return lines.joined(separator: "\n")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Names come from files: an escape sequence in one must not reach the terminal.
    private static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            result.append(scalar.properties.generalCategory == .control ? "\u{fffd}" : scalar)
        }
        return String(result)
    }
}

extension ControlVector {
    /// Lets a vector be used on a model, or says why not.
    ///
    /// - Parameter forced: Also use a vector that is known to be of other weights of the same shape.
    /// - Returns: The grade and its reasons, which are worth a warning where it is not `exact`.
    /// - Throws: `incompatible`, with both sides and the command that repairs it.
    @discardableResult
    public func checkFit(
        to model: ModelFingerprint, modelPath: String, vectorPath: String, forced: Bool = false
    ) throws(ControlVectorError) -> Compatibility {
        let compatibility = Compatibility(of: self, with: model)
        guard compatibility.isUsable(forced: forced) else {
            throw .incompatible(
                Refusal(
                    compatibility, vector: self, vectorPath: vectorPath, model: model, modelPath: modelPath))
        }
        return compatibility
    }

    /// The command that makes this vector anew for a model: from its own recipe, or, without one, from a
    /// dataset that only the user knows. A model without a chat template takes prompts as they are (`--raw`).
    public func repairCommand(vectorPath: String, model: ModelFingerprint, modelPath: String) -> String {
        let output = ShellCommand.quoted(Self.repairedPath(vectorPath: vectorPath, modelPath: modelPath))
        let raw = model.chatTemplateHash == nil ? " --raw" : ""
        let path = ShellCommand.quoted(modelPath)
        guard extraction?.recipe != nil else {
            return "tiller extract -m \(path) -d DATASET -o \(output)\(raw)"
        }
        // Where its judge is the file does not say.
        let judge = extraction?.judgement == nil ? "" : " --judge URL"
        return "tiller reextract \(ShellCommand.quoted(vectorPath)) -m \(path) -o \(output)\(raw)\(judge)"
    }

    /// `vectors/happy.gguf` on `qwen14b.gguf` becomes `vectors/happy-qwen14b.gguf`.
    private static func repairedPath(vectorPath: String, modelPath: String) -> String {
        func stem(_ path: Substring) -> Substring {
            path.utf8.suffix(5).elementsEqual(".gguf".utf8) ? path.dropLast(5) : path
        }
        let model = modelPath.split(separator: "/").last.map(stem) ?? "model"
        return "\(stem(vectorPath[...]))-\(model).gguf"
    }
}
