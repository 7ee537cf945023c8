import Foundation
import GGUF
import Terms
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

    /// Nor does what it says of itself, whatever command shows it.
    @Test func whatAFileSaysDoesNotSteerTheTerminal() throws {
        let folder = try TemporaryFolder()
        let controls = "\u{1B}[2J\u{9B}2J"
        let evil = folder.file("a\(controls)b.gguf")
        let file = try GGUFFile(path: MeterCommandTests.vector)
        var writer = GGUFWriter(file.metadata)
        let count = file.tensors.count
        writer.metadata["tiller.evidence.estimator"] = .array(
            GGUFArray([String](repeating: "pca" + controls, count: count)))
        for tensor in file.tensors {
            writer.add(tensor.name, shape: tensor.shape, type: tensor.type) { output in
                try output.write(file.bytes(of: tensor))
            }
        }
        try writer.write(to: evil)
        let sweep = ["sweep", "-m", try smolLM2Path(), "-v", evil, "-p", "Hi", "-n", "1", "--no-controls"]
        let commands: [[String]] = [
            ["inspect", evil], ["inspect", evil, "--tensor", file.tensors[0].name], ["validate", evil],
            ["combine", evil, "-o", folder.file("sum\(controls).gguf")], ["score", "-v", evil, "Fine."],
            ["score", "-v", evil, "-v", MeterCommandTests.vector, "Fine."], ["compare", evil, evil],
            ["generate", "-p", "Hi", "-n", "2", "--meter", evil], ["chat"],
            sweep + ["--strengths", "0", "--temp", "0"], ["runs"], ["runs", "compare", "1", "1"],
            ["runs", "show", "1"],
        ]
        for words in commands {
            // Sweeps are kept in a place of their own; models are where they are.
            let environment = ["sweep", "runs"].contains(words[0]) ? ["TILLER_HOME": folder.path] : [:]
            let run = try TillerProcess(
                words, environment: environment, input: "/vector \(evil):0.1\n/meter \(evil)\n/meter\n")
            #expect(run.status == 0 && !run.output.isEmpty, "\(words[0]): \(run.errors)")
            #expect(
                !(run.output + run.errors).unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" },
                "\(words[0]): \(run.output.debugDescription)")
        }
    }
}
