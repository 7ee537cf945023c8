import ControlVectors
import Generation

extension SteeringPreset: Encodable {
    private enum Field: String, CodingKey {
        case name, description, rules
    }

    /// Writes the form of a preset file.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Field.self)
        try container.encodeIfPresent(name, forKey: .name)
        try container.encodeIfPresent(description, forKey: .description)
        try container.encode(rules, forKey: .rules)
    }
}

extension SteeringPreset.Rule: Encodable {
    private enum Field: String, CodingKey {
        case operation, vector, vectors, strength, amount, least, most, degrees, layers, weights, when
        case condition = "if"
        case hold
    }

    /// A key that is not known beforehand.
    private struct LayersKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(_ layers: LayerSelection) { stringValue = layers.description }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Writes a rule without what is at its default.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Field.self)
        try container.encode(operation.name, forKey: .operation)
        if vectors.count == 1 {
            try container.encode(vectors[0], forKey: .vector)
        } else {
            try container.encode(vectors, forKey: .vectors)
        }
        switch operation {
        case .add(let strength), .addKeepingNorm(let strength):
            try container.encode(strength, forKey: .strength)
        case .projectOut(let amount): try container.encode(amount, forKey: .amount)
        case .clamp(let least, let most, let amount):
            try container.encodeIfPresent(least, forKey: .least)
            try container.encodeIfPresent(most, forKey: .most)
            try container.encode(amount, forKey: .amount)
        case .rotate(let degrees): try container.encode(degrees, forKey: .degrees)
        }
        try container.encodeIfPresent(layers, forKey: .layers)
        if !weights.isEmpty {
            var shares = container.nestedContainer(keyedBy: LayersKey.self, forKey: .weights)
            for weight in weights { try shares.encode(weight.factor, forKey: LayersKey(weight.layers)) }
        }
        if schedule != .always { try container.encode(When(schedule: schedule), forKey: .when) }
        try container.encodeIfPresent(condition, forKey: .condition)
        try container.encodeIfPresent(hold, forKey: .hold)
    }

    /// A schedule in the words of presets.
    private struct When: Encodable {
        var schedule: SteeringSchedule

        enum Field: CodingKey {
            case part, from, tokens, ramp, halfLife, pauses
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Field.self)
            try container.encode(schedule.part, forKey: .part)
            try container.encode(schedule.first, forKey: .from)
            try container.encodeIfPresent(schedule.count, forKey: .tokens)
            try container.encode(schedule.ramp, forKey: .ramp)
            try container.encodeIfPresent(schedule.halfLife, forKey: .halfLife)
            try container.encode(schedule.pauses.map(\.rawValue).sorted(), forKey: .pauses)
        }
    }
}

extension SteeringPreset.Condition: Encodable {
    private enum Field: CodingKey {
        case vector, layers, window, above, below, decided
    }

    /// Writes the form of a preset file.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Field.self)
        try container.encode(probe.vector, forKey: .vector)
        try container.encodeIfPresent(probe.layers, forKey: .layers)
        try container.encode(probe.window, forKey: .window)
        try container.encode(threshold, forKey: side == .above ? .above : .below)
        try container.encode(moment, forKey: .decided)
    }
}

extension SteeringPreset.Hold: Encodable {
    private enum Field: CodingKey {
        case vector, layers, window, target, gain
    }

    /// Writes the form of a preset file.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Field.self)
        try container.encode(probe.vector, forKey: .vector)
        try container.encodeIfPresent(probe.layers, forKey: .layers)
        try container.encode(probe.window, forKey: .window)
        try container.encode(target, forKey: .target)
        try container.encode(gain, forKey: .gain)
    }
}
