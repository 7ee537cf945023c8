import Terms
import Testing

@testable import Transformer

@Suite struct AttentionBlockTests {
    @Test func rowsOfAChainGoTogetherUpToTheLimit() {
        let rows = (0..<40).map { [CellTree.Run(start: 0, count: $0 + 1)] }
        let blocks = AttentionBlock.blocks(of: rows)
        #expect(blocks.map(\.rowCount) == [16, 16, 8])
        #expect(blocks.map(\.firstRow) == [0, 16, 32])
        #expect(blocks.map(\.visibleCount) == [16, 32, 40])
    }

    @Test func siblingsStandAlone() {
        let rows: [[CellTree.Run]] = [
            [.init(start: 0, count: 1)],
            [.init(start: 0, count: 2)],
            [.init(start: 0, count: 1), .init(start: 2, count: 1)],
            [.init(start: 0, count: 1), .init(start: 2, count: 2)],
        ]
        #expect(AttentionBlock.blocks(of: rows).map(\.rowCount) == [2, 2])
    }
}
