import ControlVectors
import Generation
import Steering

/// What `condition` says.
struct ConditionWords {
    let fit: ConditionFit
    let condition: SteeringPreset.Condition
    let scale: Meter.Scale

    /// For scripts.
    var json: JSONValue {
        [
            "threshold": .number(fit.threshold), "side": .string(fit.firesAbove ? "above" : "below"),
            "scale": .string(scale.rawValue), "statedRate": .number(fit.statedRate),
            "falsePositiveRate": .number(fit.falsePositiveRate), "hitRate": .number(fit.hitRate),
            "chance": .number(fit.chance), "isClear": .bool(fit.isClear),
            "heldOut": [
                "negative": .integer(fit.heldOut.negative), "positive": .integer(fit.heldOut.positive),
            ],
            "if": ifValue,
        ]
    }

    /// For people: the condition to paste, and what it does.
    var text: String {
        "\"if\": \(ifValue.text)\n\n"
            + "fires on \(Quantity.percent(fit.hitRate)) of \(fit.heldOut.positive) positive texts and on "
            + "\(Quantity.percent(fit.falsePositiveRate)) of \(fit.heldOut.negative) negative ones that did not fit it "
            + "(stated: \(Quantity.percent(fit.statedRate)))\n"
            + "the threshold holds for prompts with the same --system and --raw as here; with others readings lie elsewhere\n"
    }

    /// That it tells nothing apart; nil where it does.
    var warning: String? {
        guard !fit.isClear else { return nil }
        return "hits are not clearly above false positives: \(Quantity.percent(fit.hitRate)) of "
            + "\(Quantity.counted(fit.heldOut.positive, "positive text")) against "
            + "\(Quantity.percent(fit.falsePositiveRate)) of \(Quantity.counted(fit.heldOut.negative, "negative one")), which chance "
            + "alone gives with a probability of \(Quantity.decimal(fit.chance, 2)) (Fisher's exact test; expected at most "
            + "\(Quantity.decimal(ConditionFit.clearChance, 2))): try more texts, another vector, other --layers or a longer --window"
    }

    private var ifValue: JSONValue {
        var value: JSONValue = ["vector": .string(condition.probe.vector)]
        if let layers = condition.probe.layers { value.append("layers", .string(layers.description)) }
        value.append("window", .integer(condition.probe.window))
        value.append(condition.side.rawValue, .number(condition.threshold))
        return value
    }
}
