import Foundation
import Terms
import Testing

@testable import ControlVectors

@Suite struct LayerSelectionTests {
    @Test(arguments: [
        ("9-24", 30, 9, 24), ("9", 30, 9, 9), ("0", 1, 0, 0), ("0-29", 30, 0, 29), (" 9 - 24 ", 30, 9, 24),
        ("30%-80%", 30, 9, 24), ("30%-80%", 48, 15, 38), ("0%-100%", 30, 0, 29), ("50%", 30, 15, 15),
        ("100%", 30, 29, 29), ("0%", 30, 0, 0), ("33.3%-66.6%", 30, 10, 19), ("12.25%-12.5%", 80, 10, 10),
        ("9-80%", 30, 9, 24), ("30%-24", 30, 9, 24), ("100%-100%", 7, 6, 6),
    ])
    func textResolvesToLayers(text: String, layerCount: Int, first: Int, last: Int) throws {
        let range = try LayerSelection(text).resolve(layerCount: layerCount)
        #expect(range == LayerIndex(first)...LayerIndex(last))
    }

    @Test func theStandardRangeIsTheMiddleOfEveryDepth() throws {
        #expect(try LayerSelection.standard.resolve(layerCount: 30) == 9...24)
        #expect(try LayerSelection.standard.resolve(layerCount: 48) == 15...38)
        #expect(LayerSelection.standard.description == "30%-80%")
        for count in 2...200 {
            let range = try LayerSelection.standard.resolve(layerCount: count)
            // In whole numbers: ⌈3L/10⌉ is the least n with 10n ≥ 3L, ⌊8L/10⌋ the greatest with 10n ≤ 8L.
            let (first, last) = (range.lowerBound.rawValue, range.upperBound.rawValue)
            #expect(10 * first >= 3 * count && 10 * (first - 1) < 3 * count)
            #expect(10 * last <= 8 * count && 10 * (last + 1) > 8 * count)
        }
    }

    @Test(arguments: [
        "", " ", "-", "9-", "-9", "--", "9-24-30", "a", "9x", "x9", "1e1", "9.5", "+9", "0x9", "9..24",
        "9,24", "%",
        "101%", "100.01%", "30.%", ".5%", "30.123%", "30%%", "-1%", "99999999999999999999", "９", "9–24",
        "2147483648", "1 2", "nan%",
    ])
    func garbageIsRefused(text: String) {
        #expect(throws: ControlVectorError.badLayerSelection(text)) { try LayerSelection(text) }
    }

    @Test(arguments: ["24-9", "80%-30%"]) func aReversedRangeIsRefused(text: String) {
        #expect(throws: ControlVectorError.reversedLayers(selection: text)) { try LayerSelection(text) }
    }

    @Test func aMixedRangeThatTurnsOutReversedIsRefused() throws {
        let selection = try LayerSelection("25-50%")
        #expect(throws: ControlVectorError.reversedLayers(selection: "25-50%")) {
            try selection.resolve(layerCount: 30)
        }
    }

    @Test(arguments: [("30", 30), ("9-30", 30), ("2147483647", 30), ("9-24", 0), ("9-24", -4), ("50%", 0)])
    func layersThatTheModelDoesNotHaveAreRefused(text: String, layerCount: Int) throws {
        let selection = try LayerSelection(text)
        #expect(throws: ControlVectorError.layersOutsideModel(selection: text, layerCount: layerCount)) {
            try selection.resolve(layerCount: layerCount)
        }
    }

    @Test(arguments: [("30%-80%", 1), ("11%-13%", 30), ("99%-100%", 4)])
    func sharesWithoutAWholeLayerAreRefused(text: String, layerCount: Int) throws {
        let selection = try LayerSelection(text)
        #expect(throws: ControlVectorError.noLayersSelected(selection: text, layerCount: layerCount)) {
            try selection.resolve(layerCount: layerCount)
        }
    }

    @Test(arguments: ["9", "9-24", "30%-80%", "33.3%-66.66%", "0.05%", "9-80%", "100%"])
    func theDescriptionReadsBackAsTheSame(text: String) throws {
        let selection = try LayerSelection(text)
        #expect(selection.description == text)
        let coded = try JSONDecoder().decode(LayerSelection.self, from: JSONEncoder().encode(selection))
        #expect(coded == selection)
    }

    @Test(arguments: [
        ("9-24", 30, 48, "15-38"), ("15-38", 48, 30, "10-23"), ("0-29", 30, 48, "0-47"), ("29", 30, 48, "47"),
        ("9-9", 30, 48, "14"), ("10", 30, 12, "4"), ("5-6", 64, 8, "1"), ("9-24", 30, 30, "9-24"),
        ("30%-80%", 30, 48, "30%-80%"), ("3", 4, 1, "0"), ("1", 30, 12, "1"), ("1-2", 64, 8, "1"),
        ("0", 30, 12, "0"),
    ])
    func layersKeepTheirShareOfTheDepth(text: String, old: Int, new: Int, expected: String) throws {
        let carried = try LayerSelection(text).carriedOver(from: old, to: new)
        #expect(carried.description == expected)
    }

    @Test func whatIsCarriedOverIsAlwaysInsideTheNewModel() throws {
        for old in 1...20 {
            for new in 1...20 {
                for first in 0..<old {
                    for last in first..<old {
                        let selection = LayerSelection(LayerIndex(first)...LayerIndex(last))
                        let carried = try selection.carriedOver(from: old, to: new).resolve(layerCount: new)
                        #expect(carried.lowerBound.rawValue >= 0 && carried.upperBound.rawValue < new)
                    }
                }
            }
        }
    }

    @Test func layersOfAnotherModelAreNotCarriedOver() throws {
        let selection = try LayerSelection("9-40")
        #expect(throws: ControlVectorError.layersOutsideModel(selection: "9-40", layerCount: 30)) {
            try selection.carriedOver(from: 30, to: 48)
        }
    }
}
