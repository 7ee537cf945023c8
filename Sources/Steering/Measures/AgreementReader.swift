import ControlVectors
import LinearAlgebra
import Synchronization
import Terms
import Transformer

/// Reads answers plain, under words and under vectors: all readings of an answer are one batch.
struct AgreementReader {
    private let context: InferenceContext
    /// What takes each vector away, and what adds it.
    private let plans: [[Intervention]]

    /// - Parameters:
    ///   - dose: The sum over layers of dose at which each vector is read.
    ///   - texts: What says how long hidden states are.
    init(
        _ vectors: [ControlVector], dose: Double, along texts: [[TokenID]], in context: InferenceContext
    ) throws {
        self.context = context
        let layers = Set(vectors.flatMap(\.layers)).sorted()
        context.reset()
        var batch = Batch(captures: Set(layers.map { .residualPost($0) }), lastLayer: layers.last)
        for text in texts { batch.append(text, isCaptured: true) }
        let states = try context.forward(batch).states
        let lengths = layers.reduce(into: [LayerIndex: Double]()) { lengths, layer in
            guard let read = states[.residualPost(layer)] else { return }
            lengths[layer] = (0..<read.rowCount).map { norm(read.row($0)) }.sorted()[read.rowCount / 2]
        }
        plans = try vectors.flatMap { vector in
            let whole = vector.layers.reduce(0) { sum, layer in
                sum + norm((vector[layer] ?? [])[...]) / (lengths[layer] ?? .infinity)
            }
            return try [-dose / whole, dose / whole].map {
                try SteeringPlan([.init(vector, strength: $0)], for: context.model.configuration)
                    .interventions
            }
        }
    }

    /// The products of each vector's change, over the answer's tokens.
    ///
    /// - Parameter prompts: The question alone, with the trait asked for, and with its opposite.
    func read(_ answer: [TokenID], after prompts: [[TokenID]]) throws -> [ChangeProducts] {
        context.reset()
        var batch = Batch(plans: plans)
        for prompt in prompts { batch.append(prompt + answer.dropLast(), wantedLogits: answer.count) }
        for plan in plans.indices {
            batch.append(prompts[0] + answer.dropLast(), plan: plan, wantedLogits: answer.count)
        }
        let logits = try context.forward(batch).logits
        let vectors = plans.count / 2
        let products = Mutex([[ChangeProducts]](repeating: [], count: answer.count))
        context.forEach(below: answer.count) { place in
            func row(_ reading: Int) -> ArraySlice<Float> { logits.row(reading * answer.count + place) }
            func change(_ start: Int, _ end: Int) -> [Float] { zip(row(start), row(end)).map { $1 - $0 } }
            let weights = NextTokenDistribution(row(0)).probabilities
            let asking = change(2, 1)
            let found = (0..<vectors).map { vector in
                ChangeProducts(of: asking, change(3 + 2 * vector, 4 + 2 * vector), under: weights)
            }
            products.withLock { $0[place] = found }
        }
        let found = products.withLock { $0 }
        return (0..<vectors).map { vector in found.reduce(ChangeProducts()) { $0 + $1[vector] } }
    }
}

/// Inner products of what asking changes and what a vector changes, summed over next tokens.
struct ChangeProducts: Equatable {
    var ofAsking = 0.0
    var ofVector = 0.0
    var mixed = 0.0

    init(ofAsking: Double = 0, ofVector: Double = 0, mixed: Double = 0) {
        self.ofAsking = ofAsking
        self.ofVector = ofVector
        self.mixed = mixed
    }

    /// The covariances of two changes of logits under a next token's probabilities: what shifts all
    /// logits alike changes no odds.
    init(of asking: [Float], _ vector: [Float], under weights: [Float]) {
        var (askingMean, vectorMean) = (0.0, 0.0)
        for index in weights.indices {
            let (weight, a, b) = (Double(weights[index]), Double(asking[index]), Double(vector[index]))
            askingMean += weight * a
            vectorMean += weight * b
            ofAsking += weight * a * a
            ofVector += weight * b * b
            mixed += weight * a * b
        }
        ofAsking -= askingMean * askingMean
        ofVector -= vectorMean * vectorMean
        mixed -= askingMean * vectorMean
    }

    var cosine: Double {
        let lengths = (ofAsking * ofVector).squareRoot()
        return lengths > 0 ? min(max(mixed / lengths, -1), 1) : 0
    }

    static func + (left: Self, right: Self) -> Self {
        Self(
            ofAsking: left.ofAsking + right.ofAsking, ofVector: left.ofVector + right.ofVector,
            mixed: left.mixed + right.mixed)
    }

    static func - (left: Self, right: Self) -> Self {
        Self(
            ofAsking: left.ofAsking - right.ofAsking, ofVector: left.ofVector - right.ofVector,
            mixed: left.mixed - right.mixed)
    }
}

extension Batch {
    /// Adds a text, of which the last rows want logits.
    fileprivate mutating func append(
        _ text: [TokenID], plan: Int? = nil, wantedLogits: Int = 0, isCaptured: Bool = false
    ) {
        for (place, token) in text.enumerated() {
            rows.append(
                Row(
                    token, after: place == 0 ? .root : .row(rows.count - 1), plan: plan,
                    wantsLogits: place >= text.count - wantedLogits, isCaptured: isCaptured))
        }
    }
}
