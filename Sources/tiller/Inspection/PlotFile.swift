import ControlVectors
import Terms

/// The file that a picture is written to; its name says in which format.
struct PlotFile {
    /// A format of pictures.
    enum Format: String, CaseIterable {
        case svg, png
    }

    let path: String
    let format: Format

    /// Dots from left to right in a PNG: three for each unit of the drawing, so that its
    /// text is sharp on a page.
    static let pixelWidth = 1080

    /// - Throws: `badUsage` for a name that ends otherwise.
    init(_ path: String) throws(TillerError) {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, let ending = parts.last, let format = Format(rawValue: ending.lowercased())
        else {
            throw .badUsage(
                message: "--plot is \(path), expected a name that ends in .svg or .png",
                remedy: "--plot \(ShellCommand.quoted(Self.renamed(path)))")
        }
        self.path = path
        self.format = format
    }

    /// Draws into the file; it holds the whole picture or is as it was.
    func write(_ plot: EvidencePlot, refusing inputs: [String]) throws {
        let bytes =
            switch format {
            case .svg: Array(plot.svg(in: .ofReader).utf8)
            case .png: try png(of: plot)
            }
        try AtomicFile.write(bytes, to: path, refusing: inputs)
    }

    /// The picture as `rsvg-convert` draws it. It knows no colour schemes, hence the light colours.
    private func png(of plot: EvidencePlot) throws(TillerError) -> [UInt8] {
        let tool = "rsvg-convert"
        let svg = plot.svg(in: .light, pixelWidth: Self.pixelWidth)
        guard let answer = try Subprocess.answer(of: [tool], to: Array(svg.utf8)) else {
            throw .picture(.noTool(tool), path: path)
        }
        guard answer.status == 0, answer.output.starts(with: Self.signature) else {
            let words = answer.words.isEmpty ? answer.status.map { "status \($0)" } : answer.words
            throw .picture(.toolFailed(tool, detail: words ?? "a signal ended it"), path: path)
        }
        return answer.output
    }

    /// What every PNG begins with.
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The name with the ending of the format that needs no other program.
    static func renamed(_ path: String) -> String {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else {
            return (name.isEmpty ? path + "plot" : path) + ".svg"
        }
        return path.dropLast(name[dot...].count) + ".svg"
    }
}

/// Why a picture could not be drawn.
enum PictureProblem: Error, Sendable, Equatable {
    /// The program that draws is not on the path.
    case noTool(String)
    /// It gave no picture.
    case toolFailed(String, detail: String)
}

extension PictureProblem {
    var code: String {
        switch self {
        case .noTool: "noTool"
        case .toolFailed: "pictureFailed"
        }
    }

    var message: String {
        switch self {
        case .noTool(let tool): "a PNG is drawn by \(tool), and there is none on the path"
        case .toolFailed(let tool, let detail): "\(tool) drew no picture: \(detail)"
        }
    }

    /// What repairs it for a picture of that path.
    func remedy(for path: String) -> String {
        "apt install librsvg2-bin, or --plot \(ShellCommand.quoted(PlotFile.renamed(path))), which needs no other program"
    }
}
