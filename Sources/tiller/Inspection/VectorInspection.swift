import ControlVectors
import GGUF
import Steering
import Terms

/// A control vector: which layers it has, how it was found, and how good each layer's direction is.
struct VectorInspection: Inspection {
    let path: String
    let vector: ControlVector

    /// Whether a GGUF file is meant as a vector: it says so, or says nothing and holds directions.
    static func isVector(_ file: GGUFFile) -> Bool {
        if case .string(let architecture)? = file.metadata["general.architecture"] {
            return architecture == "controlvector"
        }
        return file.tensors.first?.name.hasPrefix("direction.") ?? false
    }

    var json: JSONValue {
        var json = facts.json
        json.append("layers", .array(vector.layers.map(layer)))
        return json
    }

    func text(titleStyle: TextStyle?) -> String {
        "\(path.onOneLine): a control vector\n" + facts.text + "\n" + layerTable(titleStyle)
    }

    private var facts: Facts {
        var facts = Facts()
        let layers = vector.layers
        facts.add("kind", "vector")
        facts.add("path", .string(path))
        facts.add("hiddenSize", .integer(vector.hiddenSize), "hidden size", "\(vector.hiddenSize)")
        let range = layers.first.flatMap { first in
            layers.last.map { "\(layers.count), from \(first) to \($0)" }
        }
        facts.add("layerCount", .integer(layers.count), "layers", range)
        facts.add("modelHint", .string(vector.modelHint), "model hint", vector.modelHint ?? "none")
        let model = vector.fingerprint
        facts.add(
            "model", .optional(model, Self.json), "made on",
            model.map { [$0.name, $0.summary, $0.fileTypeName].compactMap { $0 }.joined(separator: ", ") }
                ?? "unknown: another tool made it, or arithmetic")
        if let origin = vector.origin {
            facts.add("origin", Self.json(origin), "origin", origin.summary)
            if let displacement = origin.displacement {
                facts.add("displacement", .string(displacement), "note", displacement)
            }
        }
        if let derivation = vector.derivation {
            facts.add(
                "derivation", Self.json(derivation), derivation.operation == "shift" ? "moved" : "made of",
                Self.words(derivation))
        }
        facts.add("digest", .string(vector.directionsDigest), "digest", vector.directionsDigest)
        if let record = vector.extraction { add(record, to: &facts) }
        if let strengths = vector.calibration { CalibrationFacts(strengths, of: model).add(to: &facts) }
        return facts
    }

    private func add(_ record: ExtractionRecord, to facts: inout Facts) {
        facts.add("method", .string(record.method), "method", record.method)
        facts.add("readout", .string(record.readout), "readout", record.readout)
        facts.add(
            "scale", .string(record.scale.rawValue), "scale",
            record.scale == .natural
                ? "natural: strength 1 is one positive-minus-negative difference"
                : "unit: every direction has length 1")
        let isChosen = (try? ExtractionRecipe(of: vector, path: path))?.choosesLayers ?? false
        facts.add(
            "layerRange", .string("\(record.layers)"), "asked for layers",
            isChosen ? "auto, which chose \(record.layers)" : "\(record.layers)")
        if let found = record.assessment {
            facts.add("verdict", .string(found.verdict.rawValue), "verdict", found.words)
            facts.add("reason", .string(found.reason))
        }
        if !record.evidence.isEmpty {
            facts.add(
                "hasMeterScale", .bool(record.hasMeterScale), "meter",
                record.hasMeterScale
                    ? "0 at the dataset's negative side, 1 at the positive one"
                    : "plain projections; extracted again it would have a scale")
        }
        if let count = vector.components.values.map(\.count).max() {
            facts.add(
                "components", .integer(count + 1), "components",
                "\(count + 1) a layer; steering uses the first")
        }
        if let judgement = record.judgement {
            facts.add("judge", Self.json(judgement), "judge", judgement.words)
        }
        facts.add("toolVersion", .string(record.toolVersion), "tiller version", record.toolVersion)
        facts.add(
            "hasRecipe", .bool(record.recipe != nil), "recipe",
            record.recipe.map {
                "inside, \(Quantity.count($0.utf8.count)) bytes: tiller reextract can use it"
            } ?? "none")
    }

    static func json(_ origin: VectorOrigin) -> JSONValue {
        [
            "producer": .string(origin.producer.rawValue), "method": .string(origin.method),
            "shift": .integer(origin.shift), "lateness": .optional(origin.lateness, JSONValue.integer),
            "unknown": .array(origin.unknown.map { .string($0) }),
        ]
    }

    static func json(_ derivation: VectorDerivation) -> JSONValue {
        var json: JSONValue = ["operation": .string(derivation.operation)]
        func members(_ parent: VectorDerivation.Parent) -> JSONValue {
            ["name": .string(parent.name), "digest": .string(parent.digest)]
        }
        switch derivation {
        case .sum(let terms, let isOrthogonalized):
            let parents = terms.map { term in
                var parent = members(term.parent)
                parent.append("weight", .single(term.weight))
                return parent
            }
            json.append("parents", .array(parents))
            json.append("orthogonalized", .bool(isOrthogonalized))
        case .shift(let parent, let layers):
            json.append("parents", [members(parent)])
            json.append("layers", .integer(layers))
        }
        return json
    }

    private static func words(_ derivation: VectorDerivation) -> String {
        func words(_ parent: VectorDerivation.Parent) -> String { "\(parent.name) (\(parent.digest))" }
        switch derivation {
        case .sum(let terms, let isOrthogonalized):
            return terms.map { "\(Quantity.strength($0.weight)) × \(words($0.parent))" }.joined(
                separator: ", ")
                + (isOrthogonalized ? "; each without what it has in common with those before it" : "")
        case .shift(let parent, let layers):
            return
                "\(words(parent)) by \(Quantity.strength(Float(layers))) layer\(abs(layers) == 1 ? "" : "s")"
        }
    }

    static func json(_ judgement: Judgement) -> JSONValue {
        func side(_ side: Judgement.Side) -> JSONValue {
            [
                "judged": .integer(side.judged), "kept": .integer(side.kept),
                "refused": .integer(side.refused),
            ]
        }
        return [
            "model": .string(judgement.model), "threshold": .number(judgement.threshold),
            "positive": side(judgement.positive), "negative": side(judgement.negative),
        ]
    }

    /// A model's fingerprint for scripts.
    static func json(_ model: ModelFingerprint) -> JSONValue {
        [
            "architecture": .string(model.architecture), "name": .string(model.name),
            "hiddenSize": .integer(model.hiddenSize), "layerCount": .integer(model.layerCount),
            "vocabularySize": .integer(model.vocabularySize), "fileType": .string(model.fileTypeName),
            "tokenizerHash": .string(model.tokenizerHash),
            "chatTemplateHash": .string(model.chatTemplateHash), "normHash": .string(model.normHash),
            "digest": .string(model.digest),
        ]
    }

    // MARK: - Layers

    private func layer(_ layer: LayerIndex) -> JSONValue {
        let evidence = vector.extraction?.evidence[layer]
        func number(_ value: Float?) -> JSONValue { .optional(value, JSONValue.single) }
        var json: JSONValue = [
            "layer": .integer(layer.rawValue), "norm": .number(vector.length(of: layer)),
            "estimator": .string(evidence?.estimator), "scale": number(evidence?.scale),
            "explainedVarianceRatio": number(evidence?.explainedVarianceRatio),
            "pairAccuracy": number(evidence?.pairAccuracy), "cosineToMean": number(evidence?.cosineToMean),
            "dose": number(evidence?.dose),
        ]
        for (key, value) in evidence?.furtherJSON ?? [] { json.append(key, value) }
        if let further = vector.components[layer] { json.append("components", .integer(further.count + 1)) }
        return json
    }

    private func layerTable(_ titleStyle: TextStyle?) -> String {
        var rows = LayerTable(isFull: vector.extraction?.assessment != nil)
        for layer in vector.layers {
            rows.append(layer, norm: vector.length(of: layer), vector.extraction?.evidence[layer])
        }
        return rows.rendered(titleStyle: titleStyle)
    }
}
