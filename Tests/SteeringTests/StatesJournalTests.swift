import Foundation
import Testing
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

    private func restored(promptCount: Int = 4) -> (journal: StatesJournal, states: [[Float]]?) {
        let journal = journal()
        return (journal, journal.restore(layerCount: 2, hiddenSize: 3, promptCount: promptCount))
    }

    /// Two records: prompts 0-1 and 2-3.
    private func keepTwice() {
        let journal = journal()
        journal.keep(states.map { Array($0[..<6]) }, promptCount: 2, hiddenSize: 3)
        journal.keep(states, promptCount: 4, hiddenSize: 3)
    }

    @Test func whatWasKeptComesBack() {
        keepTwice()
        let (journal, found) = restored()
        #expect(found == states && journal.savedPrompts == 4 && journal.problem == nil)
        journal.remove()
        #expect(folder.names.isEmpty)
    }

    @Test func nothingIsKeptOfShortWork() {
        journal(interval: 60).keep(states, promptCount: 4, hiddenSize: 3)
        #expect(folder.names.isEmpty)
        #expect(restored().states == nil)
    }

    @Test func aFileThatWasCutAnywhereGivesWholeRecordsOrNothing() throws {
        keepTwice()
        let bytes = try #require(folder.read(name))
        for count in 0..<bytes.count {
            try folder.write(bytes[..<count], to: name)
            let (journal, found) = restored()
            let whole = count >= 32 + 24 + 48 ? 2 : 0
            #expect(journal.savedPrompts == whole, "\(count) bytes")
            #expect((found?[0].count ?? 0) == whole * 3)
            #expect(journal.problem == nil)
            // The rest was cut off, so that what comes next stands in its place.
            journal.keep(states, promptCount: 4, hiddenSize: 3)
        }
        #expect(restored().states == states)
    }

    @Test func aFlippedBitIsNoticedAndSaid() throws {
        keepTwice()
        let bytes = try #require(folder.read(name))
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x10
            try folder.write(damaged, to: name)
            let (journal, found) = restored()
            #expect(journal.savedPrompts < 4, "byte \(place)")
            #expect(found == nil || found?[0] == Array(states[0][..<6]))
            #expect(journal.problem?.contains(name) == true || journal.savedPrompts == 2, "byte \(place)")
        }
    }

    @Test func aFileOfMorePromptsThanThereAreIsNotUsed() {
        keepTwice()
        #expect(restored(promptCount: 3).journal.savedPrompts == 2)
    }

    @Test func aFolderThatIsGoneIsNoReasonToStop() throws {
        let journal = StatesJournal(folder: folder.file("gone"), key: 1, interval: 0)
        #expect(journal.restore(layerCount: 2, hiddenSize: 3, promptCount: 4) == nil)
        journal.keep(states, promptCount: 4, hiddenSize: 3)
        #expect(journal.savedPrompts == 0)
    }

    @Test func twoProcessesDoNotWriteOneFile() {
        let first = journal()
        first.keep(states, promptCount: 4, hiddenSize: 3)
        let second = journal()
        #expect(second.restore(layerCount: 2, hiddenSize: 3, promptCount: 4) == nil)
        second.keep(states, promptCount: 4, hiddenSize: 3)
        second.remove()
        #expect(folder.names == [name] && second.savedPrompts == 0)
        first.remove()
    }
}
