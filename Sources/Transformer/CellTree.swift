/// Which cells of the KV cache are taken, and what each can see.
///
/// Cells are handed out so that a chain lies contiguously where it can: a row takes the cell after its parent
/// if that is free, else it starts a new run at the end, or in a hole where the end is reached. A row's
/// visible cells are then a few contiguous runs.
struct CellTree {
    /// Contiguous cells `start ..< start + count` that a row can see.
    struct Run: Equatable {
        var start: Int
        var count: Int
    }

    let capacity: Int
    /// The cell before each cell in its chain, −1 at a root. [capacity]
    private var parents: [Int32]
    /// The depth of each cell, which is its token's position. [capacity]
    private var positions: [Int32]
    /// The first cell of the contiguous run that a cell lies in. [capacity]
    private var runStarts: [Int32]
    /// For the first cell of a run: one past the last cell that the run may grow into. [capacity]
    private var runLimits: [Int32]
    private var isTaken: [Bool]
    /// How many blocks were computed for each cell. [capacity]
    private var layerCounts: [Int32]
    /// One past the last cell that is taken or reserved.
    private(set) var end = 0
    /// The taken cells, in the order in which they were taken: a reserved one may lie
    /// below others that came earlier.
    private var journal: [Int32] = []
    /// How often cells have been freed that were taken before others that stay, or all of them: then the
    /// journal says nothing of earlier states.
    private var forgettingCount = 0

    /// A state to return to.
    struct Mark {
        fileprivate let end: Int
        fileprivate let takenCount: Int
        fileprivate let forgettingCount: Int
    }

    /// The state as it is.
    var mark: Mark { Mark(end: end, takenCount: journal.count, forgettingCount: forgettingCount) }

    /// Whether nothing but rewinding has freed cells since a mark was taken.
    func holds(_ mark: Mark) -> Bool { mark.forgettingCount == forgettingCount }

    init(capacity: Int) {
        self.capacity = capacity
        parents = Array(repeating: -1, count: capacity)
        positions = Array(repeating: 0, count: capacity)
        runStarts = Array(repeating: 0, count: capacity)
        runLimits = Array(repeating: 0, count: capacity)
        isTaken = Array(repeating: false, count: capacity)
        layerCounts = Array(repeating: 0, count: capacity)
    }

    /// Whether the cell holds a row.
    func isAlive(_ cell: Int) -> Bool {
        cell >= 0 && cell < capacity && isTaken[cell]
    }

    /// The position of a cell's token.
    func position(of cell: Int) -> Int {
        Int(positions[cell])
    }

    /// How many blocks were computed for a cell.
    func layerCount(of cell: Int) -> Int {
        Int(layerCounts[cell])
    }

    /// Notes how many blocks are computed for a cell.
    mutating func setLayerCount(_ count: Int, of cell: Int) {
        layerCounts[cell] = Int32(count)
    }

    /// Takes a cell for a row that follows `parent`; nil when there is no room.
    mutating func append(after parent: Int?, reserving reserve: Int) -> Int? {
        if let parent {
            let next = parent + 1
            let run = Int(runStarts[parent])
            if next < runLimits[run], !isTaken[next] {
                return take(next, after: parent, runStart: run)
            }
            if next == end, next < capacity {
                runLimits[run] = Int32(next + 1)
                end = next + 1
                return take(next, after: parent, runStart: run)
            }
        }
        guard end < capacity else { return takeHole(after: parent) }
        let cell = end
        end = min(capacity, cell + 1 + reserve)
        runLimits[cell] = Int32(end)
        return take(cell, after: parent, runStart: cell)
    }

    /// With no room at the end, a new run begins in the first cell that was forgotten, or that others
    /// have reserved and not come to.
    private mutating func takeHole(after parent: Int?) -> Int? {
        guard let cell = isTaken.firstIndex(of: false) else { return nil }
        let limit = isTaken[cell...].firstIndex(of: true) ?? capacity
        runLimits[cell] = Int32(limit)
        return take(cell, after: parent, runStart: cell)
    }

    private mutating func take(_ cell: Int, after parent: Int?, runStart: Int) -> Int {
        isTaken[cell] = true
        journal.append(Int32(cell))
        parents[cell] = parent.map(Int32.init) ?? -1
        positions[cell] = parent.map { positions[$0] + 1 } ?? 0
        runStarts[cell] = Int32(runStart)
        return cell
    }

    /// The cells that a row in `cell` can see, itself included, in the order of their positions.
    func visibleRuns(of cell: Int) -> [Run] {
        var runs: [Run] = []
        var last = cell
        while last >= 0 {
            let start = Int(runStarts[last])
            runs.append(Run(start: start, count: last - start + 1))
            last = Int(parents[start])
        }
        runs.reverse()
        return runs
    }

    /// Frees every cell that was taken after `mark`.
    mutating func rewind(to mark: Mark) {
        precondition(holds(mark), "the mark is of a state that was forgotten")
        guard mark.takenCount < journal.count else { return }
        for cell in journal[mark.takenCount...] { isTaken[Int(cell)] = false }
        journal.removeSubrange(mark.takenCount...)
        // A run that reached past the mark may not grow into cells that others will take.
        for cell in 0..<mark.end where runLimits[cell] > mark.end { runLimits[cell] = Int32(mark.end) }
        end = mark.end
    }

    /// Frees every cell but some and what they see. Marks that were taken before no longer hold.
    mutating func forget(allBut cells: some Sequence<Int>) {
        forgettingCount += 1
        var isKept = [Bool](repeating: false, count: capacity)
        for cell in cells {
            var ancestor = cell
            while ancestor >= 0, !isKept[ancestor] {
                isKept[ancestor] = true
                ancestor = Int(parents[ancestor])
            }
        }
        for cell in journal where !isKept[Int(cell)] { isTaken[Int(cell)] = false }
        journal.removeAll { !isKept[Int($0)] }
        end = journal.reduce(0) { max($0, Int($1) + 1) }
        // As in `rewind`: what lies behind the end belongs to whoever comes first.
        for cell in 0..<end where runLimits[cell] > end { runLimits[cell] = Int32(end) }
    }

    /// How many cells hold a row.
    var takenCount: Int { journal.count }

    /// Frees every cell. Marks that were taken before no longer hold.
    mutating func reset() {
        forgettingCount += 1
        rewind(to: Mark(end: 0, takenCount: 0, forgettingCount: forgettingCount))
    }
}
