import ArgumentParser
import ControlVectors
import Conversion
import GGUF
import Safetensors
import Steering

/// `tiller inspect`
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Say what a file is: a model, a vector, a dataset, or safetensors.")

    @Argument(help: "The file, a checkpoint's folder, or the name of a fetched model.")
    var file: String

    @Flag(name: .customLong("tensors"), help: "List the tensors.")
    var showsTensors = false

    @Option(help: ArgumentHelp("Show a tensor's numbers.", valueName: "name"))
    var tensor: String?

    @Option(help: "With --tensor: which rows, for example 0-3.")
    var rows: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if rows != nil, tensor == nil { throw ValidationError("--rows goes with --tensor") }
    }

    func run() throws {
        let inspection = try inspection()
        try output.print(json: inspection.json, text: inspection.text(titleStyle: output.titleStyle))
    }

    private func inspection() throws -> any Inspection {
        let path = try ModelStore.standard().resolve(file)
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
            let dataset = try Dataset(path: path)
            return DatasetInspection(
                path: path, dataset: dataset, findings: DatasetLint.findings(in: dataset))
        case .safetensors:
            let file = try SafetensorsFile(path: path)
            if let tensor { return try TensorRows(tensor, of: file, rows: rows) }
            return SafetensorsInspection(file: file, showsTensors: showsTensors)
        }
    }
}
