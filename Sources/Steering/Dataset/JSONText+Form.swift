import Terms

extension JSONText {
    /// What a text is meant to be, which decides how much of it there may be and what repairs it.
    enum Form {
        /// Prompts.
        case dataset
        /// Rules to steer by.
        case preset
        /// Readout heads.
        case heads
        /// A file of another tool.
        case imported
        /// What a vector's file carries: nobody can edit it there.
        case recipe

        /// The most that is read: of prompts a hundred thousand pairs of a page each, of
        /// what is written by hand 1 MB.
        var greatestByteCount: Int {
            switch self {
            case .dataset, .imported, .recipe: 256 << 20
            case .preset, .heads: 1 << 20
            }
        }

        /// What repairs a text of a wrong form.
        ///
        /// - Parameter ofDataset: What is said of datasets; it helps no other.
        func remedy(_ ofDataset: String) -> String {
            switch self {
            case .dataset: ofDataset
            case .preset: SteeringPreset.example
            case .heads: HeadDefinition.example
            case .imported: "tiller import --help says what the files of each form hold"
            case .recipe: ExtractionRecipe.remedy
            }
        }

        /// A text of this form in a sentence.
        var name: String {
            switch self {
            case .dataset: "a dataset"
            case .preset: "a preset"
            case .heads: "a file of heads"
            case .imported: "a file to import"
            case .recipe: "a recipe"
            }
        }

        /// Refuses what is more than a text of this form has.
        func check(_ byteCount: Int, name file: String) throws(SteeringError) {
            guard byteCount > greatestByteCount else { return }
            throw SteeringError(
                .fileTooLarge, "\(file): \(byteCount) bytes; \(name) has at most \(greatestByteCount)",
                remedy: self == .imported
                    ? "split it into several files" : remedy("split it into several datasets"))
        }
    }

    /// The bytes of a file, which is looked at no further where it is too large.
    static func bytes(of path: String, form: Form) throws(SteeringError) -> [UInt8] {
        let file: FileContents
        do {
            file = try FileContents(path: path)
        } catch {
            throw SteeringError(.unreadableFile, error.message, remedy: error.remedy)
        }
        try form.check(file.bytes.count, name: path)
        return Array(file.bytes)
    }
}
