import Foundation
import Testing
import _TestSupport

@testable import tiller

@Suite struct UnchangedFileTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = try folder.write("v.gguf", "old")
    }

    @Test func aFileThatIsReplacedByAnEqualOneIsUnchanged() throws {
        let file = try UnchangedFile(path)
        try file.check(whileIt: "calibrated")
        try FileManager.default.removeItem(atPath: path)
        _ = try folder.write("v.gguf", "old")
        try file.check(whileIt: "calibrated")
    }

    @Test(arguments: ["new", "older", ""])
    func aFileWithOtherContentsHasChanged(_ contents: String) throws {
        let file = try UnchangedFile(path)
        _ = try folder.write("v.gguf", contents)
        let error = #expect(throws: TillerError.self) { try file.check(whileIt: "calibrated") }
        #expect(
            error?.message == "\(path): it was changed while it was calibrated, so nothing was written")
    }

    @Test func aFileThatIsGoneIsNotWrittenAgain() throws {
        let file = try UnchangedFile(path)
        try FileManager.default.removeItem(atPath: path)
        let error = #expect(throws: TillerError.self) { try file.check(whileIt: "calibrated") }
        #expect(error?.message.contains("it was removed") == true)
    }
}
