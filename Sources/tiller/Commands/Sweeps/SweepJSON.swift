import Generation
import Steering

extension SweepWords {
    /// For scripts: the steered answers in `runs`, the controls beside them.
    func json(_ finished: SweepRunning.Finished) -> JSONValue {
        var json = self.json
        json.append("reused", .integer(finished.outcome.reusedCount))
        json.append("answerSeconds", .number(finished.outcome.answerSeconds))
        json.append("measureSeconds", .number(finished.outcome.measureSeconds))
        json.append("seconds", .number(finished.seconds))
        return json
    }

    /// What a kept run is, without what its computing took.
    var json: JSONValue {
        let isControl = { (answer: SweepAnswer) in answer.cell.arm != .vector }
        return [
            "runs": .array(report.answers.filter { !isControl($0) }.map(answer)),
            "controls": .array(report.answers.filter(isControl).map(answer)),
            "vectors": .array(report.vectors.indices.map(vector)),
            "steeredLayers": .layers(Set(report.vectors.flatMap(\.layers)).sorted()),
            "seed": .integer(Int(clamping: report.sampling.seed)), "draws": .integer(report.drawCount),
            "conditions": SweepConditions(report).json,
            "run": .optional(run, JSONValue.integer), "report": .string(reportPath),
        ]
    }

    private func answer(_ answer: SweepAnswer) -> JSONValue {
        let (cell, outcome) = (answer.cell, answer.outcome)
        let measures = outcome?.measures
        var json: JSONValue = [
            "vector": .string(report.vectors[cell.vector].name), "arm": .string(cell.arm.rawValue),
            "side": .string(cell.side?.rawValue), "strength": .number(cell.strength),
            "prompt": .string(report.prompts[cell.prompt]), "draw": .integer(cell.draw),
            "text": .string(outcome?.text ?? ""),
            "perplexity": .optional(measures?.perplexity, JSONValue.number), "ids": .ids(outcome?.ids ?? []),
            "finishReason": .string(outcome?.finishReason?.rawValue),
            "divergence": .optional(measures?.divergence, JSONValue.number),
            "repetition": .optional(measures?.repetition, JSONValue.number),
            "meter": .optional(measures?.meter, JSONValue.number),
            "propensity": .optional(measures?.propensity, JSONValue.number),
            "faults": .array((measures?.faults ?? []).map { .string($0.rawValue) }),
            "logProbabilities": .array((measures?.logProbabilities ?? []).map(JSONValue.single)),
            "projections": .array((measures?.projections ?? []).map(JSONValue.single)),
        ]
        if let markers = measures?.markers {
            json.append(
                "markers", ["positive": .integer(markers.positive), "negative": .integer(markers.negative)])
        }
        if let failure = outcome?.failure { json.append("failure", .string(failure)) }
        return json
    }

    private func vector(_ index: Int) -> JSONValue {
        let vector = report.vectors[index]
        let steerability = report.steerability(of: index)
        let swing = report.swing(of: index)
        return [
            "name": .string(vector.name), "layers": .layers(vector.layers),
            "strengths": .array(report.points(of: index, .vector).map(Self.point)),
            "random": .array(report.points(of: index, .random).map(Self.point)),
            "instructions": .array(report.points(of: index, .instruction).map(Self.point)),
            "whyNoInstructions": .string(vector.whyNoInstructions),
            "choiceSlope": .optional(steerability?.meanSlope, JSONValue.number),
            "antiSteerableShare": .optional(steerability?.antiSteerableShare, JSONValue.number),
            "whole": .optional(swing) { [.number($0.lower.strength), .number($0.upper.strength)] },
            "swing": .optional(swing?.meter, JSONValue.number),
        ]
    }

    /// One strength of one arm.
    static func point(_ point: SweepReport.Point) -> JSONValue {
        let measures = point.measures
        var json: JSONValue = ["strength": .number(point.strength)]
        if let side = point.side { json.append("side", .string(side.rawValue)) }
        let numbers: [(String, Double?)] = [
            ("perplexity", measures.perplexity), ("perplexityRatio", measures.perplexityRatio),
            ("divergence", measures.divergence), ("repetition", measures.repetition),
            ("markerRate", measures.markerRate), ("meterShift", measures.meterShift),
            ("meterShiftError", measures.meterShiftError),
            ("propensity", measures.propensity), ("brokenShare", measures.brokenShare),
        ]
        for (name, value) in numbers { json.append(name, .optional(value, JSONValue.number)) }
        let faults = measures.faults.sorted { $0.key.rawValue < $1.key.rawValue }
        json.append(
            "faults", .object(faults.map { .init(key: $0.key.rawValue, value: .integer($0.value)) }))
        json.append("isDamaged", .bool(point.isDamaged))
        return json
    }
}
