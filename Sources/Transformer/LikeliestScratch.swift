import CKernels

/// The memory of a search for the likeliest tokens, one worker's; made once for a context. What a worker has found is read by the others
/// after the next barrier.
final class LikeliestScratch {
    /// From more wanted tokens on, all logits are computed.
    static let mostWanted = 512

    /// How far each 32 activations reach. [hiddenSize / 32]
    let reach: FloatBuffer
    /// The highest bounds among the tokens that the worker has taken.
    var found: HighestBounds
    /// The least of the logits that it has computed to find the threshold.
    var least = Float.infinity
    private let memory: HighestBounds.Memory
    private let memoryOfAll: HighestBounds.Memory

    init(_ configuration: ModelConfiguration) throws(TransformerError) {
        reach = try FloatBuffer(count: configuration.hiddenSize / 32)
        memory = try HighestBounds.Memory(capacity: Self.mostWanted)
        memoryOfAll = try HighestBounds.Memory(capacity: Self.mostWanted)
        found = HighestBounds(limit: 1, in: memory)
    }

    /// Room for the highest bounds among the tokens that the worker takes.
    func begin(keeping limit: Int) -> HighestBounds { HighestBounds(limit: limit, in: memory) }

    /// The highest of what all workers have found, in the same order for each of them.
    func highest(_ limit: Int, of all: ArraySlice<LikeliestScratch>) -> HighestBounds {
        var highest = HighestBounds(limit: limit, in: memoryOfAll)
        for worker in all {
            let found = worker.found
            for place in 0..<found.count { highest.keep(found[place].token, found[place].bound) }
        }
        return highest
    }
}
