import CKernels
import GGUF
import Testing
import _TestSupport

@testable import Transformer

/// When the mean of the last activations is taken, and of what.
@Suite struct MeanColumnTests {
    private static func configuration() throws -> ModelConfiguration {
        try TransformerModel(GGUFFile(path: try smolLM2Path())).configuration
    }

    @Test func itIsTakenWhenSearchesHaveCostAsMuch() throws {
        let configuration = try Self.configuration()
        let mean = try MeanColumn(configuration)
        var taken: [Int] = []
        for number in 0..<200 {
            if mean.isDue {
                mean.take(.int8)
                taken.append(number)
            }
            #expect((mean.column != nil) == !taken.isEmpty)
            mean.note([Float](repeating: Float(number), count: configuration.hiddenSize), cost: 0.25)
        }
        // At a cost of 2, and of 16.
        #expect(taken == [8, 64])
        let column = try #require(mean.column)
        // Of 0 ... 63.
        #expect((0..<configuration.hiddenSize).allSatisfy { column.values[$0] == 31.5 })
        #expect(column.quants[0] == 127 && (column.scales[0] * 127 - 31.5).magnitude < 1e-5)
    }

    @Test func whatCostsNothingHasNoMean() throws {
        let configuration = try Self.configuration()
        let mean = try MeanColumn(configuration)
        for _ in 0..<100 { mean.note([Float](repeating: 1, count: configuration.hiddenSize), cost: 0) }
        #expect(!mean.isDue && mean.column == nil)
    }

    /// A model that breaks once must not lose its bounds for good.
    @Test func whatIsNotANumberIsLeftOut() throws {
        let configuration = try Self.configuration()
        let mean = try MeanColumn(configuration)
        var broken = [Float](repeating: 2, count: configuration.hiddenSize)
        for _ in 0..<8 { mean.note(broken, cost: 1) }
        broken[5] = .nan
        mean.note(broken, cost: 1)
        mean.take(.int8)
        let column = try #require(mean.column)
        #expect((0..<configuration.hiddenSize).allSatisfy { column.values[$0] == 2 })
    }
}
