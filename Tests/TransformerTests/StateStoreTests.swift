import Foundation
import Terms
import Testing
import _TestSupport

@testable import Transformer

@Suite struct StateStoreTests {
    private let hooks: [HookPoint] = [.residualPost(1), .residualPost(2)]

    private func append(_ values: [Float], at hook: Int, of store: StateStore) throws {
        try store.append(rows: values.count / store.width, at: hook) {
            $0.update(fromContentsOf: values) == $0.endIndex
        }
    }

    /// Rows of 4,096 values take 16 kB, so that a store in a file lets whole pages go.
    @Test(arguments: [0, 1 << 30]) func whatIsAppendedIsThere(budget: Int) throws {
        let width = 4096
        let store = try StateStore(hooks: hooks, width: width, capacity: 5, memoryBudget: budget)
        #expect(store.isInFile == (budget == 0))
        func rows(_ first: Float, _ count: Int) -> [Float] { (0..<count * width).map { first + Float($0) } }
        try append(rows(0, 2), at: 0, of: store)
        #expect(store.count == 0)
        try append(rows(-7, 2), at: 1, of: store)
        #expect(store.count == 2)
        for hook in 0..<2 {
            try append(rows(100, 3), at: hook, of: store)
            store.letGo(at: hook)
        }
        #expect(store.withRows(0..<2, at: 0) { Array($0) } == rows(0, 2))
        #expect(store.withRows(0..<2, at: 1) { Array($0) } == rows(-7, 2))
        #expect(store.withRows(2..<5, at: 1) { Array($0) } == rows(100, 3))
        store.truncate(to: 1)
        try append(rows(5, 1), at: 1, of: store)
        #expect(store.count == 1)
        #expect(store.withRows(1..<2, at: 1) { Array($0) } == rows(5, 1))
    }

    @Test func whatIsNotWrittenIsNotThere() throws {
        let store = try StateStore(hooks: hooks, width: 3, capacity: 2)
        #expect(try store.append(rows: 1, at: 0) { _ in false } == false)
        #expect(store.count == 0)
        #expect(throws: TransformerError.self) { try append([1, 2, 3, 4, 5, 6, 7, 8, 9], at: 0, of: store) }
    }

    @Test func aVariableWithoutAValueNamesNoFolder() {
        #expect(StateStore.folder(named: nil) == "/var/tmp" && StateStore.folder(named: "") == "/var/tmp")
        #expect(StateStore.folder(named: "/a b") == "/a b")
    }

    @Test func whatNoMachineHasIsRefused() {
        for (capacity, budget) in [(Int.max, 0), (-1, 0), (1 << 50, 1 << 62)] {
            #expect(throws: TransformerError.self) {
                try StateStore(hooks: hooks, width: 64, capacity: capacity, memoryBudget: budget)
            }
        }
        let error = #expect(throws: TransformerError.self) {
            try StateStore(hooks: hooks, width: 1 << 10, capacity: 1 << 40, memoryBudget: 0)
        }
        #expect(error?.code == "noRoomForStates")
        #expect(error?.remedy?.contains("TMPDIR") == true)
    }
}
