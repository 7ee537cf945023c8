import Terms

extension PromptTrie {
    /// A run of nodes in depth-first order that is computed in one forward pass.
    public struct Piece: Sendable, Equatable {
        /// The nodes, each after its parent.
        public var nodes: [Node]

        /// Earlier nodes that neither this piece's successors nor anything later descends from: their cells can be
        /// released after this piece.
        public var finished: [Node]
    }

    /// The tree in pieces of at most `size` nodes. Between pieces only the ancestors of the next node stay: so a
    /// cache of `size` cells plus the longest prompt is enough for any number of prompts.
    public func pieces(of size: Int) -> [Piece] {
        precondition(size > 0)
        let order = depthFirst()
        var pieces: [Piece] = []
        var alive: Set<Node> = []
        for start in stride(from: 0, to: order.count, by: size) {
            let end = min(start + size, order.count)
            let nodes = Array(order[start..<end])
            var needed: Set<Node> = []
            var ancestor = end < order.count ? parents[order[end]] : nil
            while let node = ancestor {
                needed.insert(node)
                ancestor = parents[node]
            }
            alive.formUnion(nodes)
            let finished = alive.subtracting(needed)
            alive = needed
            pieces.append(Piece(nodes: nodes, finished: finished.sorted()))
        }
        return pieces
    }
}
