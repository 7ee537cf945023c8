/// The colours of a picture.
enum PlotColours {
    /// Those of the reader's light or dark scheme: CSS variables, which browsers know.
    case ofReader
    /// The light ones as plain numbers, for programs that know no scheme.
    case light

    /// What a colour is for.
    enum Role: String, CaseIterable {
        case page, ink, dim, rule
        /// Of the first, second and third line of a panel.
        case first, second, third
    }

    /// A colour as CSS says it.
    func callAsFunction(_ role: Role) -> String {
        switch self {
        case .ofReader: "var(--\(role.rawValue))"
        case .light: Self.values(of: role).light
        }
    }

    /// The rules that have to stand before the first colour is used.
    var definitions: String {
        guard self == .ofReader else { return "" }
        func variables(_ value: (Role) -> String) -> String {
            Role.allCases.map { "--\($0.rawValue):\(value($0))" }.joined(separator: ";")
        }
        return "svg{\(variables { Self.values(of: $0).light })}\n"
            + "@media (prefers-color-scheme:dark){svg{\(variables { Self.values(of: $0).dark })}}\n"
    }

    private static func values(of role: Role) -> (light: String, dark: String) {
        switch role {
        case .page: ("#fff", "#161618")
        case .ink: ("#1c1c1e", "#f2f2f5")
        case .dim: ("#6b6b70", "#a5a5ad")
        case .rule: ("#d8d8dc", "#3a3a40")
        case .first: ("#0b62c4", "#6cb2ff")
        case .second: ("#b3400d", "#ff9d6b")
        case .third: ("#17803d", "#6ddc92")
        }
    }
}
