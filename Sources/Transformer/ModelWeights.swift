/// Every weight of a model, in the order of its use.
struct ModelWeights: Sendable {
    /// [vocabularySize, hiddenSize], always in the file's layout: rows of it are looked up.
    var tokenEmbedding: WeightMatrix
    var blocks: [BlockWeights]
    /// [hiddenSize]
    var outputNorm: FloatBuffer
    /// The output matrix; the token embedding's rows where the two are tied. [vocabularySize, hiddenSize]
    var output: WeightMatrix

    /// The weights of one transformer block.
    struct BlockWeights: Sendable {
        var attentionNorm: FloatBuffer  // [hiddenSize]
        var query: WeightMatrix  // [headCount × headSize, hiddenSize]
        var key: WeightMatrix  // [keyValueHeadCount × headSize, hiddenSize]
        var value: WeightMatrix  // [keyValueHeadCount × headSize, hiddenSize]
        var biases: ProjectionBiases?
        var headNorms: HeadNorms?
        var attentionOutput: WeightMatrix  // [hiddenSize, headCount × headSize]
        var attentionPostNorm: FloatBuffer?  // [hiddenSize]
        var feedForwardNorm: FloatBuffer  // [hiddenSize]
        var gate: WeightMatrix  // [feedForwardSize, hiddenSize]
        var up: WeightMatrix  // [feedForwardSize, hiddenSize]
        var down: WeightMatrix  // [hiddenSize, feedForwardSize]
        var feedForwardPostNorm: FloatBuffer?  // [hiddenSize]

        /// What the projections add.
        struct ProjectionBiases: Sendable {
            var query: FloatBuffer  // [headCount × headSize]
            var key: FloatBuffer  // [keyValueHeadCount × headSize]
            var value: FloatBuffer  // [keyValueHeadCount × headSize]
        }

        /// The gains of the norm of each head.
        struct HeadNorms: Sendable {
            var query: FloatBuffer  // [headSize]
            var key: FloatBuffer  // [headSize]
        }

        /// The matrices, for what is done to all alike.
        static var matrices: [WritableKeyPath<BlockWeights, WeightMatrix>] {
            [\.query, \.key, \.value, \.attentionOutput, \.gate, \.up, \.down]
        }
    }
}
