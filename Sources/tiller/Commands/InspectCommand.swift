import ArgumentParser
import ControlVectors
import Conversion
import GGUF
import Safetensors
import Steering
import Terms

/// `tiller inspect`
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a file is: model, vector, dataset, preset, heads or safetensors.")

    @Argument(help: "The file, a checkpoint's folder, or the name of a fetched model.")
    var file: String

    @Flag(name: .customLong("tensors"), help: "List the tensors.")
    var showsTensors = false

    @Option(help: ArgumentHelp("Show a tensor's numbers.", valueName: "name"))
    var tensor: String?

    @Option(help: "With --tensor: which rows, for example 0-3.")
    var rows: String?

    @Option(
        name: .customLong("plot"),
        help: ArgumentHelp(
            "Draw a vector's evidence: a picture for browsers, in their light or dark colours, or a PNG (by rsvg-convert).",
            valueName: "OUT.svg|OUT.png"))
    var plotPath: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if rows != nil, tensor == nil { throw ValidationError("--rows goes with --tensor") }
        if plotPath != nil, showsTensors || tensor != nil {
            throw ValidationError(
                "--plot draws a vector's evidence; it does not go with --tensors or --tensor")
        }
    }

    func run() throws {
        let plotFile = try plotPath.map { path throws(TillerError) in try PlotFile(path) }
        let inspection = try inspection()
        if let plotFile { try draw(inspection, to: plotFile) }
        try output.print(json: json(of: inspection), text: text(of: inspection))
    }

    private func json(of inspection: any Inspection) -> JSONValue {
        var json = inspection.json
        if let plotPath { json.append("plot", .string(plotPath)) }
        return json
    }

    private func text(of inspection: any Inspection) -> String {
        let text = inspection.text(titleStyle: output.titleStyle)
        guard let plotPath else { return text }
        return text + (text.hasSuffix("\n") ? "" : "\n") + "wrote \(plotPath.onOneLine)"
    }

    /// Draws the evidence of a vector that has some.
    private func draw(_ inspection: any Inspection, to plotFile: PlotFile) throws {
        guard let inspection = inspection as? VectorInspection else {
            throw ValidationError("--plot goes with a control vector; \(file) is something else")
        }
        guard let record = inspection.vector.extraction, !record.evidence.isEmpty else {
            throw TillerError.unusableInput(
                path: file, reason: "it carries no evidence to draw, as vectors of other tools do not",
                remedy: "tiller extract -d DATASET -o \(ShellCommand.quoted(file))")
        }
        let plot = EvidencePlot(
            title: String(inspection.path.split(separator: "/").last ?? "").onOneLine,
            layers: inspection.vector.layers, record: record)
        try plotFile.write(plot, refusing: [inspection.path] + KeptRuns.files)
    }

    private func inspection() throws -> any Inspection {
        let path = try ModelStore.find(file)
        let rows = try RowRange(parsing: rows ?? "0-3")
        if FileSystem.isFolder(path) {
            let source = try openModel(path: path)
            if let tensor { return try TensorRows(tensor, of: source, rows: rows) }
            return ModelInspection(file: source, showsTensors: showsTensors)
        }
        switch try FileKind(of: path) {
        case .gguf:
            let file = try GGUFFile(path: path)
            if let tensor { return try TensorRows(tensor, of: file, rows: rows) }
            if !showsTensors, VectorInspection.isVector(file) {
                return VectorInspection(path: path, vector: try ControlVector(file))
            }
            return ModelInspection(file: file, showsTensors: showsTensors)
        case .json:
            guard !showsTensors, tensor == nil else {
                throw ValidationError("\(showsTensors ? "--tensors" : "--tensor"): \(file) has no tensors")
            }
            return try jsonInspection(path)
        case .safetensors:
            let file = try SafetensorsFile(path: path)
            if let tensor { return try TensorRows(tensor, of: file, rows: rows) }
            return SafetensorsInspection(file: file, showsTensors: showsTensors)
        }
    }

    private func jsonInspection(_ path: String) throws -> any Inspection {
        switch SteeringFileKind(path: path) {
        case .dataset:
            let dataset = try Dataset(path: path)
            return DatasetInspection(
                path: path, dataset: dataset, findings: DatasetLint.findings(in: dataset))
        case .preset: return PresetInspection(path: path, preset: try SteeringPreset(path: path))
        case .heads: return HeadsInspection(path: path, heads: try HeadDefinition.read(path: path))
        }
    }
}
