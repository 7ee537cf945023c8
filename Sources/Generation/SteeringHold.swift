import Transformer

/// A closed loop: a rule acts with no more of its strength than keeps a reading at a target.
///
/// After each token the share of the strength moves by gain × (target − reading), within 0…1: it stands still
/// where the reading is at its target, and goes to 0 where the reading stays beyond it by itself.
public struct SteeringHold: Sendable, Codable, Equatable {
    /// What is read.
    public var reading: StateReading
    /// Where it is to be.
    public var target: Double
    /// By how much the share moves for a reading that is 1 off; below 0 for a rule that lowers the reading.
    public var gain: Double

    /// A target of a reading.
    public init(_ reading: StateReading, target: Double, gain: Double = 0.25) {
        self.reading = reading
        self.target = target
        self.gain = gain
    }

    /// The share after a reading. One that is not a number moves nothing.
    func share(after value: Double, from share: Double) -> Double {
        value.isFinite ? min(1, max(0, share + gain * (target - value))) : share
    }

    func check(_ model: TransformerModel) throws {
        try reading.check(model)
        guard target.isFinite, gain.isFinite, gain != 0 else {
            throw GenerationError.invalidSetting(
                name: "a hold", found: "target \(target), gain \(gain)",
                expected: "a target and a gain that is not 0")
        }
    }
}
