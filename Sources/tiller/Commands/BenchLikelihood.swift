import Generation
import Steering
import Terms
import Transformer

/// How likely texts are, in nats a token, on each path through the model: what speed costs in accuracy.
struct BenchLikelihood {
    /// Float32 activations.
    let exact: Double
    /// int8 activations, many rows at once.
    let fastPrefill: Double
    /// int8 activations, row by row.
    let fastDecode: Double
    /// Tokens that were measured.
    let tokenCount: Int

    /// The tokens of the texts of a file that have any to measure: all but the first,
    /// which nothing stands before.
    ///
    /// - Parameter longest: Tokens that a text may have.
    /// - Throws: `unusableInput` for a text that is longer, and where there is nothing to measure.
    static func chains(
        of texts: [String], path: String, for model: LanguageModel, longest: Int
    ) throws -> [[TokenID]] {
        let all = texts.map { model.rawTokens($0) }
        if let index = all.firstIndex(where: { $0.count > longest }) {
            let canGrow = longest < model.transformer.configuration.positions.count ?? .max
            throw TillerError.unusableInput(
                path: path,
                reason:
                    "text \(index + 1) has \(all[index].count) tokens; the context holds \(longest)",
                remedy: canGrow
                    ? "shorten it, or raise the context size with -c"
                    : "shorten it: the model has learned no further positions")
        }
        let chains = all.filter { $0.count > 1 }
        guard !chains.isEmpty else {
            throw TillerError.unusableInput(
                path: path, reason: "there is no text of two tokens or more", remedy: "add longer texts")
        }
        return chains
    }

    /// Measures texts of two tokens or more.
    init(of chains: [[TokenID]], model: TransformerModel, threads: Int, repacks: Bool) throws {
        tokenCount = chains.reduce(0) { $0 + $1.count - 1 }
        func context(_ precision: Precision) throws -> InferenceContext {
            try InferenceContext(
                model, capacity: chains.map(\.count).max() ?? 1, threads: threads, precision: precision,
                repacks: repacks)
        }
        exact = try Self.whole(chains, in: context(.exact))
        let fast = try context(.fast)
        fastPrefill = try Self.whole(chains, in: fast)
        fastDecode = try Self.steps(chains, in: fast)
    }

    /// The mean over texts of the mean over a text's tokens, as the goldens have it.
    private static func mean(
        _ chains: [[TokenID]], _ losses: ([TokenID]) throws -> [Double]
    ) rethrows -> Double {
        let means = try chains.map { chain in
            try losses(chain).reduce(0, +) / Double(chain.count - 1)
        }
        return means.reduce(0, +) / Double(means.count)
    }

    private static func whole(_ chains: [[TokenID]], in context: InferenceContext) throws -> Double {
        try mean(chains) { chain in
            context.reset()
            let logits = try context.forward(.chain(chain, logits: .all)).logits
            return chain.indices.dropLast().map {
                Perplexity.negativeLogLikelihood(of: chain[$0 + 1], logits.row($0))
            }
        }
    }

    private static func steps(_ chains: [[TokenID]], in context: InferenceContext) throws -> Double {
        try mean(chains) { chain in
            context.reset()
            var parent = Batch.Parent.root
            return try chain.indices.dropLast().map { index in
                let output = try context.forward(.chain([chain[index]], after: parent))
                if let cell = output.cells.last { parent = .cell(cell) }
                return Perplexity.negativeLogLikelihood(of: chain[index + 1], output.logits.row(0))
            }
        }
    }
}
