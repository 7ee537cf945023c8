public import ControlVectors
public import Generation
import Terms
public import Transformer

extension SteeringPreset {
    /// The paths of all vectors that the rules name, each once, in the order of naming.
    public var vectorPaths: [String] {
        var paths: [String] = []
        for rule in rules {
            let probes = [rule.condition?.probe.vector, rule.hold?.probe.vector].compactMap { $0 }
            for path in rule.vectors + probes where !paths.contains(path) { paths.append(path) }
        }
        return paths
    }

    /// Whether a strength is left to a calibration.
    public var usesCalibration: Bool {
        rules.contains { $0.operation.strength?.isAutomatic == true }
    }

    /// The same rules with a number for every strength, `auto` included.
    ///
    /// - Parameter number: The number for a strength of the vector at a path.
    public func withStrengths(
        _ number: (VectorStrength, _ path: String) throws -> Double
    ) rethrows -> SteeringPreset {
        var preset = self
        for index in rules.indices {
            let rule = rules[index]
            switch rule.operation {
            case .add(let strength):
                preset.rules[index].operation = .add(strength: .number(try number(strength, rule.vectors[0])))
            case .addKeepingNorm(let strength):
                preset.rules[index].operation =
                    .addKeepingNorm(strength: .number(try number(strength, rule.vectors[0])))
            case .projectOut, .clamp, .rotate: break
            }
        }
        return preset
    }

    /// What the rules add, as terms: what can be looked at for vectors that fight.
    ///
    /// - Throws: `notCalibrated`, and what `vector` throws.
    public func additions(vector: (String) throws -> ControlVector) throws -> [SteeringPlan.Term] {
        try rules.compactMap { rule in
            guard let strength = rule.operation.strength else { return nil }
            let added = try vector(rule.vectors[0])
            return SteeringPlan.Term(
                added, strength: try strength.number(for: added, named: rule.vectors[0]), layers: rule.layers)
        }
    }

    /// The paths of the vectors of `additions`.
    public var additionPaths: [String] {
        rules.compactMap { $0.operation.strength == nil ? nil : $0.vectors[0] }
    }

    /// The rules for a model, in their order.
    ///
    /// - Parameters:
    ///   - file: The preset's file, for errors.
    ///   - vector: Opens a vector that a rule names, checked against the model.
    /// - Throws: `SteeringError` with the number of the rule that cannot be carried out, `ControlVectorError`
    ///   for layers outside of the model, and what `vector` throws.
    public func program(
        for model: ModelConfiguration, file: String? = nil, vector: (String) throws -> ControlVector
    ) throws -> SteeringProgram {
        var rules: [SteeringRule] = []
        for (index, rule) in self.rules.enumerated() {
            let place = (file.map { "\($0): " } ?? "") + "rules[\(index)]"
            do {
                rules.append(try rule.rule(for: model, vector: vector))
            } catch let error as SteeringError {
                throw SteeringError(error.kind, "\(place): \(error.message)", remedy: error.remedy)
            } catch let error as TransformerError {
                throw SteeringError(.invalidValue, "\(place): \(error.message)", remedy: error.remedy)
            }
        }
        return SteeringProgram(rules)
    }
}

extension SteeringPreset.Rule {
    fileprivate func rule(
        for model: ModelConfiguration, vector: (String) throws -> ControlVector
    ) throws -> SteeringRule {
        func reading(_ probe: SteeringPreset.Probe) throws -> StateReading {
            try Meter(try vector(probe.vector), name: probe.vector, layers: probe.layers, for: model)
                .stateReading(window: probe.window)
        }
        let opened = try vectors.map(vector)
        return SteeringRule(
            try interventions(of: opened, for: model), schedule: schedule,
            condition: try condition.map {
                SteeringCondition(try reading($0.probe), $0.side, $0.threshold, moment: $0.moment)
            },
            hold: try hold.map {
                SteeringHold(try reading($0.probe), target: $0.target, gain: $0.gain)
            })
    }

    /// One intervention for each layer in which all of the vectors have a direction, ascending.
    private func interventions(
        of vectors: [ControlVector], for model: ModelConfiguration
    ) throws -> [Intervention] {
        var places: Set<LayerIndex>?
        for vector in vectors {
            let own = Set(
                try SteeringPlan.layers(
                    of: SteeringPlan.Term(vector, strength: 1, layers: layers), for: model)
            ).subtracting(vector.zeroLayers)
            places = places?.intersection(own) ?? own
        }
        guard let places, !places.isEmpty else {
            throw SteeringError(
                .noSteeredLayer,
                "the vectors have no layer in common (\(vectors.map(\.layers.runs).joined(separator: " vs ")))",
                remedy: "use vectors of the same layers")
        }
        var shares: [LayerIndex: Double] = [:]
        for weight in weights {
            let range = try weight.layers.resolve(layerCount: model.layerCount)
            guard places.contains(where: range.contains) else {
                throw SteeringError(
                    .noSteeredLayer,
                    "weights: \(weight.layers) is outside of the layers in which the rule acts, \(places.sorted().runs)",
                    remedy: "choose layers among those, or leave the weight out")
            }
            for layer in range { shares[layer, default: 1] *= weight.factor }
        }
        return try places.sorted().compactMap { layer in
            try intervention(of: vectors, at: layer, share: shares[layer] ?? 1)
                .map { Intervention(at: .residualPost(layer), $0) }
        }
    }

    /// What is done at a layer; nil for nothing.
    private func intervention(
        of vectors: [ControlVector], at layer: LayerIndex, share: Double
    ) throws -> Intervention.Operation? {
        guard share != 0 else { return nil }
        let directions = vectors.compactMap { $0[layer] }
        switch operation {
        case .add(let strength):
            let strength = try strength.number(for: vectors[0], named: self.vectors[0])
            return strength == 0 ? nil : .add(try Self.scaled(directions[0], strength * share, layer))
        case .addKeepingNorm(let strength):
            let strength = try strength.number(for: vectors[0], named: self.vectors[0])
            return strength == 0
                ? nil : .addKeepingNorm(try Self.scaled(directions[0], strength * share, layer))
        case .projectOut(let amount):
            return amount == 0
                ? nil : .projectOut(try Subspace(spanning: directions), amount: Float(amount * share))
        case .clamp(let least, let most, let amount):
            // The bounds are readings of the vector's meter: 0 and 1 are the sides of its dataset,
            // where it says where they lie.
            let sides = vectors[0].extraction?.evidence[layer]?.sides.flatMap { $0.separation > 0 ? $0 : nil }
            func projection(_ reading: Double) throws(SteeringError) -> Float {
                let projection = Float(
                    sides.map { Double($0.negativeMean) + reading * $0.separation } ?? reading)
                guard projection.isFinite else {
                    throw SteeringError(
                        .invalidValue, "a clamp at \(reading): larger than a float32 number can be",
                        remedy: "leave the bound out, or bring it near the readings of `tiller score`")
                }
                return projection
            }
            let bounds = ProjectionBounds(lower: try least.map(projection), upper: try most.map(projection))
            return amount == 0
                ? nil
                : .clamp(try Subspace(spanning: directions), bounds, amount: Float(amount * share))
        case .rotate(let degrees):
            let span = vectors.count > 1 ? directions : directions + (vectors[0].components[layer] ?? [])
            // n axes have n (n − 1) / 2 pairs.
            let dimension = Int((1 + Double(1 + 8 * degrees.count).squareRoot()) / 2)
            guard dimension * (dimension - 1) / 2 == degrees.count, dimension <= span.count,
                vectors.count == 1 || dimension == span.count
            else {
                throw SteeringError(
                    .invalidValue,
                    "degrees: \(degrees.count) angles for \(span.count) directions at layer \(layer), expected "
                        + (2...max(2, span.count)).map { "\($0 * ($0 - 1) / 2) for \($0)" }
                        .joined(separator: ", "),
                    remedy:
                        "name as many \"vectors\" as there are axes, or a vector that was extracted with --components"
                )
            }
            let generator = degrees.map { $0 * share * .pi / 180 }
            return generator.allSatisfy { $0 == 0 }
                ? nil
                : .rotate(
                    try Subspace(spanning: Array(span.prefix(dimension))),
                    try Rotation(dimension: dimension, generator: generator))
        }
    }

    private static func scaled(
        _ direction: [Float], _ strength: Double, _ layer: LayerIndex
    ) throws(SteeringError) -> [Float] {
        let change = direction.map { Float(strength * Double($0)) }
        guard change.allSatisfy(\.isFinite) else {
            throw SteeringError(
                .invalidStrength,
                "layer \(layer): strength × direction is larger than a float32 number can be",
                remedy: "lower the strength")
        }
        return change
    }
}
