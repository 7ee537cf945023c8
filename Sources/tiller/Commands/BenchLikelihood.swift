import Generation
import Steering
import Terms
import Tokenizers
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

    init(of texts: [String], model: LanguageModel, threads: Int, repacks: Bool) throws {
        let chains = texts.map { model.tokenizer.encode($0, special: .parsed) }.filter { $0.count > 1 }
        tokenCount = chains.reduce(0) { $0 + $1.count - 1 }
        guard let longest = chains.map(\.count).max() else {
            throw TillerError.badUsage(message: "there is no text of two tokens or more", remedy: nil)
        }
        func context(_ precision: Precision) throws -> InferenceContext {
            try InferenceContext(
                model.transformer, capacity: longest, threads: threads, precision: precision, repacks: repacks
            )
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
