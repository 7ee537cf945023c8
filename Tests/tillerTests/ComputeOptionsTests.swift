import Testing

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
}
