import ControlVectors
import Steering

/// What the datasets of some vectors bring for trying them: their open questions and their marker words.
struct VectorDataset {
    var questions: [String] = []
    var markers = Markers()

    /// Reads the recipes that the vectors carry; vectors of other tools carry none.
    init(of vectors: [ControlVector]) throws {
        for vector in vectors {
            guard let text = vector.extraction?.recipe else { continue }
            let dataset = try ExtractionRecipe(json: text, name: "the vector's recipe").dataset
            questions += dataset.questions.filter { !questions.contains($0) }
            markers.positive += dataset.markers.positive
            markers.negative += dataset.markers.negative
        }
    }
}
