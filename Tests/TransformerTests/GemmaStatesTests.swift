import Foundation
import GGUF
import Safetensors
import Terms
import Testing
import _TestSupport

@testable import Transformer

/// Gemma3-270M against transformers' float32 pass of the same weights, across the edge of the sliding window.
///
/// The model is 253 MB, so that it is not fetched for every run of the tests:
/// `./scripts/test --all-models` does.
@Suite(.enabled(if: gemmaPath() != nil, "tiller pull gemma3-270m, or ./scripts/test --all-models"))
struct GemmaStatesTests {
    private struct Prompt: Decodable {
        let ids: [TokenID]
        let meanLoss: Double
        let next: TokenID

        enum CodingKeys: String, CodingKey {
            case ids, next
            case meanLoss = "nll_mean"
        }
    }

    private let model: TransformerModel
    private let prompts: [Prompt]
    private let states: SafetensorsFile

    init() throws {
        model = try TransformerModel(GGUFFile(path: try #require(gemmaPath())))
        prompts = try fixture("gemma3/prompts.json", as: [Prompt].self)
        states = try SafetensorsFile(path: fixturePath("gemma3/states.safetensors"))
    }

    @Test(arguments: 0..<4) func statesOfEveryLayerEqualTheReference(prompt: Int) throws {
        let context = try InferenceContext(model, capacity: 1024, threads: 2, precision: .exact)
        let hooks = (0..<model.configuration.layerCount).map { HookPoint.residualPost(LayerIndex($0)) }
        var batch = Batch.chain(prompts[prompt].ids, captures: Set(hooks))
        for row in batch.rows.indices.dropLast() { batch.rows[row].isCaptured = false }
        let output = try context.forward(batch)
        for hook in hooks {
            let found = try #require(output.states[hook])
            expectClose(
                found.row(0), try states.floats("p\(prompt).\(hook.name)"), relativeError: 5e-4, hook.name)
        }
        let logits = output.logits.row(0)
        #expect(
            logits.indices.max { logits[$0] < logits[$1] } == logits.startIndex + prompts[prompt].next.index)
    }

    @Test(arguments: [(Precision.exact, 1e-4), (.fast, 0.015)])
    func theLikelihoodOfTheTextsIsTheReferences(precision: Precision, bound: Double) throws {
        let context = try InferenceContext(model, capacity: 1024, threads: 2, precision: precision)
        var (found, expected, count) = (0.0, 0.0, 0)
        for prompt in prompts {
            context.reset()
            let output = try context.forward(.chain(prompt.ids, logits: .all))
            for (row, next) in prompt.ids.dropFirst().enumerated() {
                let logits = output.logits.row(row).map(Double.init)
                let largest = logits.max() ?? 0
                let sum = logits.reduce(0) { $0 + exp($1 - largest) }
                found += largest + log(sum) - logits[next.index]
            }
            expected += prompt.meanLoss * Double(prompt.ids.count - 1)
            count += prompt.ids.count - 1
        }
        let difference = (found / expected - 1).magnitude
        #expect(difference < bound, "mean NLL \(found / Double(count)), expected \(expected / Double(count))")
    }
}

private func gemmaPath() -> String? {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["TILLER_HOME"] ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.cache/tiller"
    let folder = home + "/models/gemma3-270m"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.first { $0.hasSuffix(".gguf") }.map { folder + "/" + $0 }
}
