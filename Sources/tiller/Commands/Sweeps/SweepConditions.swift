import Generation
import Steering

/// What a run's answers were given under, besides the vectors: a difference between two
/// runs may come from any of it.
struct SweepConditions {
    private let report: SweepReport

    init(_ report: SweepReport) { self.report = report }

    /// For people: how prompts were put and answers computed, where it is not as usual.
    var remarks: [String] {
        guard let conditions = report.conditions else { return [] }
        return [
            conditions.isRaw ? "raw prompts" : nil,
            conditions.system.map { "system turn “\($0.onOneLine)”" },
            conditions.isExact ? "float32 activations" : nil,
        ].compactMap { $0 }
    }

    /// For people: how the answers were drawn.
    var drawing: String {
        let sampling = report.sampling
        func number(_ value: Float) -> String { Quantity.decimal(Double(value), 2) }
        var words =
            sampling.temperature == 0
            ? ["greedy"] : ["temperature \(number(sampling.temperature))", "seed \(sampling.seed)"]
        if sampling.repeatPenalty != 1 { words.append("repeat penalty \(number(sampling.repeatPenalty))") }
        if sampling.dryMultiplier != 0 { words.append("DRY \(number(sampling.dryMultiplier))") }
        return words.joined(separator: ", ")
    }

    /// For scripts.
    var json: JSONValue {
        .object(entries.map { .init(key: $0.key, value: $0.value) })
    }

    /// What is not the same in another run, for people: a line each. What an earlier build has not kept of
    /// one of them is not compared.
    func differences(from other: SweepConditions) -> [String] {
        zip(entries, other.entries).compactMap { here, there in
            guard here.value != there.value, here.isKnown, there.isKnown else { return nil }
            return "\(here.name): \(here.words) | \(there.words)"
        }
    }

    /// One of the conditions; all runs have the same ones in the same order.
    private struct Entry {
        var key: String
        var name: String
        var value: JSONValue
        var isKnown = true

        var words: String {
            switch value {
            case .string(let text): "“\(TextInput.beginning(of: text))”"
            case .null: "none"
            default: value.text
            }
        }
    }

    private var entries: [Entry] {
        let conditions = report.conditions
        let isKnown = conditions != nil
        var entries = [
            Entry(key: "model", name: "model", value: .string(report.model.name)),
            Entry(key: "modelDigest", name: "model's digest", value: .string(report.model.digest)),
            Entry(key: "toolVersion", name: "tiller", value: .string(report.toolVersion)),
            Entry(
                key: "system", name: "system turn", value: .string(conditions?.system), isKnown: isKnown),
            Entry(
                key: "raw", name: "raw prompts", value: .optional(conditions?.isRaw, JSONValue.bool),
                isKnown: isKnown),
            Entry(
                key: "exact", name: "float32 activations",
                value: .optional(conditions?.isExact, JSONValue.bool), isKnown: isKnown),
            Entry(key: "maximumTokens", name: "tokens at the most", value: .integer(report.maximumTokens)),
        ]
        guard case .object(let sampling) = report.sampling.json else { return entries }
        entries += sampling.map { Entry(key: $0.key, name: $0.key, value: $0.value) }
        return entries
    }
}
