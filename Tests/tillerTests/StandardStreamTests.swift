import Foundation
import Testing
import _TestSupport

@testable import tiller

@Suite struct StandardStreamTests {
    /// The file's name clears the screen of whoever reads it.
    @Test func whatAFileIsCalledDoesNotSteerTheTerminal() throws {
        let folder = try TemporaryFolder()
        let (plain, evil) = (MeterCommandTests.vector, folder.file("a\u{1B}[2J\u{9B}2Jb.gguf"))
        try FileManager.default.copyItem(atPath: plain, toPath: evil)
        let warned = try TillerProcess(["combine", plain, evil + ":-0.5", "-o", folder.file("sum.gguf")])
        #expect(warned.status == 0 && warned.errors.contains("warning: "), "\(warned.errors)")
        let shifted = folder.file("shifted.gguf")
        #expect(try TillerProcess(["shift", plain, "--layers=2", "-o", shifted]).status == 0)
        let compared = try TillerProcess(["compare", shifted, evil])
        #expect(compared.output.contains("only in ") && compared.output.contains("b.gguf: "))
        for text in [warned.errors, compared.output] {
            #expect(
                !text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" }, "\(text.debugDescription)"
            )
        }
    }
}
