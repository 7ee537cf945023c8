import ControlVectors
import Steering
import Terms

/// What `extract` says about an extraction.
struct ExtractionWords {
    let report: ExtractionReport
    let outputPath: String

    /// For scripts.
    var json: JSONValue {
        var json: JSONValue = [
            "output": .string(outputPath), "method": .string(report.method.rawValue),
            "prompts": .integer(report.prompts), "tokens": .integer(report.tokens),
            "computedTokens": .integer(report.computedTokens), "seconds": .number(report.seconds),
            "pairs": .integer(report.pairs), "distinctPairs": .integer(report.distinctPairs),
            "heldOutPairs": .integer(report.heldOutPairs), "layers": .array(report.layers.map(Self.json)),
            "verdict": .string(report.assessment?.verdict.rawValue),
            "reason": .string(report.assessment?.reason),
        ]
        if let answers = report.answers { json.append("answers", .string(answers)) }
        if let judgement = report.judgement { json.append("judge", VectorInspection.json(judgement)) }
        return json
    }

    private static func json(_ layer: DirectionEvidence) -> JSONValue {
        var json: JSONValue = [
            "layer": .integer(layer.layer.rawValue), "estimator": .string(layer.estimator.rawValue),
            "explainedVarianceRatio": .number(layer.explainedVarianceRatio),
            "pairAccuracy": .number(layer.pairAccuracy), "cosineToMean": .number(layer.cosineToMean),
            "scale": .number(layer.scale), "norm": .number(layer.norm), "dose": .number(layer.dose),
            "notes": .array(layer.notes.map { .string($0.text) }),
        ]
        for (key, value) in layer.record.furtherJSON where key != "heldOutPairs" { json.append(key, value) }
        if !layer.componentShares.isEmpty {
            json.append("componentShares", .array(layer.componentShares.map(JSONValue.number)))
        }
        return json
    }

    /// For people.
    func text(titleStyle: TextStyle?) -> String {
        var table = LayerTable()
        for layer in report.layers {
            table.append(layer.layer, norm: layer.norm, layer.record)
        }
        let answers = report.answers.map { "The model's own answers: \($0).\n" } ?? ""
        return """
            \(Quantity.counted(report.prompts, "prompt")) of \(Quantity.counted(report.tokens, "token")); \
            \(Quantity.count(report.computedTokens)) computed, in \(Quantity.seconds(report.seconds)). \
            Accuracy is that of \(measuredPairs).
            \(answers)
            \(table.rendered(titleStyle: titleStyle))
            \(report.assessment?.words ?? "verdict: unknown")
            wrote \(outputPath.onOneLine)
            """
    }

    /// What the accuracy is the share of.
    private var measuredPairs: String {
        report.heldOutPairs > 0
            ? Quantity.counted(report.heldOutPairs, "held-out pair")
            : "the pairs of the fit: none were held out"
    }

    /// What a person should know before using the vector, where `text` is not shown: the
    /// remarks, and a bad verdict.
    var warnings: [String] {
        var warnings = remarks
        if let found = report.assessment, found.verdict == .not {
            warnings.append("the vector is \(found.words)")
        }
        return warnings
    }

    /// What neither the table nor the verdict says of the vector: each remark once, with
    /// the layers that it is about.
    var remarks: [String] {
        var layers: [(remark: String, layers: [LayerIndex])] = []
        for layer in report.layers {
            for note in layer.notes {
                guard let remark = Self.remark(note, of: layer) else { continue }
                if let known = layers.firstIndex(where: { $0.remark == remark }) {
                    layers[known].layers.append(layer.layer)
                } else {
                    layers.append((remark, [layer.layer]))
                }
            }
        }
        return layers.map { remark, layers in
            let isOne = layers.count == 1
            return "\(isOne ? "layer" : "layers") \(layers.runs): \(remark)"
        }
    }

    /// A remark without the numbers of one layer; nil for what is only worth a place in `--json`.
    private static func remark(_ note: LayerNote, of layer: DirectionEvidence) -> String? {
        switch note {
        case .nuisanceComponent:
            layer.estimator == .mean
                ? "PC1 is a nuisance direction, so the mean difference was taken"
                : "PC1 is a nuisance direction: it follows something else than the trait (try --method auto)"
        case .weakerComponent: nil
        case .nearChance:
            "the direction separates \(layer.heldOutPairs > 0 ? "unseen pairs" : "the pairs of the fit") hardly better than a coin"
        case .notHeldOut: "there were too few pairs to hold some out, so the accuracy flatters"
        }
    }
}

extension Assessment {
    /// One line: the verdict and the number that says so.
    var words: String {
        (verdict == .not ? "not steerable" : verdict.rawValue) + (reason.isEmpty ? "" : ": \(reason)")
    }
}
