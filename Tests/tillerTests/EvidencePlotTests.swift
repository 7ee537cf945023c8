import ControlVectors
import Foundation
import Terms
import Testing
import _TestSupport

@testable import tiller

/// Pictures of a vector's evidence: the drawing itself, and the files that `inspect --plot` writes.
@Suite(.serialized) struct EvidencePlotTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func plot(_ title: String = "happy.gguf") throws -> EvidencePlot {
        let vector = try ControlVector(path: MeterCommandTests.vector)
        return EvidencePlot(
            title: title, layers: vector.layers, record: try #require(vector.extraction))
    }

    /// Evidence as files of other sizes have it; without verdicts where no accuracy is known.
    private static func planted(
        _ layers: ClosedRange<Int>, dose: Double, accuracy: Double?, heldOutPairs: Double? = nil
    ) -> EvidencePlot {
        let places = layers.map { LayerIndex($0) }
        var evidence: [LayerIndex: LayerEvidence] = [:]
        for layer in places {
            evidence[layer] = LayerEvidence(
                pairAccuracy: accuracy, dose: dose, accuracyInterval: accuracy.map { $0 - 0.1...$0 },
                heldOutPairs: heldOutPairs)
        }
        return EvidencePlot(
            title: String(repeating: "a very long name ", count: 10), layers: places,
            record: ExtractionRecord(
                toolVersion: "1", method: "mean", readout: "last", scale: .natural, layers: .standard,
                evidence: evidence))
    }

    @Test func cosinesBelowZeroHaveAPlace() throws {
        func hasPlace(_ cosine: Double) -> Bool {
            let record = ExtractionRecord(
                toolVersion: "1", method: "mean", readout: "last", scale: .natural, layers: .standard,
                evidence: [1: LayerEvidence(cosineToMean: 1), 2: LayerEvidence(cosineToPrevious: cosine)])
            return EvidencePlot(title: "v", layers: [1, 2], record: record).svg(in: .light).contains(
                ">-1.00<")
        }
        #expect(hasPlace(-0.5) && !hasPlace(0.5))
    }

    private func inspect(_ plot: String, environment: [String: String] = [:]) throws -> TillerProcess {
        try TillerProcess(
            ["inspect", MeterCommandTests.vector, "--json", "--plot", plot], environment: environment)
    }

    // MARK: - The drawing

    @Test func bothColoursAreOfOneDrawing() throws {
        func drawing(_ svg: String) throws -> Substring {
            try svg[#require(svg.range(of: "</style>")).upperBound...]
        }
        let (readers, light) = (try plot().svg(in: .ofReader), try plot().svg(in: .light, pixelWidth: 720))
        #expect(try drawing(readers) == drawing(light))
        #expect(readers.contains("prefers-color-scheme:dark") && readers.contains("var(--ink)"))
        // What librsvg does not know.
        #expect(!light.contains("var(") && !light.contains("@media") && light.contains(".page{fill:#fff}"))
    }

    /// A piece of text: where it is, in the widest letters that a reader is likely to have.
    private struct Label {
        let words: String
        let across: ClosedRange<Double>
        let down: ClosedRange<Double>

        func covers(_ other: Label) -> Bool { across.overlaps(other.across) && down.overlaps(other.down) }
    }

    private func labels(of svg: String) throws -> [Label] {
        let pattern = try Regex<(Substring, Substring, Substring, Substring, Substring)>(
            #"<text class="([a-z ]+)" x="([0-9.]+)" y="([0-9.]+)">([^<]*)</text>"#)
        return try svg.matches(of: pattern).map { match in
            let words = match.output.4
            let styles = match.output.1.split(separator: " ")
            let size = styles.contains("t") ? 13.0 : styles.contains("n") ? 10 : 11
            let width = size * 0.62 * Double(words.count)
            let (x, y) = (try #require(Double(match.output.2)), try #require(Double(match.output.3)))
            let left = styles.contains("e") ? x - width : styles.contains("m") ? x - width / 2 : x
            return Label(
                words: String(words), across: left...left + width, down: y - 0.75 * size...y + 0.2 * size)
        }
    }

    @Test(arguments: [
        planted(9...24, dose: 0.119, accuracy: 0.99), planted(5...5, dose: 12, accuracy: 0.5),
        planted(1...127, dose: 4321, accuracy: nil), planted(1...2, dose: .infinity, accuracy: 0.7),
        planted(1...3, dose: 0, accuracy: 1),
    ])
    func noWordsCoverOthersOrLeaveThePicture(_ plot: EvidencePlot) throws {
        let svg = plot.svg(in: .light)
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        let labels = try labels(of: svg)
        #expect(labels.count > 30)
        let height = try #require(
            try Regex<(Substring, Substring)>(#"viewBox="0 0 360 ([0-9]+)""#).firstMatch(in: svg)
                .flatMap { Double($0.output.1) })
        for (index, label) in labels.enumerated() {
            #expect(label.across.lowerBound >= 0 && label.across.upperBound <= 360, "\(label.words)")
            #expect(label.down.upperBound <= height, "\(label.words)")
            for other in labels[(index + 1)...] {
                #expect(!label.covers(other), "\(label.words) and \(other.words)")
            }
        }
    }

    @Test func pairsAreCalledUnseenOnlyWhereSomeWereHeldOut() {
        for (count, name) in [(0.0, "Pairs of the fit"), (3, "Unseen pairs")] {
            let svg = Self.planted(1...3, dose: 1, accuracy: 0.9, heldOutPairs: count).svg(in: .light)
            #expect(svg.contains(">\(name) (band:") && svg.contains("Unseen pairs") == (count > 0))
        }
    }

    // MARK: - Files

    @Test func aPNGHasThreeDotsForEachUnitOfTheDrawing() throws {
        let (png, svg) = (folder.file("happy.PNG"), folder.file("happy.svg"))
        for path in [png, svg] {
            let run = try inspect(path)
            #expect(run.status == 0, "\(run.output)")
        }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: png)))
        try #require(bytes.count > 33)
        #expect(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        #expect(String(decoding: bytes[12..<16], as: UTF8.self) == "IHDR")
        func number(at offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        let drawing = try String(contentsOfFile: svg, encoding: .utf8)
        #expect(number(at: 16) == 3 * 360)
        #expect(drawing.contains("viewBox=\"0 0 360 \(number(at: 20) / 3)\"") && number(at: 20) % 3 == 0)
        #expect(folder.names == ["happy.PNG", "happy.svg"])
    }

    @Test func whatWasDrawnIsSaid() throws {
        let path = folder.file("happy.svg")
        #expect(try inspect(path).json()["plot"] as? String == path)
        let vector = fixturePath("../../vectors/smollm2-135m-instruct/happy.gguf")
        #expect(try TillerProcess(["inspect", vector, "--plot", path]).output.hasSuffix("\nwrote \(path)\n"))
        #expect(try TillerProcess(["inspect", vector, "--json"]).json()["plot"] == nil)
    }

    @Test(arguments: [["--tensors"], ["--tensor", "direction.14"]])
    func aPictureDoesNotGoWithTensors(_ options: [String]) throws {
        let run = try TillerProcess(
            ["inspect", MeterCommandTests.vector, "--plot", folder.file("happy.svg")] + options)
        #expect(run.status == 2 && run.errors.contains("it does not go with --tensors"), "\(run.errors)")
        #expect(!run.errors.contains("something else") && folder.names.isEmpty)
    }

    @Test func withoutTheProgramNothingIsWrittenAndTheRemedyIsNamed() throws {
        let run = try inspect(folder.file("happy.png"), environment: ["PATH": folder.path])
        #expect(run.status == 1)
        let error = try run.jsonError()
        #expect(error["code"] as? String == "noTool")
        let fix = try #require(error["fix"] as? String)
        #expect(fix.contains("apt install librsvg2-bin") && fix.contains(folder.file("happy.svg")))
        #expect(folder.names.isEmpty)
        // An SVG needs no other program.
        let svg = try inspect(folder.file("happy.svg"), environment: ["PATH": folder.path])
        #expect(svg.status == 0, "\(svg.output)")
    }

    @Test(arguments: [
        ("echo 'no such font' >&2; exit 1", "no such font"), ("exit 3", "status 3"), ("exit 0", "status 0"),
        ("cat; echo half >&2", "half"), ("kill -9 $$", "a signal"),
    ])
    func aProgramThatFailsLeavesTheFileAsItWas(_ script: String, _ words: String) throws {
        let path = try folder.write("happy.png", "what was there")
        let tools = try TemporaryFolder()
        _ = try tools.write("rsvg-convert", "#!/bin/sh\n\(script)\n", isExecutable: true)
        let run = try inspect(path, environment: ["PATH": tools.path + ":/usr/bin:/bin"])
        #expect(run.status == 1)
        let error = try run.jsonError()
        #expect(error["code"] as? String == "pictureFailed")
        #expect((error["message"] as? String)?.contains(words) == true, "\(error)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "what was there")
        #expect(folder.names == ["happy.png"])
    }

    @Test(arguments: [
        ("talk.jpg", "talk.svg"), ("png", "png.svg"), ("a.b/c", "a.b/c.svg"), ("a/", "a/plot.svg"),
    ])
    func aNameOfAnotherFormatIsRefusedBeforeAnythingIsRead(_ name: String, _ fix: String) throws {
        let error = #expect(throws: TillerError.self) { try PlotFile(name) }
        #expect(error?.remedy == "--plot \(fix)" && error?.message.contains(name) == true)
        let run = try TillerProcess(["inspect", folder.file("none.gguf"), "--json", "--plot", name])
        #expect(run.status == ExitStatus.badUsage)
        #expect(try run.jsonError()["code"] as? String == "badUsage")
    }
}
