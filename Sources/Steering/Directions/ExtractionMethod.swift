/// How the directions of a vector are found: one estimator for all layers, or the better one in each.
public enum ExtractionMethod: Sendable, Hashable {
    /// PC1 in the layers where held-out pairs say that it is as good as the mean
    /// difference, else the mean difference.
    case automatic

    /// The same estimator in every layer.
    case always(DirectionEstimator)
}

extension ExtractionMethod: RawRepresentable, CaseIterable, CustomStringConvertible {
    /// `auto` and the names of the estimators, the default first.
    public static let allCases: [ExtractionMethod] =
        [.automatic] + DirectionEstimator.allCases.map(Self.always)

    /// Reads the name that the command line and recipes use.
    public init?(rawValue: String) {
        if rawValue == "auto" {
            self = .automatic
        } else if let estimator = DirectionEstimator(rawValue: rawValue) {
            self = .always(estimator)
        } else {
            return nil
        }
    }

    /// The name that the command line and recipes use.
    public var rawValue: String {
        switch self {
        case .automatic: "auto"
        case .always(let estimator): estimator.rawValue
        }
    }

    /// The name.
    public var description: String { rawValue }
}

extension ExtractionMethod: Codable {}

extension ExtractionMethod {
    /// Whether it can give a subspace of several components.
    public var givesComponents: Bool {
        if case .always(let estimator) = self { return estimator.isPrincipalComponent }
        return false
    }
}
