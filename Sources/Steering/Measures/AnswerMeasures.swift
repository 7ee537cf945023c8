/// What was measured of one answer. A number that is unknown, or was not finite, is nil.
public struct AnswerMeasures: Sendable, Equatable, Codable {
    /// The answer's tokens.
    public var tokenCount: Int

    /// e to the mean of −log p over its tokens, under the model without steering; nil for
    /// an answer without tokens.
    public var perplexity: Double?

    /// KL(steered ‖ unsteered) of the next token, in nats, the mean over the answer's tokens: how far
    /// steering has moved what the model was about to say, along what it has said. 0 without steering; nil
    /// after an instruction, where nothing is compared.
    public var divergence: Double?

    /// The share of its stretches of four tokens that have come before in it (`Repetition.share`).
    public var repetition: Double

    /// What breaks it; none for a text that is whole.
    public var faults: [TextFault]

    /// How often marker words occur in it; nil where there are none.
    public var markers: MarkerCount?

    /// The mean over its tokens of how far the unsteered model's hidden states, reading it, lie
    /// along the direction, in units of the direction's own length (`TraitProjection`); nil where
    /// no direction was asked for.
    public var meter: Double?

    /// log p of the trait's words against those of their opposites, in nats, where the answer would begin
    /// (`ForcedChoice`); under steering. Nil where no choice was asked for.
    public var propensity: Double?

    /// log p of each token under the model without steering.
    public var logProbabilities: [Float]

    /// Of each token what `meter` is the mean of; empty where no direction was asked for.
    public var projections: [Float]

    /// The same in each layer by itself, the mean over the tokens; empty where no
    /// direction was asked for. [layers]
    public var layerMeters: [Float] = []

    /// Whether something breaks it.
    public var isBroken: Bool { !faults.isEmpty }

    /// The measures of an answer that is not there: the model's output stopped being numbers.
    public static let notFinite = AnswerMeasures(tokenCount: 0, faults: [.notFinite])

    /// Keeps measures; of those that are not given, none is known.
    public init(
        tokenCount: Int, perplexity: Double? = nil, divergence: Double? = nil, repetition: Double = 0,
        faults: [TextFault] = [], markers: MarkerCount? = nil, meter: Double? = nil,
        propensity: Double? = nil, logProbabilities: [Float] = [], projections: [Float] = []
    ) {
        self.tokenCount = tokenCount
        self.perplexity = perplexity.finite
        self.divergence = divergence.finite
        self.repetition = repetition
        self.faults = faults
        self.markers = markers
        self.meter = meter.finite
        self.propensity = propensity.finite
        self.logProbabilities = logProbabilities
        self.projections = projections
    }
}

extension Double? {
    /// The number where it is one.
    var finite: Double? { flatMap { $0.isFinite ? $0 : nil } }
}
