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

    @Test func aFileThatExistsIsThatFile() {
        #expect(PlacedText("v@9", exists: { $0 == "v@9" }).vector == "v@9")
    }
}
