import Terms
import Testing

@testable import Generation
@testable import Transformer

@Suite struct StateReadingTests {
    private func states(_ values: [Float]) -> [HookPoint: HiddenStates] {
        values.enumerated().reduce(into: [:]) { states, value in
            states[.residualPost(LayerIndex(value.offset))] = HiddenStates(
                rowCount: 1, width: 1, elements: [value.element])
        }
    }

    /// A sum whose value hangs on its order: what is small is lost beside what is large.
    @Test func layersAreAddedUpFromTheFirstToTheLast() {
        let values = (0..<30).map { layer -> Float in
            switch layer % 3 {
            case 0: 0x1p60
            case 1: -0x1p60
            default: Float(layer)
            }
        }
        let weights = values.indices.reduce(into: [:]) { $0[LayerIndex($1)] = [1.0] }
        let reading = StateReading(weights: weights, offset: 0.5)
        #expect(reading.layers.map(\.index.rawValue) == Array(0..<30))
        let expected = values.reduce(0.5) { $0 + Double($1) }
        #expect(reading.value(of: states(values), row: 0) == expected)
        #expect(reading.value(of: states(Array(values.dropLast())), row: 0).isNaN)
    }
}
