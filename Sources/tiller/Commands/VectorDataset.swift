import ControlVectors
import Steering

/// What the dataset of a vector brings for trying it: open questions, marker words, and its trait in words.
struct VectorDataset {
    /// The dataset; nil for vectors of other tools, which carry no recipe, and for those
    /// whose recipe cannot be read.
    var dataset: Dataset?
    /// What is wrong with a recipe that could not be read: a vector can be used without it.
    var problem: String?

    /// Reads the recipe that a vector carries.
    init(of vector: ControlVector) {
        guard let text = vector.extraction?.recipe else { return }
        do {
            dataset = try ExtractionRecipe(json: text, name: "the vector's recipe").dataset
        } catch {
            problem = error.message
        }
    }

    /// Open questions, unseen by the extraction.
    var questions: [String] { dataset?.questions ?? [] }

    /// Words to count.
    var markers: Markers { dataset?.markers ?? Markers() }
}
