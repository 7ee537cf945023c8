import Steering

extension SortedPrompts {
    /// The number of distinct token prefixes: the tokens that a model must compute.
    var prefixCount: Int {
        zip(prompts, sharedLengths).reduce(0) { $0 + $1.0.count - $1.1 }
    }
}
