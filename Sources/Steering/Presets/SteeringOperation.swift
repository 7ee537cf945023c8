/// What a rule does with its vectors' directions, layer by layer.
public enum SteeringOperation: Sendable, Equatable {
    /// Adds strength × direction. One vector.
    case add(strength: VectorStrength)
    /// Adds strength × direction and gives the hidden state its length back. One vector.
    case addKeepingNorm(strength: VectorStrength)
    /// Takes away a share of what lies along the directions; 1 takes all. One vector or several.
    case projectOut(amount: Double)
    /// Keeps the reading of the direction within bounds. One vector, read as a meter of it reads: 0 is the
    /// negative side of its dataset and 1 the positive one, or lengths along the direction where the vector
    /// does not say where the sides lie.
    case clamp(least: Double?, most: Double?, amount: Double)
    /// Turns what lies in the directions' span, by degrees for each pair of axes (0,1), (0,2) … (1,2) …, from
    /// the first of the pair towards the second. Two vectors or more, or one with its further components.
    case rotate(degrees: [Double])

    /// What multiplies the direction, where it is added.
    public var strength: VectorStrength? {
        switch self {
        case .add(let strength), .addKeepingNorm(let strength): strength
        case .projectOut, .clamp, .rotate: nil
        }
    }

    /// Its name in files.
    public var name: String {
        switch self {
        case .add: "add"
        case .addKeepingNorm: "addKeepingNorm"
        case .projectOut: "projectOut"
        case .clamp: "clamp"
        case .rotate: "rotate"
        }
    }

    /// The names of all operations.
    public static let names = ["add", "addKeepingNorm", "projectOut", "clamp", "rotate"]
}
