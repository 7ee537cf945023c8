public import Terms

/// All prompts of an extraction as one tree of token prefixes.
///
/// A causal model gives the hidden state of every prefix in one pass, so a prefix that many prompts share is
/// computed once: 93,692 tokens of a persona dataset are 1,142 nodes. Nobody's extraction did this when it was
/// written (repeng, llama.cpp's generator and their kin run every prompt from its first token).
public struct PromptTrie: Sendable {
    /// A node's number, in the order of insertion; its parent's is smaller.
    public typealias Node = Int

    /// The token of each node.
    public private(set) var tokens: [TokenID] = []

    /// The parent of each node, nil for the first token of a prompt.
    public private(set) var parents: [Node?] = []

    private var children: [Edge: Node] = [:]

    private struct Edge: Hashable {
        let parent: Node?
        let token: TokenID
    }

    /// A tree without prompts.
    public init() {}

    /// The number of distinct token prefixes: the tokens that a model must compute.
    public var count: Int { tokens.count }

    /// Adds a prompt and returns the node of its last token; nil for an empty prompt.
    public mutating func insert(_ prompt: some Sequence<TokenID>) -> Node? {
        var node: Node?
        for token in prompt {
            let edge = Edge(parent: node, token: token)
            if let child = children[edge] {
                node = child
            } else {
                children[edge] = tokens.count
                node = tokens.count
                tokens.append(token)
                parents.append(edge.parent)
            }
        }
        return node
    }

    /// All nodes, each after its parent, subtree by subtree: a chain of only children is contiguous, and the
    /// nodes still needed at any point are the ancestors of the next one.
    public func depthFirst() -> [Node] {
        // First child and next sibling of each node, in the order of insertion; -1 ends a list.
        var firstChild = [Int](repeating: -1, count: count + 1)
        var sibling = [Int](repeating: -1, count: count)
        for node in tokens.indices.reversed() {
            let parent = parents[node] ?? count
            sibling[node] = firstChild[parent]
            firstChild[parent] = node
        }
        var order: [Node] = []
        order.reserveCapacity(count)
        var stack = [firstChild[count]]
        while let node = stack.popLast() {
            guard node >= 0 else { continue }
            order.append(node)
            stack.append(sibling[node])
            stack.append(firstChild[node])
        }
        return order
    }
}
