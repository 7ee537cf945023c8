/// Every weight of a model, in the order of its use.
///
/// A block's weights are views without references, so that a pass that looks at them counts none up and down;
/// what they point into is kept by the model and by `vectors`.
struct ModelWeights: Sendable {
    /// [vocabularySize, hiddenSize], always in the file's layout: rows of it are looked up.
    var tokenEmbedding: WeightMatrix
    /// The same for positions, where the family has learned ones. [positions, hiddenSize]
    var positionEmbedding: WeightMatrix?
    var blocks: [BlockWeights]
    var outputNorm: NormWeights
    /// The output matrix; the token embedding's rows where the two are tied. [vocabularySize, hiddenSize]
    var output: Projection
    /// The memory that all `WeightVector`s point into.
    let vectors: [FloatBuffer]

    /// The weights of one transformer block.
    struct BlockWeights: Sendable {
        var attentionNorm: NormWeights
        var query: Projection  // [headCount × headSize, hiddenSize]
        var key: Projection  // [keyValueHeadCount × headSize, hiddenSize]
        var value: Projection  // [keyValueHeadCount × headSize, hiddenSize]
        var headNorms: HeadNorms?
        var attentionOutput: Projection  // [hiddenSize, headCount × headSize]
        var attentionPostNorm: NormWeights?
        /// nil where the MLP reads what attention reads.
        var feedForwardNorm: NormWeights?
        var feedForward: FeedForward
        var feedForwardPostNorm: NormWeights?
    }

    /// A matrix and what it adds.
    struct Projection: Sendable {
        var matrix: WeightMatrix
        var bias: WeightVector?  // [matrix.outputs]
    }

    /// A norm's gain, and what it adds.
    struct NormWeights: Sendable {
        var gain: WeightVector  // [hiddenSize]
        var bias: WeightVector?  // [hiddenSize]
    }

    /// The gains of the norm of each head.
    struct HeadNorms: Sendable {
        var query: WeightVector  // [headSize]
        var key: WeightVector  // [headSize]
    }

    enum FeedForward: Sendable {
        case dense(MLP)
        case experts(Experts)
    }

    struct MLP: Sendable {
        var gate: Projection?  // [feedForwardSize, hiddenSize]
        var up: Projection  // [feedForwardSize, hiddenSize]
        var down: Projection  // [hiddenSize, feedForwardSize]
    }

    struct Experts: Sendable {
        var router: WeightMatrix  // [expertCount, hiddenSize]
        var experts: [MLP]
        var shared: SharedExpert?
    }

    /// The expert that every token meets.
    struct SharedExpert: Sendable {
        var mlp: MLP
        /// The sigmoid of its product with the normalised row weighs the expert. [hiddenSize]
        var gate: WeightVector
    }
}

// MARK: - What is done to all matrices alike

extension ModelWeights {
    /// Visits every matrix that takes part in products; looked-up embeddings are not among them.
    mutating func updateMatrices(_ update: (inout WeightMatrix) -> Void) {
        for index in blocks.indices { blocks[index].updateMatrices(update) }
        update(&output.matrix)
    }

    /// What a token reads of the matrices.
    ///
    /// - Parameters:
    ///   - expertCount: How many experts of a block it meets; they are all of one size.
    ///   - read: What it reads of a matrix that it meets.
    func byteCount(expertCount: Int, of read: (WeightMatrix) -> Int) -> Int {
        var met = self
        for index in met.blocks.indices {
            guard case .experts(var experts) = met.blocks[index].feedForward else { continue }
            experts.experts = Array(experts.experts.prefix(expertCount))
            met.blocks[index].feedForward = .experts(experts)
        }
        var total = 0
        met.updateMatrices { total += read($0) }
        return total
    }
}

extension ModelWeights.BlockWeights {
    fileprivate mutating func updateMatrices(_ update: (inout WeightMatrix) -> Void) {
        update(&query.matrix)
        update(&key.matrix)
        update(&value.matrix)
        update(&attentionOutput.matrix)
        switch feedForward {
        case .dense(var mlp):
            mlp.updateMatrices(update)
            feedForward = .dense(mlp)
        case .experts(var experts):
            update(&experts.router)
            for index in experts.experts.indices { experts.experts[index].updateMatrices(update) }
            experts.shared?.mlp.updateMatrices(update)
            feedForward = .experts(experts)
        }
    }
}

extension ModelWeights.MLP {
    fileprivate mutating func updateMatrices(_ update: (inout WeightMatrix) -> Void) {
        if var own = gate {
            update(&own.matrix)
            gate = own
        }
        update(&up.matrix)
        update(&down.matrix)
    }
}
