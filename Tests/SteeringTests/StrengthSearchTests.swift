import ControlVectors
import Testing

@testable import Steering

@Suite struct StrengthSearchTests {
    /// Runs a search to its end over planted damage.
    private func search(
        unit: Double = 1, keepsBudget: (Double) -> Bool
    ) -> (search: StrengthSearch, tried: [Double], rounds: Int) {
        var search = StrengthSearch(unit: unit)
        var tried: [Double] = []
        var rounds = 0
        while !search.next.isEmpty, rounds < 100 {
            rounds += 1
            for size in search.next.shuffled() {
                tried.append(size)
                search.take(size, keepsBudget: keepsBudget(size))
            }
        }
        return (search, tried, rounds)
    }

    @Test(arguments: [0.003, 0.05, 0.124, 0.3, 0.45, 0.999, 1.7, 13, 400])
    func theLimitIsFoundToASixteenth(_ limit: Double) throws {
        let found = search { $0 <= limit }
        let breaking = try #require(found.search.breaking)
        #expect(found.search.strong <= limit && limit < breaking)
        #expect(breaking - found.search.strong <= breaking / 16)
        #expect(Set(found.tried).count == found.tried.count)
        // Between an eighth of the unit and the unit: four, then two rounds of three.
        if (0.125...1).contains(limit) { #expect(found.tried.count <= 10 && found.rounds == 3) }
        #expect(found.rounds <= 6)
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

    @Test func whatLiesAboveABreakDoesNotCount() throws {
        // 0.25 breaks by bad luck, 0.5 does not.
        let found = search { $0 != 0.25 && $0 <= 0.7 }
        #expect(found.search.breaking == 0.25)
        #expect(found.search.strong < 0.25 && found.search.strong > 0.23)
        #expect(found.search.kept.allSatisfy { $0 < 0.25 })
    }

    @Test(arguments: [-1.0, 1]) func theSafeBandTakesHalfOfTheBudget(_ sign: Double) {
        let found = search { $0 <= 0.4 }.search
        let band = StrengthBand(found, sign: sign) { $0 / 0.4 }
        #expect(abs(Double(band.safe ?? 0) - sign * 0.2) < 1e-6)
        #expect(band.strong == Float(sign * found.strong))
        #expect(band.breaking.map(Double.init) == found.breaking.map { sign * $0 })
        // Damage that never comes to half of the budget is safe as far as it was tried.
        let harmless = StrengthBand(found, sign: sign) { _ in 0.1 }
        #expect(harmless.safe == harmless.strong)
        let nothing = StrengthBand(search { _ in false }.search, sign: sign) { _ in 2 }
        #expect(nothing.strong == 0 && nothing.safe == 0 && nothing.breaking != nil)
    }
}
