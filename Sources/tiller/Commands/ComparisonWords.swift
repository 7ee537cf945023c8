import ControlVectors
import Steering
import Terms

/// What `compare` says.
struct ComparisonWords {
    let paths: [String]
    let comparison: VectorComparison
    /// For each vector each layer's share of the pairs that the first one's recipe keeps
    /// aside; nil without a model.
    let accuracies: [[LayerIndex: Double]]?
    /// For each vector how much of what asking for the trait does it does; nil without a model, or
    /// without words to ask with.
    let agreements: [PromptAgreement]?
    let origins: [String?]

    /// For scripts.
    var json: JSONValue {
        [
            "vectors": .array(paths.map { .string($0) }), "origins": .array(origins.map { .string($0) }),
            "meanCosine": .optional(comparison.meanCosine, JSONValue.number),
            "leastCosine": .optional(comparison.leastCosine, JSONValue.number),
            "layers": .array(comparison.layers.map(layer)), "onlyFirst": .layers(comparison.onlyLeft),
            "onlySecond": .layers(comparison.onlyRight),
            "agreements": .optional(agreements) { .array($0.map(agreement)) },
        ]
    }

    private func agreement(_ agreement: PromptAgreement) -> JSONValue {
        [
            "cosine": .number(agreement.cosine), "error": .optional(agreement.error, JSONValue.number),
            "questions": .integer(agreement.questionCount),
            "tokens": .integer(agreement.tokenCount),
        ]
    }

    private func layer(_ layer: VectorComparison.Layer) -> JSONValue {
        var json: JSONValue = [
            "layer": .integer(layer.layer.rawValue), "cosine": .optional(layer.cosine, JSONValue.number),
            "norms": [.number(layer.leftNorm), .number(layer.rightNorm)],
        ]
        if let accuracies {
            json.append("accuracies", .array(accuracies.map { .optional($0[layer.layer], JSONValue.number) }))
        }
        return json
    }

    /// For people.
    func text(titleStyle: TextStyle?) -> String {
        var columns: [Table.Column] = [
            .number("LAYER"), .number("COSINE"), .number("LENGTH 1"), .number("LENGTH 2"),
        ]
        if accuracies != nil { columns += [.number("ACCURACY 1"), .number("ACCURACY 2")] }
        var table = Table(columns)
        for layer in comparison.layers {
            var cells = [
                "\(layer.layer)", layer.cosine.map { Quantity.decimal($0, 4) } ?? "–",
                Quantity.decimal(layer.leftNorm, 2), Quantity.decimal(layer.rightNorm, 2),
            ]
            for accuracy in accuracies ?? [] {
                cells.append(accuracy[layer.layer].map(Quantity.percent) ?? "–")
            }
            table.append(cells)
        }
        return table.rendered(width: Terminal.current.width, titleStyle: titleStyle) + "\n"
            + sentences.withoutTerminalControls
    }

    /// What stands below the table.
    private var sentences: String {
        var text = ""
        if let mean = comparison.meanCosine, let least = comparison.leastCosine {
            text += "mean cosine \(Quantity.decimal(mean, 4)), least \(Quantity.decimal(least, 4))\n"
        }
        if let accuracies, accuracies.contains(where: { !$0.isEmpty }) {
            text +=
                "accuracy: of the pairs that the recipe in \(paths[0]) keeps aside; its vector has been fitted to them since\n"
        }
        if accuracies != nil, agreements == nil {
            text +=
                "agreement with asking for the trait: unknown, for the first vector's recipe has no questions, or no words to ask with\n"
        }
        for (path, agreement) in zip(paths, agreements ?? []) {
            let error = agreement.error.map { " ± " + Quantity.decimal($0, 2) } ?? ""
            text +=
                "\(path): agrees \(Quantity.decimal(agreement.cosine, 2))\(error) with asking for the trait in words\n"
        }
        for (path, layers) in zip(paths, [comparison.onlyLeft, comparison.onlyRight]) where !layers.isEmpty {
            text += "only in \(path): \(layers.runs)\n"
        }
        for (path, origin) in zip(paths, origins) {
            if let origin { text += "\(path): \(origin)\n" }
        }
        return text
    }
}
