import Foundation
import GGUF
import Safetensors
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// The engine against a float32 pass of the dequantised weights, on the real default model.
@Suite struct GoldenStatesTests {
    struct Prompt: Decodable {
        let ids: [TokenID]
        let greedy: [TokenID]
        let meanLoss: Double

        enum CodingKeys: String, CodingKey {
            case ids, greedy
            case meanLoss = "nll_mean"
        }
    }

    let model: TransformerModel
    let prompts: [Prompt]
    let states: SafetensorsFile

    init() throws {
        model = try TransformerModel(GGUFFile(path: try smolLM2Path()))
        prompts = try fixture("smollm2/prompts.json", as: [Prompt].self)
        states = try SafetensorsFile(path: fixturePath("smollm2/states.safetensors"))
    }

    private func layers() -> Set<HookPoint> {
        Set((0..<model.configuration.layerCount).map { .residualPost(LayerIndex($0)) })
    }

    @Test(arguments: 0..<3) func hiddenStatesAndLogitsEqualTheReference(prompt: Int) throws {
        let context = try InferenceContext(model, capacity: 64, threads: 2, precision: .exact)
        let output = try context.forward(.chain(prompts[prompt].ids, captures: layers()))
        for layer in 0..<model.configuration.layerCount {
            let found = try #require(output.states[.residualPost(LayerIndex(layer))])
            let last = found.row(found.rowCount - 1)
            expectClose(
                last, try states.floats("p\(prompt).residual_post.\(layer).last"), relativeError: 5e-4,
                "layer \(layer)")
            guard prompt == 0 else { continue }
            let all = try states.floats("p0.residual_post.\(layer).all")
            for token in 0..<found.rowCount {
                expectClose(
                    found.row(token), all[token * 576..<(token + 1) * 576], relativeError: 5e-4,
                    "layer \(layer), token \(token)")
            }
        }
        guard prompt < 2 else { return }  // 200 kB each
        expectClose(
            output.logits.row(0), try states.floats("p\(prompt).logits_last"), relativeError: 5e-4, "logits")
    }

    @Test func oneTokenAtATimeGivesTheSameStatesAsAllAtOnce() throws {
        let context = try InferenceContext(model, capacity: 64, threads: 2, precision: .exact)
        var parent = Batch.Parent.root
        for (index, token) in prompts[0].ids.enumerated() {
            let output = try context.forward(
                Batch(
                    rows: [.init(token, after: parent, wantsLogits: true, isCaptured: true)],
                    captures: layers()))
            parent = .cell(output.cells[0])
            for layer in 0..<model.configuration.layerCount {
                let all = try states.floats("p0.residual_post.\(layer).all")
                let found = try #require(output.states[.residualPost(LayerIndex(layer))])
                expectClose(
                    found.row(0), all[index * 576..<(index + 1) * 576], relativeError: 5e-4,
                    "layer \(layer), token \(index)")
            }
        }
    }

    @Test(arguments: 0..<3) func greedyContinuationsEqualTheReference(prompt: Int) throws {
        let context = try InferenceContext(model, capacity: 128, threads: 2, precision: .exact)
        var output = try context.forward(.chain(prompts[prompt].ids))
        var answer: [TokenID] = []
        while answer.count < prompts[prompt].greedy.count {
            let logits = Array(output.logits.row(0))
            let best = try #require(logits.indices.max { logits[$0] < logits[$1] })
            answer.append(TokenID(Int32(best)))
            let tip = try #require(output.cells.last)
            output = try context.forward(.chain(answer.suffix(1), after: .cell(tip)))
        }
        #expect(answer == prompts[prompt].greedy)
    }

    /// Whatever was computed in between, and whether the last row begins a block of sixteen.
    @Test(arguments: [16, 17, 33, 40]) func aPromptsLastTwoRowsComputedAgainGiveTheSameBits(count: Int) throws
    {
        let tokens = (0..<count).map { TokenID(Int32(1000 + 37 * $0)) }
        let context = try InferenceContext(model, capacity: 64, threads: 2, precision: .fast)
        let first = try context.forward(.chain(tokens))
        let tip = try #require(first.cells.last)
        _ = try context.forward(.chain(tokens.prefix(3), after: .cell(tip)))
        let again = try context.forward(.chain(tokens.suffix(2), after: .cell(first.cells[count - 3])))
        #expect(Array(again.logits.row(0)) == Array(first.logits.row(0)))
    }

    @Test func meanLossWithInt8DecodeIsWithinOnePercent() throws {
        var exact = 0.0
        var fast = 0.0
        for prompt in prompts {
            let context = try InferenceContext(model, capacity: 128, threads: 2, precision: .fast)
            var parent = Batch.Parent.root
            var sum = 0.0
            for (index, token) in prompt.ids.enumerated() {
                let output = try context.forward(.chain([token], after: parent))
                parent = .cell(output.cells[0])
                if index + 1 < prompt.ids.count {
                    sum += loss(output.logits.row(0), prompt.ids[index + 1])
                }
            }
            fast += sum / Double(prompt.ids.count - 1)
            exact += prompt.meanLoss
        }
        let change = fast / exact - 1
        #expect(abs(change) <= 0.01, "int8 decode changes the mean loss by \(100 * change)%")
    }

    private func loss(_ logits: ArraySlice<Float>, _ token: TokenID) -> Double {
        let top = Double(logits.max() ?? 0)
        let sum = logits.reduce(0.0) { $0 + exp(Double($1) - top) }
        return top + log(sum) - Double(logits[logits.startIndex + token.index])
    }
}
