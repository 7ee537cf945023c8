/// Where the two sides of a dataset lie along one layer's direction, at its unit length: what turns the
/// projection of any other hidden state into a number between the sides.
public struct SideProjections: Sendable, Equatable, Encodable {
    /// The mean projection of the negative side's hidden states.
    public let negativeMean: Float
    /// The mean projection of the positive side's.
    public let positiveMean: Float
    /// The standard deviation of the projections about their own side's mean, both sides together.
    public let spread: Float

    /// Rounds to float32, which is what files hold; nil where a number is not finite, or
    /// the spread is negative.
    public init?(negativeMean: Double, positiveMean: Double, spread: Double) {
        self.negativeMean = Float(negativeMean)
        self.positiveMean = Float(positiveMean)
        self.spread = Float(spread)
        guard self.negativeMean.isFinite, self.positiveMean.isFinite, self.spread.isFinite, spread >= 0 else {
            return nil
        }
    }

    /// How far apart the sides are.
    public var separation: Double { Double(positiveMean) - Double(negativeMean) }

    /// A projection on the scale of the sides: 0 at the negative mean, 1 at the positive one.
    public func normalized(_ projection: Double) -> Double {
        (projection - Double(negativeMean)) / separation
    }
}
