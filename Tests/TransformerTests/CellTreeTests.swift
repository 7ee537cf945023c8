import Testing

@testable import Transformer

@Suite struct CellTreeTests {
    @Test func aChainIsOneRun() {
        var tree = CellTree(capacity: 8)
        let cells = grow(&tree, 5, after: nil)
        #expect(cells == [0, 1, 2, 3, 4])
        #expect(tree.visibleRuns(of: 4) == [.init(start: 0, count: 5)])
        #expect(tree.position(of: 4) == 4)
    }

    @Test func aForkSeesItsOwnPastOnly() {
        var tree = CellTree(capacity: 16)
        let trunk = grow(&tree, 3, after: nil)
        let left = grow(&tree, 2, after: trunk[2])
        let right = grow(&tree, 2, after: trunk[1])
        #expect(tree.visibleRuns(of: left[1]) == [.init(start: 0, count: 5)])
        #expect(tree.visibleRuns(of: right[1]) == [.init(start: 0, count: 2), .init(start: 5, count: 2)])
        #expect(tree.position(of: right[1]) == 3)
    }

    @Test func reservedCellsKeepInterleavedBranchesContiguous() {
        var tree = CellTree(capacity: 32)
        let trunk = grow(&tree, 2, after: nil)
        var tips = [trunk[1], trunk[1]]
        for _ in 0..<4 {
            for branch in tips.indices {
                tips[branch] = tree.append(after: tips[branch], reserving: 4) ?? -1
            }
        }
        #expect(tree.visibleRuns(of: tips[0]).count <= 2)
        #expect(tree.visibleRuns(of: tips[1]).count == 2)
        #expect(tree.position(of: tips[0]) == 5)
        #expect(tree.position(of: tips[1]) == 5)
    }

    @Test func aFullTreeHasNoCell() {
        var tree = CellTree(capacity: 2)
        #expect(grow(&tree, 2, after: nil) == [0, 1])
        #expect(tree.append(after: 1, reserving: 0) == nil)
    }

    @Test func rewindingFreesTheCellsAndLetsTheChainGrowAgain() {
        var tree = CellTree(capacity: 8)
        let trunk = grow(&tree, 3, after: nil)
        let mark = tree.mark
        _ = grow(&tree, 4, after: trunk[2])
        tree.rewind(to: mark)
        #expect(!tree.isAlive(3))
        let again = grow(&tree, 2, after: trunk[2])
        #expect(again == [3, 4])
        #expect(tree.visibleRuns(of: 4) == [.init(start: 0, count: 5)])
    }

    @Test func rewindingFreesReservedCellsThatWereTakenBelowTheMark() {
        var tree = CellTree(capacity: 16)
        let trunk = grow(&tree, 2, after: nil)
        let left = tree.append(after: trunk[0], reserving: 3) ?? -1
        let right = tree.append(after: trunk[0], reserving: 3) ?? -1
        let mark = tree.mark
        #expect(tree.append(after: left, reserving: 0) == left + 1)
        #expect(tree.append(after: right, reserving: 0) == right + 1)
        tree.rewind(to: mark)
        #expect(!tree.isAlive(left + 1) && !tree.isAlive(right + 1))
        #expect(tree.isAlive(left) && tree.isAlive(right))
        #expect(tree.append(after: left, reserving: 0) == left + 1)
    }

    private func grow(_ tree: inout CellTree, _ count: Int, after start: Int?) -> [Int] {
        var cells: [Int] = []
        var parent = start
        for _ in 0..<count {
            guard let cell = tree.append(after: parent, reserving: 0) else { return cells }
            cells.append(cell)
            parent = cell
        }
        return cells
    }
}
