public import ControlVectors
public import Generation

/// A way of steering as a file holds it: rules in the order in which they act, each with its
/// vectors, its places and its times.
public struct SteeringPreset: Sendable, Equatable {
    /// What people call it.
    public var name: String?
    /// What it is for.
    public var description: String?
    /// What is done, in this order.
    public var rules: [Rule]

    /// Rules in their order.
    public init(name: String? = nil, description: String? = nil, rules: [Rule]) {
        self.name = name
        self.description = description
        self.rules = rules
    }

    /// One operation with all that belongs to it.
    public struct Rule: Sendable, Equatable {
        /// What is done.
        public var operation: SteeringOperation
        /// The vectors that it is done with, as paths from the preset's own folder.
        public var vectors: [String]
        /// In which layers; nil for all that the vectors have.
        public var layers: LayerSelection?
        /// Layers in which it is done with another share of its strength than 1.
        public var weights: [LayerWeight]
        /// At which tokens.
        public var schedule: SteeringSchedule
        /// Under which condition; nil for none.
        public var condition: Condition?
        /// Which reading it holds, with no more strength than that takes; nil for a strength of its own.
        public var hold: Hold?

        /// An operation with vectors, everywhere and always where nothing else is said.
        public init(
            _ operation: SteeringOperation, vectors: [String], layers: LayerSelection? = nil,
            weights: [LayerWeight] = [], schedule: SteeringSchedule = .always, condition: Condition? = nil,
            hold: Hold? = nil
        ) {
            self.operation = operation
            self.vectors = vectors
            self.layers = layers
            self.weights = weights
            self.schedule = schedule
            self.condition = condition
            self.hold = hold
        }
    }

    /// A share of the strength in some layers; shares of one layer multiply.
    public struct LayerWeight: Sendable, Equatable {
        /// The layers.
        public var layers: LayerSelection
        /// What multiplies the strength there.
        public var factor: Double

        /// A share in some layers.
        public init(_ layers: LayerSelection, _ factor: Double) {
            self.layers = layers
            self.factor = factor
        }
    }

    /// What of the hidden states is read: a meter's vector and layers.
    public struct Probe: Sendable, Equatable {
        /// The meter's vector, as a path from the preset's own folder.
        public var vector: String
        /// The layers that are read; nil for all that it has.
        public var layers: LayerSelection?
        /// Over how many tokens, the last ones, readings are averaged.
        public var window: Int

        /// A meter over the last tokens.
        public init(vector: String, layers: LayerSelection? = nil, window: Int = 1) {
            self.vector = vector
            self.layers = layers
            self.window = window
        }
    }

    /// When a rule acts at all.
    public struct Condition: Sendable, Equatable {
        /// What is read.
        public var probe: Probe
        /// On which side of the threshold the rule acts.
        public var side: SteeringCondition.Side
        /// The threshold.
        public var threshold: Double
        /// When it is looked at.
        public var moment: SteeringCondition.Moment

        /// A threshold of a reading.
        public init(
            _ probe: Probe, _ side: SteeringCondition.Side, _ threshold: Double,
            moment: SteeringCondition.Moment = .prompt
        ) {
            self.probe = probe
            self.side = side
            self.threshold = threshold
            self.moment = moment
        }
    }

    /// A reading that a rule holds at a target.
    public struct Hold: Sendable, Equatable {
        /// What is read.
        public var probe: Probe
        /// Where it is to be.
        public var target: Double
        /// By which share of the rule's strength a reading that is 1 off moves the strength, at each token.
        /// Below 0 where the rule lowers the reading.
        public var gain: Double

        /// A target of a reading.
        public init(_ probe: Probe, target: Double, gain: Double = 0.25) {
            self.probe = probe
            self.target = target
            self.gain = gain
        }
    }
}
