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

    @Test func atTheEndARunBeginsInAHole() {
        var tree = CellTree(capacity: 8)
        let trunk = grow(&tree, 4, after: nil)
        let branch = grow(&tree, 4, after: trunk[0])
        tree.forget(allBut: [branch[3]])
        #expect(grow(&tree, 2, after: branch[3]) == [1, 2])
        #expect(
            tree.visibleRuns(of: 2) == [
                .init(start: 0, count: 1), .init(start: 4, count: 4), .init(start: 1, count: 2),
            ])
        #expect(tree.position(of: 2) == 6)
        #expect(grow(&tree, 1, after: 2) == [3])
        #expect(tree.append(after: 3, reserving: 0) == nil)
    }

    @Test func aFullTreeHasNoCell() {
        var tree = CellTree(capacity: 2)
        #expect(grow(&tree, 2, after: nil) == [0, 1])
        #expect(tree.append(after: 1, reserving: 0) == nil)
    }

    @Test func forgettingKeepsWhatIsNamedAndWhatItSees() {
        var tree = CellTree(capacity: 10)
        let trunk = grow(&tree, 3, after: nil)
        let left = grow(&tree, 3, after: trunk[2])
        let right = grow(&tree, 2, after: trunk[0])
        tree.forget(allBut: [right[1]])
        #expect((0..<10).filter(tree.isAlive) == [0, 6, 7])
        #expect(tree.visibleRuns(of: right[1]) == [.init(start: 0, count: 1), .init(start: 6, count: 2)])
        #expect(tree.takenCount == 3 && tree.end == 8)
        // The trunk grows again into the hole that it has left, and no further than its own run went.
        #expect(grow(&tree, 5, after: trunk[0]) == [1, 2, 3, 4, 5])
        tree.forget(allBut: [trunk[1]])
        #expect(tree.end == 2 && !tree.isAlive(left[0]))
        #expect(grow(&tree, 8, after: trunk[1]) == [2, 3, 4, 5, 6, 7, 8, 9])
        tree.forget(allBut: [])
        #expect(tree.end == 0 && tree.takenCount == 0)
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

    @Test func aMarkHoldsUntilRowsAreForgottenOtherwiseThanByRewinding() {
        var tree = CellTree(capacity: 8)
        let trunk = grow(&tree, 3, after: nil)
        let mark = tree.mark
        for _ in 0..<2 {
            _ = grow(&tree, 2, after: trunk[2])
            tree.rewind(to: mark)
            #expect(tree.holds(mark) && tree.takenCount == 3)
        }
        tree.forget(allBut: [trunk[0]])
        #expect(!tree.holds(mark) && tree.holds(tree.mark))
        let later = tree.mark
        tree.reset()
        #expect(!tree.holds(later))
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
