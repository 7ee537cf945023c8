import ControlVectors
import Foundation
import Testing

@testable import Steering

@Suite struct StrengthSearchTests {
    /// Runs a search to its end over planted damage.
    private func search(
        unit: Double = 1, keepsBudget: (Double) -> Bool
    ) -> (search: StrengthSearch, tried: [Double], rounds: Int) {
        search(unit: unit, share: { keepsBudget($0) ? 0.5 : .infinity })
    }

    private func search(
        unit: Double = 1, share: (Double) -> Double
    ) -> (search: StrengthSearch, tried: [Double], rounds: Int) {
        var search = StrengthSearch(unit: unit)
        var tried: [Double] = []
        var rounds = 0
        while !search.next.isEmpty, rounds < 100 {
            rounds += 1
            let sizes = search.next.shuffled()
            tried += sizes
            search.take(sizes.map { ($0, share($0)) })
        }
        return (search, tried, rounds)
    }

    @Test(arguments: [0.003, 0.05, 0.124, 0.3, 0.45, 0.999, 1.7, 13, 400])
    func theLimitIsFoundToAQuarter(_ limit: Double) throws {
        let found = search { $0 <= limit }
        let breaking = try #require(found.search.breaking)
        #expect(found.search.strong <= limit && limit < breaking)
        #expect(breaking - found.search.strong <= breaking / 4)
        #expect(Set(found.tried).count == found.tried.count)
        // Between an eighth of the unit and the unit: four, then one round of three.
        if (0.125...1).contains(limit) { #expect(found.tried.count <= 7 && found.rounds <= 2) }
        #expect(found.rounds <= 5)
    }

    /// Between an octave below the unit and the unit: four sizes, then one round of three where
    /// damage says where the limit is.
    @Test(arguments: [0.6, 1.0, 1.3, 2.5], [0.14, 0.3, 0.45, 0.97])
    func damageThatGrowsAsAPowerIsFoundInTwoRounds(_ power: Double, _ limit: Double) throws {
        let found = search(share: { pow($0 / limit, power) })
        let breaking = try #require(found.search.breaking)
        #expect(found.search.strong <= limit * (1 + 1e-9) && limit < breaking)
        #expect(breaking - found.search.strong <= breaking / 16)
        #expect(found.rounds == 2 && found.tried.count <= 7)
    }

    /// Damage that jumps misleads the guess, and costs rounds, but no more than bisection would.
    @Test(arguments: [0.13, 0.2, 0.3, 0.44, 0.7, 0.99])
    func damageThatJumpsIsFoundAsWell(_ limit: Double) throws {
        for (low, high) in [(0.01, 1.01), (0.99, 100), (0.5, 2)] {
            let found = search(share: { $0 <= limit ? low : high })
            let breaking = try #require(found.search.breaking)
            #expect(found.search.strong <= limit && limit < breaking)
            #expect(breaking - found.search.strong <= breaking / 4)
            #expect(found.rounds <= 4 && Set(found.tried).count == found.tried.count)
        }
    }

    @Test func theUnitMovesTheWholeSearch() {
        let one = search { $0 <= 0.4 }
        let ten = search(unit: 10) { $0 <= 4 }
        #expect(ten.tried.sorted() == one.tried.map { $0 * 10 }.sorted())
        #expect(ten.search.strong == one.search.strong * 10)
    }

    @Test func aSearchEndsWhereNothingBreaksAndWhereEverythingDoes() {
        let none = search { _ in true }
        #expect(none.search.breaking == nil && none.search.strong == 512 && none.rounds == 4)
        let all = search { _ in false }
        #expect(all.search.strong == 0 && all.search.kept.isEmpty && all.rounds == 3)
    }

    @Test func whatBreaksBelowOneThatHoldsIsChance() throws {
        // 0.25 breaks by bad luck, 0.5 does not.
        let found = search { $0 != 0.25 && $0 <= 0.7 }
        let breaking = try #require(found.search.breaking)
        #expect(
            found.search.strong <= 0.7 && 0.7 < breaking && breaking - found.search.strong <= breaking / 4)
        #expect(!found.search.kept.contains(0.25))
    }
}
