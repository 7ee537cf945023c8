/// Consecutive rows of a chain: each sees what the one before sees, and itself.
///
/// Their queries meet the keys together, so that a key is read once for all of them.
struct AttentionBlock: Equatable {
    let firstRow: Int
    private(set) var rowCount: Int
    /// What the last row of the block sees.
    private(set) var visible: [CellTree.Run]

    /// How many cells the last row sees.
    var visibleCount: Int {
        var count = 0
        for run in visible { count += run.count }
        return count
    }

    /// Rows that are taken together at the most; the tail of their scores is computed in vain.
    static let rowLimit = 16

    /// Cuts rows into blocks, by what each of them sees. No row of a longer chain is left alone: it would be
    /// added up in another order than with a neighbour.
    static func blocks(of rows: [[CellTree.Run]]) -> [AttentionBlock] {
        var blocks: [AttentionBlock] = []
        for (index, visible) in rows.enumerated() {
            if var last = blocks.last, last.extend(with: visible) {
                blocks[blocks.count - 1] = last
            } else {
                blocks.append(AttentionBlock(firstRow: index, rowCount: 1, visible: visible))
            }
        }
        for place in blocks.indices.dropFirst() where blocks[place].rowCount == 1 {
            let (before, row) = (blocks[place - 1], blocks[place].firstRow)
            guard before.rowCount == rowLimit, before.isFollowed(by: rows[row]) else { continue }
            blocks[place - 1] = AttentionBlock(
                firstRow: before.firstRow, rowCount: rowLimit - 1, visible: rows[row - 2])
            blocks[place] = AttentionBlock(firstRow: row - 1, rowCount: 2, visible: rows[row])
        }
        return blocks
    }

    /// The block with only those cells that one of its rows sees through a sliding window.
    func trimmed(to window: Int) -> AttentionBlock {
        var excess = visibleCount - (rowCount - 1) - window
        guard excess > 0 else { return self }
        var trimmed = self
        while excess > 0, let first = trimmed.visible.first {
            let dropped = min(excess, first.count)
            trimmed.visible[0].start += dropped
            trimmed.visible[0].count -= dropped
            if trimmed.visible[0].count == 0 { trimmed.visible.removeFirst() }
            excess -= dropped
        }
        return trimmed
    }

    private mutating func extend(with next: [CellTree.Run]) -> Bool {
        guard rowCount < Self.rowLimit, isFollowed(by: next) else { return false }
        rowCount += 1
        visible = next
        return true
    }

    /// Whether a row that sees this is the next one of the chain.
    private func isFollowed(by next: [CellTree.Run]) -> Bool {
        guard let run = next.last, let before = visible.last else { return false }
        return next.count == visible.count && next.dropLast() == visible.dropLast()
            && run.start == before.start && run.count == before.count + 1
    }
}

/// The blocks of a pass, by how attention takes them.
struct AttentionBlocks {
    /// Single rows.
    let alone: [AttentionBlock]
    /// Several rows of a chain.
    let chains: [AttentionBlock]

    init(_ blocks: [AttentionBlock]) {
        alone = blocks.filter { $0.rowCount == 1 }
        chains = blocks.filter { $0.rowCount > 1 }
    }
}
