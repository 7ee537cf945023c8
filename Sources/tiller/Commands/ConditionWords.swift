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
    }

    private var ifValue: JSONValue {
        var value: JSONValue = ["vector": .string(condition.probe.vector)]
        if let layers = condition.probe.layers { value.append("layers", .string(layers.description)) }
        value.append("window", .integer(condition.probe.window))
        value.append(condition.side.rawValue, .number(condition.threshold))
        return value
    }
}
