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

    @Test(arguments: [17, 33]) func noRowOfALongChainStandsAlone(count: Int) {
        let rows = (0..<count).map { [CellTree.Run(start: 0, count: $0 + 1)] }
        let blocks = AttentionBlock.blocks(of: rows)
        #expect(blocks.map(\.rowCount) == Array(repeating: 16, count: count / 16 - 1) + [15, 2])
        #expect(blocks.suffix(2).map(\.firstRow) == [count - 17, count - 2])
        #expect(blocks.suffix(2).map(\.visibleCount) == [count - 2, count])
    }

    @Test func aRowThatBranchesOffAfterAFullBlockStandsAlone() {
        let chain = (0..<16).map { [CellTree.Run(start: 0, count: $0 + 1)] }
        let branch: [CellTree.Run] = [.init(start: 0, count: 15), .init(start: 16, count: 1)]
        #expect(AttentionBlock.blocks(of: chain + [branch]).map(\.rowCount) == [16, 1])
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
