import LinearAlgebra
import Transformer

/// Chosen rows of hidden states at one hook point, where they lie: nothing is copied.
public struct StateRows: Sendable {
    private let store: StateStore
    private let hook: Int
    private let places: [Int]  // [count]

    /// The rows at some places of a store's hook point, given by its index.
    init(_ store: StateStore, at hook: Int, places: [Int]) {
        self.store = store
        self.hook = hook
        self.places = places
    }

    /// How many rows there are.
    var count: Int { places.count }

    /// The length of a row.
    var width: Int { store.width }

    /// Some of the rows, by their number.
    subscript(chosen: [Int]) -> StateRows {
        StateRows(store, at: hook, places: chosen.map { places[$0] })
    }

    /// Gives one row to `body`. [width]
    func withRow<Result>(
        _ index: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try store.withRows(places[index]..<places[index] + 1, at: hook, body)
    }

    /// Each row's component along a vector. [count]
    func projections(on vector: [Double]) -> [Double] {
        (0..<count).map { index in withRow(index) { dot($0, vector) } }
    }
}
