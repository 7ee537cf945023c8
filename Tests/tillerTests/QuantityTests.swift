import Testing

@testable import tiller

@Suite struct QuantityTests {
    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (93692, "93,692"), (-1234567, "-1,234,567")])
    func countsAreGroupedByThree(_ value: Int, _ text: String) {
        #expect(Quantity.count(value) == text)
    }

    @Test(arguments: [
        (0.0, 2, "0.00"), (0.345, 1, "0.3"), (-0.001, 2, "0.00"), (-1.5, 0, "-2"), (12.999, 2, "13.00"),
        (Double.nan, 2, "–"),
    ])
    func decimalsAreRounded(_ value: Double, _ places: Int, _ text: String) {
        #expect(Quantity.decimal(value, places) == text)
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (98_362_432, "98.4 MB"), (377_000_000, "377 MB"),
    ])
    func bytesHaveAUnit(_ value: Int, _ text: String) {
        #expect(Quantity.bytes(value) == text)
    }

    @Test(arguments: [
        (0.421, "0.42 s"), (1.5, "1.5 s"), (12.4, "12 s"), (185, "3 min 05 s"), (7800, "2 h 10 min"),
    ])
    func secondsReadLikeAClock(_ value: Double, _ text: String) {
        #expect(Quantity.seconds(value) == text)
    }

    @Test(arguments: [(Float(0.5), "+0.5"), (-1, "-1"), (0, "0"), (12, "+12"), (-0.25, "-0.25")])
    func strengthsCarryTheirSign(_ value: Float, _ text: String) {
        #expect(Quantity.strength(value) == text)
    }
}
