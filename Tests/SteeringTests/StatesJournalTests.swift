import Foundation
import Terms
import Testing
import Transformer
import _TestSupport

@testable import Steering

@Suite struct StatesJournalTests {
    private let folder: TemporaryFolder
    private let states: [[Float]] = [(0..<12).map { Float($0) }, (0..<12).map { Float(-$0) }]  // [2][4, 3]

    init() throws { folder = try TemporaryFolder() }

    private func journal(interval: Double = 0) -> StatesJournal {
        StatesJournal(folder: folder.path, key: 0xAB, interval: interval)
    }

    private var name: String { "00000000000000ab.states" }

    /// An empty store for the states of some prompts.
    private func store(promptCount: Int = 4) throws -> StateStore {
        try StateStore(hooks: [.residualPost(1), .residualPost(2)], width: 3, capacity: promptCount)
    }

    /// A store of the first prompts' states.
    private func kept(_ count: Int = 4) throws -> StateStore {
        let store = try store()
        for layer in 0..<2 {
            try store.append(rows: count, at: layer) {
                $0.update(fromContentsOf: states[layer][..<(3 * count)]) > 0
            }
        }
        return store
    }

    private func restored(promptCount: Int = 4) throws -> (journal: StatesJournal, states: [[Float]]) {
        let journal = journal()
        let store = try store(promptCount: promptCount)
        try journal.restore(into: store)
        return (journal, (0..<2).map { store.withRows(0..<store.count, at: $0) { Array($0) } })
    }

    /// Two records: prompts 0-1 and 2-3.
    private func keepTwice() throws {
        let journal = journal()
        journal.keep(try kept(2))
        journal.keep(try kept())
    }

    @Test func whatWasKeptComesBack() throws {
        try keepTwice()
        let (journal, found) = try restored()
        #expect(found == states && journal.savedPrompts == 4 && journal.problem == nil)
        journal.remove()
        #expect(folder.names.isEmpty)
    }

    @Test func nothingIsKeptOfShortWork() throws {
        journal(interval: 60).keep(try kept())
        #expect(folder.names.isEmpty)
        #expect(try restored().states == [[], []])
    }

    @Test func aFileThatWasCutAnywhereGivesWholeRecordsOrNothing() throws {
        try keepTwice()
        let bytes = try #require(folder.read(name))
        for count in 0..<bytes.count {
            try folder.write(bytes[..<count], to: name)
            let (journal, found) = try restored()
            let whole = count >= 32 + 24 + 48 ? 2 : 0
            #expect(journal.savedPrompts == whole, "\(count) bytes")
            #expect(found[0].count == whole * 3)
            #expect(journal.problem == nil)
            // The rest was cut off, so that what comes next stands in its place.
            journal.keep(try kept())
        }
        #expect(try restored().states == states)
    }

    @Test func aFlippedBitIsNoticedAndSaid() throws {
        try keepTwice()
        let bytes = try #require(folder.read(name))
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x10
            try folder.write(damaged, to: name)
            let (journal, found) = try restored()
            #expect(journal.savedPrompts < 4, "byte \(place)")
            #expect(found[0] == [] || found[0] == Array(states[0][..<6]))
            #expect(journal.problem?.contains(name) == true || journal.savedPrompts == 2, "byte \(place)")
        }
    }

    @Test func aFileOfMorePromptsThanThereAreIsNotUsed() throws {
        try keepTwice()
        #expect(try restored(promptCount: 3).journal.savedPrompts == 2)
    }

    @Test func aFolderThatIsGoneIsNoReasonToStop() throws {
        let journal = StatesJournal(folder: folder.file("gone"), key: 1, interval: 0)
        let store = try store()
        try journal.restore(into: store)
        #expect(store.count == 0)
        journal.keep(try kept())
        #expect(journal.savedPrompts == 0)
    }

    @Test func twoProcessesDoNotWriteOneFile() throws {
        let first = journal()
        first.keep(try kept())
        let second = journal()
        let store = try store()
        try second.restore(into: store)
        #expect(store.count == 0)
        second.keep(try kept())
        second.remove()
        #expect(folder.names == [name] && second.savedPrompts == 0)
        first.remove()
    }
}
