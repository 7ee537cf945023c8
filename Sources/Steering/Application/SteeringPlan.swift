public import ControlVectors
public import Terms
public import Transformer

/// What to add where: vectors with their strengths, checked against a model and turned into interventions.
public struct SteeringPlan: Sendable, Equatable {
    /// One vector at one strength.
    public struct Term: Sendable {
        /// What to add.
        public var vector: ControlVector
        /// How much of it; 0 is bit-identical to no vector.
        public var strength: Double
        /// Which of its layers; nil for all that it has.
        public var layers: LayerSelection?

        /// A vector at a strength.
        public init(_ vector: ControlVector, strength: Double, layers: LayerSelection? = nil) {
            self.vector = vector
            self.strength = strength
            self.layers = layers
        }
    }

    /// One addition for each steered layer, ascending; none at strength 0.
    public let interventions: [Intervention]

    /// The layers whose hidden states change, ascending.
    public let steeredLayers: [LayerIndex]

    /// Nothing is changed.
    public static let none = SteeringPlan()

    private init() {
        interventions = []
        steeredLayers = []
    }

    /// Sums strength × direction of all terms, layer by layer.
    ///
    /// This is the last gate before the model: the grade of compatibility, which knows quantisations and
    /// fine-tunes, has been looked at before (`ControlVector.checkFit`).
    ///
    /// - Throws: `invalidStrength` for NaN, infinity and products that overflow; `vectorDoesNotFit` for
    ///   another hiddenSize or a layer that the model has not; `noSteeredLayer` where a term would change
    ///   nothing; `ControlVectorError` for a selection outside the model.
    public init(_ terms: [Term], for model: ModelConfiguration) throws {
        var sums: [LayerIndex: [Double]] = [:]
        for term in terms {
            let strength = try StrengthList.finite(term.strength, "the vector's strength")
            let layers = try Self.layers(of: term, for: model)
            if strength == 0 { continue }
            for layer in layers {
                guard let direction = term.vector[layer] else { continue }
                var sum = sums[layer] ?? [Double](repeating: 0, count: direction.count)
                for index in sum.indices { sum[index] += strength * Double(direction[index]) }
                sums[layer] = sum
            }
        }
        var interventions: [Intervention] = []
        for (layer, sum) in sums.sorted(by: { $0.key < $1.key }) {
            let change = sum.map(Float.init)
            guard change.allSatisfy(\.isFinite) else {
                throw SteeringError(
                    .invalidStrength,
                    "layer \(layer): strength × direction is larger than a float32 number can be",
                    remedy: "lower the strength")
            }
            // Terms may cancel; adding zero would only turn −0 into 0.
            if change.contains(where: { $0 != 0 }) {
                interventions.append(Intervention(at: .residualPost(layer), .add(change)))
            }
        }
        self.interventions = interventions
        steeredLayers = interventions.compactMap(\.hook.layer)
    }

    /// The layers of a term, at least one with a direction that is not zero.
    ///
    /// - Throws: as `init` does.
    public static func layers(of term: Term, for model: ModelConfiguration) throws -> [LayerIndex] {
        let vector = term.vector
        guard vector.hiddenSize == model.hiddenSize else {
            throw misfit("hidden sizes differ (\(vector.hiddenSize) vs \(model.hiddenSize))")
        }
        if let last = vector.layers.last, last.rawValue >= model.layerCount {
            throw misfit(
                "it has a direction for layer \(last), the model has \(model.layerCount) layers counted from 0"
            )
        }
        var layers = vector.layers
        if let selection = term.layers {
            let range = try selection.resolve(layerCount: model.layerCount)
            layers = layers.filter(range.contains)
        }
        let idle = Set(vector.zeroLayers)
        guard layers.contains(where: { !idle.contains($0) }) else {
            let wanted = term.layers.map { "layers \($0)" } ?? "its layers"
            throw SteeringError(
                .noSteeredLayer, "the vector has no direction in \(wanted); it has \(vector.layers.runs)",
                remedy: "choose layers among those")
        }
        return layers
    }

    private static func misfit(_ why: String) -> SteeringError {
        SteeringError(
            .vectorDoesNotFit, "this vector does not fit this model: \(why)",
            remedy: "extract it again for this model: tiller reextract VECTOR -m MODEL -o OUT")
    }
}
