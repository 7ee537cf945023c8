import Generation
import Steering
import Transformer

/// What an answer was steered with, for people and for scripts.
struct SteeringWords {
    /// The vectors, in their order.
    let vectors: [ChatSession.Vector]
    /// The rules that act after them.
    let preset: LoadedPreset?

    /// Vectors at another strength than 0, and the rules, for people; none where nothing is to steer.
    var dials: [String] {
        vectors.filter { $0.term.strength != 0 }.map(ChatWords.dial)
            + [preset].compactMap { $0.map { ChatWords.preset($0.name) } }
    }

    /// Adds the vectors, the preset's name, and what its conditions came to.
    func append(to json: inout JSONValue, _ answer: Generation, on model: ModelConfiguration) {
        json.append("vectors", .array(vectors.map { Self.json($0, on: model) }))
        json.append("preset", .string(preset?.name))
        json.append(
            "conditions", .array(zip(preset?.conditions ?? [], answer.conditions).map { Self.json($0, $1) }))
    }

    /// The strength is a number, whatever was written; the layers are those in which it acts. What could not
    /// be planned was refused before.
    private static func json(_ vector: ChatSession.Vector, on model: ModelConfiguration) -> JSONValue {
        [
            "name": .string(vector.name), "path": .string(vector.path),
            "strength": .number(vector.term.strength),
            "layers": .layers((try? SteeringPlan([vector.term], for: model).steeredLayers) ?? []),
        ]
    }

    private static func json(
        _ condition: LoadedPreset.Condition, _ outcome: SteeringCondition.Outcome
    ) -> JSONValue {
        [
            "rule": .integer(condition.rule), "vector": .string(condition.definition.probe.vector),
            "reading": .number(outcome.reading), "threshold": .number(condition.definition.threshold),
            "when": .string(condition.definition.side.rawValue), "isMet": .bool(outcome.isMet),
        ]
    }
}
