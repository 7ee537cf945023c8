import Testing

@testable import tiller

@Suite struct ProcessStatusTests {
    @Test func aFieldIsWhatStandsBehindItsName() {
        let status = "Name:\ttiller\nVmHWM:\t   1234 kB\nVmRSS:\t  12 kB\n"
        #expect(ProcessStatus.field("VmHWM", in: status) == "1234 kB")
        #expect(ProcessStatus.field("Vm", in: status) == nil)
        #expect(ProcessStatus.field("VmHWM", in: "") == nil)
    }

    @Test func thePeakIsWhatLinuxSays() throws {
        let said = try #require(ProcessStatus.field("VmHWM", in: ProcessStatus.text()))
        let kilobytes = try #require(Int(said.prefix { $0 != " " }))
        #expect(ProcessStatus.peakResidentBytes() >= kilobytes * 1024)
    }
}
