import Steering
import Testing

@testable import tiller

@Suite struct MeterColoursTests {
    @Test(arguments: [1e19, 1e300, .greatestFiniteMagnitude])
    func beyondItsEndsAReadingHasTheColourOfTheEnd(_ reading: Double) throws {
        let colours = try #require(MeterColours(.sides))
        #expect(colours.painted("x", as: reading) == colours.painted("x", as: 1))
        #expect(colours.painted("x", as: -reading) == colours.painted("x", as: 0))
        #expect(colours.painted("x", as: 1) != colours.painted("x", as: 0))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func aReadingThatIsNoNumberHasNoColour(_ reading: Double) {
        #expect(MeterColours(.sides)?.painted("x", as: reading) == "x")
    }
}
