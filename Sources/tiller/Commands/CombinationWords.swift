import ControlVectors
import Steering
import Terms

/// What `combine` says.
struct CombinationWords {
    let paths: [String]
    /// What was added: the vectors as they were, or without what they have in common with those
    /// before, and their weights.
    let terms: [SteeringPlan.Term]
    let originals: [ControlVector]
    let sum: ControlVector
    let output: String

    /// For scripts.
    var json: JSONValue {
        [
            "output": .string(output), "layers": .layers(sum.layers),
            "vectors": .array(
                terms.indices.map { index in
                    [
                        "vector": .string(paths[index]), "weight": .number(terms[index].strength),
                        "kept": .optional(kept(index), JSONValue.number),
                        "cosineToResult": .optional(cosine(index), JSONValue.number),
                    ]
                }),
        ]
    }

    /// For people.
    func text(titleStyle: TextStyle?) -> String {
        var table = Table(.text("VECTOR"), .number("WEIGHT"), .number("KEPT"), .number("COSINE TO RESULT"))
        for index in terms.indices {
            table.append([
                paths[index], Quantity.decimal(terms[index].strength, 2),
                kept(index).map(Quantity.percent) ?? "–",
                cosine(index).map { Quantity.decimal($0, 2) } ?? "–",
            ])
        }
        return table.rendered(width: Terminal.current.width, titleStyle: titleStyle)
            + "\nlayers \(sum.layers.runs)\nwrote \(output.onOneLine)\n"
    }

    /// Which share of a vector's length is left, over all of its layers.
    private func kept(_ index: Int) -> Double? {
        let (before, after) = (Self.squares(originals[index]), Self.squares(terms[index].vector))
        return before > 0 ? min(1, (after / before).squareRoot()) : nil
    }

    private func cosine(_ index: Int) -> Double? {
        try? VectorComparison(originals[index], sum).meanCosine
    }

    private static func squares(_ vector: ControlVector) -> Double {
        // In the layers' order: a dictionary's is another in every process, and sums have last bits.
        vector.layers.reduce(0) { sum, layer in
            (vector[layer] ?? []).reduce(sum) { $0 + Double($1) * Double($1) }
        }
    }
}
