import ControlVectors
import Testing

@testable import tiller

@Suite struct PlacedTextTests {
    @Test(arguments: [
        ("v.gguf:0.5@9-16", "v.gguf:0.5", "9-16"), ("v.gguf@30%-80%", "v.gguf", "30%-80%"),
        ("a@b/v.gguf:1@12", "a@b/v.gguf:1", "12"),
    ])
    func layersStandBehindTheLastAt(_ text: String, _ vector: String, _ layers: String) throws {
        let placed = PlacedText(text, exists: { _ in false })
        #expect(placed.vector == vector && placed.layers?.description == layers)
    }

    @Test(arguments: ["v.gguf", "a@b.gguf", "v@24-9", "v@"])
    func whatIsNoRangeOfLayersIsPartOfThePath(_ text: String) {
        let placed = PlacedText(text, exists: { _ in false })
        #expect(placed.vector == text && placed.layers == nil)
    }

    @Test(arguments: [
        ("v.gguf:0.2@12-10", ControlVectorError.reversedLayers(selection: "12-10")),
        ("v.gguf@12-10", .reversedLayers(selection: "12-10")), ("v.gguf:auto@9-", .badLayerSelection("9-")),
        ("v.gguf@30%-200%", .badLayerSelection("30%-200%")),
    ])
    func layersThatAreNoneAreSaidAsSuch(_ text: String, _ fault: ControlVectorError) {
        #expect(throws: fault) { try PlacedText(text, exists: { _ in false }).specification() }
    }

    @Test func aNameWithAnAtIsNoFault() throws {
        #expect(try PlacedText("v@12-10", exists: { $0 == "v@12-10" }).specification().path == "v@12-10")
        #expect(try PlacedText("a@b.gguf:0.5", exists: { _ in false }).specification().path == "a@b.gguf")
        #expect(try PlacedText("v@1.5:0.5", exists: { _ in false }).specification().path == "v@1.5")
    }

    @Test func aFileThatExistsIsThatFile() {
        #expect(PlacedText("v@9", exists: { $0 == "v@9" }).vector == "v@9")
    }
}
