import Glibc

/// How a model's rotary embedding is laid out: θ_i(p) = p · base^(−2i / dimensionCount), scaled.
public struct RotarySettings: Sendable, Equatable {
    /// How many values of a head are turned.
    public let dimensionCount: Int
    /// The base of the frequencies.
    public let base: Double
    /// How the frequencies are stretched for texts that are longer than those of the first training.
    public var scaling: Scaling = .none

    /// How the frequencies are stretched.
    public enum Scaling: Sendable, Equatable {
        /// Not at all, or by the factors that the file brings as a tensor (Llama 3).
        case none
        /// All frequencies are divided by a factor.
        case linear(factor: Double)
        /// High frequencies stay, low ones are divided, those between are mixed, and scores grow with the
        /// factor (Peng et al., 2023).
        case yarn(YaRN)
        /// One set of factors for texts of up to `originalContextLength` tokens and another for longer ones;
        /// what is turned is multiplied by `magnitude` (Phi-3).
        case long(originalContextLength: Int, magnitude: Double)
    }

    /// The numbers of YaRN.
    public struct YaRN: Sendable, Equatable {
        /// How many times longer the context has become.
        public let factor: Double
        /// The context of the first training.
        public let originalContextLength: Int
        /// From this many turns over the original context on a frequency stays as it is.
        public let fastTurns: Double
        /// Up to this many turns it is divided by the whole factor.
        public let slowTurns: Double
        /// A factor of what is turned, beside YaRN's own 1 + 0.1 · ln(factor), which is 1
        /// for a factor below 1.
        public let magnitude: Double
    }

    /// The angle by which each pair turns from one position to the next. [dimensionCount / 2]
    ///
    /// - Parameter factors: What divides each of them, from the file.
    func frequencies(factors: [Float]?) -> [Double] {
        (0..<dimensionCount / 2).map { index in
            let plain = pow(base, -2 * Double(index) / Double(dimensionCount))
            let own = plain / (factors.map { Double($0[index]) } ?? 1)
            return switch scaling {
            case .none, .long: own
            case .linear(let factor): own / factor
            case .yarn(let yarn): own * (1 - slowness(of: index, yarn) * (1 - 1 / yarn.factor))
            }
        }
    }

    /// What turned queries and keys are multiplied by.
    var magnitude: Double {
        switch scaling {
        case .none, .linear: 1
        case .yarn(let yarn): yarn.magnitude * (yarn.factor <= 1 ? 1 : 1 + 0.1 * log(yarn.factor))
        case .long(_, let magnitude): magnitude
        }
    }

    /// 0 for a pair that turns fast, 1 for one that turns slowly, in between for those between.
    private func slowness(of index: Int, _ yarn: YaRN) -> Double {
        /// The pair that makes `turns` turns over the original context.
        func pair(turns: Double) -> Double {
            Double(dimensionCount) * log(Double(yarn.originalContextLength) / (turns * 2 * .pi))
                / (2 * log(base))
        }
        let first = max(0, pair(turns: yarn.fastTurns).rounded(.down))
        let last = min(Double(dimensionCount - 1), pair(turns: yarn.slowTurns).rounded(.up))
        return min(1, max(0, (Double(index) - first) / max(0.001, last - first)))
    }
}
