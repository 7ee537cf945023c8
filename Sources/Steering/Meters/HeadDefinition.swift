public import ControlVectors

/// What a file of heads says of one readout head: what it reads, when it fires, and what happens then.
///
///     { "heads": [ { "name": "mood", "vector": "happy.gguf", "layers": "14-24", "when": "below", "threshold": 0.2,
///                    "window": 8, "action": "steer", "strength": 0.4 } ] }
public struct HeadDefinition: Sendable, Equatable {
    /// What happens when a head fires.
    public enum Action: String, Sendable, Codable, CaseIterable {
        /// A person is told.
        case warn
        /// The head's vector is added from the next token on, to the end of the answer.
        case steer
        /// The answer ends.
        case stop
        /// The answer ends, and a person has to look at it.
        case escalate

        /// Whether the answer goes no further.
        public var endsAnswer: Bool { self == .stop || self == .escalate }
    }

    /// On which side of the threshold a head fires.
    public enum Side: String, Sendable, Codable, CaseIterable {
        /// Above the threshold.
        case above
        /// Below it.
        case below
    }

    /// What people call it; unique in its file.
    public var name: String
    /// The path of its vector.
    public var vector: String
    /// Which of the vector's layers it reads; nil for all.
    public var layers: LayerSelection?
    /// Where it fires, on the meter's scale.
    public var threshold: Double
    /// On which side of the threshold.
    public var side: Side
    /// How many of the answer's last tokens its reading is the mean of; a shorter answer
    /// is read once, at its end.
    public var window: Int
    /// What happens then.
    public var action: Action
    /// How much of the vector is added where the action is `steer`; 0 elsewhere.
    public var strength: Double

    /// Whether a reading lies where the head fires.
    public func fires(at reading: Double) -> Bool {
        side == .above ? reading > threshold : reading < threshold
    }

    /// Tokens of a window where nobody says: single tokens swing too much to act on.
    public static let standardWindow = 8
    /// No answer is so long that a mean over more would ever be taken.
    public static let greatestWindow = 100_000
    /// More heads than anyone looks at.
    public static let greatestCount = 64
}
