import Conversion
import Testing
import Transformer
import _TestSupport

@testable import tiller

@Suite struct ComputeOptionsTests {
    @Test(arguments: [
        ("Name:\ttiller\nCpus_allowed:\tff,ffffffff\nCpus_allowed_list:\t0-39\n", 40),
        ("Cpus_allowed:\t1\n", 1), ("Cpus_allowed:\t00000000,0000000a\n", 2),
    ])
    func theProcessorsThatAProcessMayUseAreCounted(_ status: String, _ count: Int) {
        #expect(ComputeOptions.allowedProcessors(inStatus: status) == count)
    }

    @Test(arguments: ["", "Cpus_allowed_list:\t0-39\n", "Cpus_allowed:\t0\n"])
    func aStatusThatSaysNothingIsNoCount(_ status: String) {
        #expect(ComputeOptions.allowedProcessors(inStatus: status) == nil)
    }

    @Test func noTextIsLongerThanTheLearnedPositions() throws {
        let model = try TransformerModel(CheckpointSource(path: fixturePath("families/gpt2")))
        for (contextSize, longest) in [(256, 64), (16, 16), (nil, 64)] {
            var options = ComputeOptions()
            options.contextSize = contextSize
            #expect(try options.longestText(for: model) == longest)
        }
        let full = Failure(ComputeOptions.tooLong(70, in: 64, for: model))
        #expect(full.code == "contextOverflow" && full.message.contains("64 positions"))
        #expect(full.fix?.contains("raise") == false)
        #expect(Failure(ComputeOptions.tooLong(70, in: 16, for: model)).fix?.contains("-c") == true)
    }
}
