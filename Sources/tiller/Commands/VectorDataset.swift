import ControlVectors
import Steering

/// What the datasets of some vectors bring for trying them: their open questions and their marker words.
struct VectorDataset {
    var questions: [String] = []
    var markers = Markers()
    /// What is wrong with recipes that could not be read: a vector can be used without its recipe.
    var problems: [String] = []

    /// Reads the recipes that the vectors carry; vectors of other tools carry none.
    init(of vectors: [ControlVector]) {
        for vector in vectors {
            guard let text = vector.extraction?.recipe else { continue }
            let dataset: Dataset
            do {
                dataset = try ExtractionRecipe(json: text, name: "the vector's recipe").dataset
            } catch {
                problems.append(error.message)
                continue
            }
            questions += dataset.questions.filter { !questions.contains($0) }
            markers.positive += dataset.markers.positive
            markers.negative += dataset.markers.negative
        }
    }
}
