import Terms
import Transformer

/// The rows that a context keeps, by what they are: a token, what was in force at it, and
/// all that came before.
///
/// Only rows that are equal in all of this may stand for each other, so a text reuses what is kept up to the
/// first token at which anything differs. A trie: texts that begin alike share their beginning.
struct ComputedRows {
    /// One row.
    private struct Node {
        var token: TokenID
        var plan: Int
        /// The row before it; −1 at the beginning of a text.
        var parent: Int
        var cell: Cell
    }

    private struct Key: Hashable {
        var parent: Int
        var token: TokenID
        var plan: Int
    }

    private var nodes: [Node] = []
    private var places: [Key: Int] = [:]
    /// What was in force, each list once. The first is that of no steering.
    private(set) var plans: [[Intervention]] = [[]]
    /// The layers of which the first row under a plan has proved that they moved; nil before there was one.
    var provedLayers: [[LayerIndex]?] = [[]]

    /// The number of a list of interventions.
    mutating func plan(_ interventions: [Intervention]) -> Int {
        if let known = plans.firstIndex(of: interventions) { return known }
        plans.append(interventions)
        provedLayers.append(nil)
        return plans.count - 1
    }

    /// The row of a token after another row (−1: at the beginning), if it is kept.
    func row(_ token: TokenID, plan: Int, after parent: Int) -> Int? {
        places[Key(parent: parent, token: token, plan: plan)]
    }

    /// The cell of a row.
    func cell(of row: Int) -> Cell { nodes[row].cell }

    /// Keeps a row that has been computed, in the place of one that is the same.
    mutating func insert(_ token: TokenID, plan: Int, after parent: Int, cell: Cell) -> Int {
        let key = Key(parent: parent, token: token, plan: plan)
        if let known = places[key] {
            nodes[known].cell = cell
            return known
        }
        nodes.append(Node(token: token, plan: plan, parent: parent, cell: cell))
        places[key] = nodes.count - 1
        return nodes.count - 1
    }

    /// Forgets all rows but some and those before them, and the plans that no row was under. Gives the cells
    /// that are still needed; plans have other numbers afterwards.
    mutating func forget(allBut rows: some Sequence<Int>) -> [Cell] {
        var isKept = [Bool](repeating: false, count: nodes.count)
        for row in rows {
            var ancestor = row
            while ancestor >= 0, !isKept[ancestor] {
                isKept[ancestor] = true
                ancestor = nodes[ancestor].parent
            }
        }
        // A row comes after the one before it, so that one has its new number already.
        var numbers = [Int](repeating: -1, count: nodes.count)
        let old = self
        self = ComputedRows()
        for (index, node) in old.nodes.enumerated() where isKept[index] {
            let plan = plan(old.plans[node.plan])
            provedLayers[plan] = old.provedLayers[node.plan]
            numbers[index] = insert(
                node.token, plan: plan, after: node.parent < 0 ? -1 : numbers[node.parent], cell: node.cell)
        }
        return nodes.map(\.cell)
    }
}

/// Rows that are still to be computed, each once, however many texts they belong to.
struct PendingRows {
    /// Where a text has come to.
    enum Place: Hashable {
        case beginning
        /// At a row that is kept.
        case kept(Int)
        /// At a row of the batch that is being filled.
        case row(Int)
    }

    /// What is in force at a row: its number, and whether every rule of it acts with its full strength.
    typealias Plan = (number: Int, isFull: Bool)

    /// One row of the batch.
    struct Row {
        var token: TokenID
        var plan: Plan
        var parent: Place
        var wantsLogits: Bool
    }

    private struct Key: Hashable {
        var parent: Place
        var token: TokenID
        var plan: Int
    }

    /// The rows, each after its parent.
    private(set) var rows: [Row] = []
    /// The tokens whose logits the rows that want any are asked for; nil for all.
    var likeliestOnly: LikeliestTokens?
    /// The kept rows that texts have passed.
    private(set) var reused: Set<Int> = []
    private var places: [Key: Int] = [:]

    /// Goes on by a token: to a kept row, to one that is pending, or to a new one.
    ///
    /// A row whose logits or hidden states are wanted is computed again even where it is kept: these are not.
    ///
    /// - Parameter isNew: Whether the row is computed in any case.
    mutating func place(
        _ token: TokenID, _ plan: Plan, after parent: Place, wantsLogits: Bool, isNew: Bool = false,
        in kept: ComputedRows
    ) -> Place {
        let before: Int? =
            switch parent {
            case .beginning: -1
            case .kept(let row): row
            case .row: nil
            }
        if !wantsLogits, !isNew, let before, let row = kept.row(token, plan: plan.number, after: before) {
            reused.insert(row)
            return .kept(row)
        }
        let key = Key(parent: parent, token: token, plan: plan.number)
        if let pending = places[key] {
            if wantsLogits { rows[pending].wantsLogits = true }
            return .row(pending)
        }
        rows.append(Row(token: token, plan: plan, parent: parent, wantsLogits: wantsLogits))
        places[key] = rows.count - 1
        return .row(rows.count - 1)
    }

    /// For each row that wants logits, its place among them.
    var logitsIndices: [Int: Int] {
        let wanted = rows.indices.filter { rows[$0].wantsLogits }
        return Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1, $0) })
    }
}
