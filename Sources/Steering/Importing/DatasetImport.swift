import ControlVectors

/// Contrastive prompts of other tools as a dataset.
///
/// Each form has a file of its own; none of them knows about models. What a form cannot say (a name, personas
/// for a list of suffixes) comes from the properties.
public struct DatasetImport: Sendable {
    /// The forms that are known; the raw value is what `--from` takes.
    public enum Kind: String, Sendable, CaseIterable {
        /// repeng's pairs: a JSON list of `{"positive", "negative"}`, or of lists of two.
        case repeng
        /// The suffix list of repeng's notebooks: a JSON list of texts, made into prompts by personas.
        case repengSuffixes = "repeng-suffixes"
        /// llama.cpp's two text files, one prompt a line.
        case llamaCpp = "llama.cpp"
        /// A trait file of persona_vectors: instructions for and against, and questions.
        case personaVectors = "persona_vectors"
        /// A behaviour or condition file of activation-steering (CAST).
        case activationSteering = "cast"
        /// steerkit's lines of prompt, positive and negative response.
        case steerkit
    }

    /// A dataset and how it came about.
    public struct Outcome: Sendable, Equatable {
        /// What was made.
        public var dataset: Dataset
        /// The form of the files.
        public var kind: Kind
        /// What was left out or decided, for people.
        public var notes: [String]
    }

    /// The form; nil to tell it from the first file.
    public var kind: Kind?
    /// The dataset's name; the first file's by default.
    public var name: String?
    /// The user turn for `repengSuffixes`, with `{persona}` in it.
    public var template: String?
    /// Personas for `repengSuffixes`, or the field of the positive side for a condition file of CAST.
    public var positive: [String] = []
    /// Their opposites.
    public var negative: [String] = []

    /// An import that tells forms by itself.
    public init(kind: Kind? = nil) {
        self.kind = kind
    }

    /// Reads files of one form; the first says which one it is.
    ///
    /// - Throws: `unreadableFile`, `unknownForm`, `missingInput`, and all that datasets
    ///   throw, with file and field.
    public func run(_ paths: [String]) throws(SteeringError) -> Outcome {
        guard let path = paths.first else {
            throw SteeringError(.missingInput, "there is no file to import", remedy: "name one")
        }
        let file = try ForeignFile(path: path)
        let kind = if let kind { kind } else { try Self.detect(file) }
        let most = [.llamaCpp, .personaVectors, .activationSteering].contains(kind) ? 2 : 1
        guard paths.count <= most else {
            throw SteeringError(
                .missingInput,
                "\(paths[most]): a dataset of \(kind.rawValue) is \(most) file\(most == 1 ? "" : "s")",
                remedy: most == 1
                    ? "import the files one by one" : "name the \(most) files that belong together")
        }
        try refuseUnused(by: kind)
        let other = paths.count > 1 ? try ForeignFile(path: paths[1]) : nil
        return switch kind {
        case .repeng: try repeng(file)
        case .repengSuffixes: try repengSuffixes(file)
        case .llamaCpp: try llamaCpp(file, other)
        case .personaVectors: try personaVectors(file, other)
        case .activationSteering: try activationSteering(file, other)
        case .steerkit: try steerkit(file)
        }
    }

    /// Personas and a template that a form has no use for were meant for another file.
    private func refuseUnused(by kind: Kind) throws(SteeringError) {
        let given =
            [
                ("--template", template != nil, [.repengSuffixes]),
                ("--positive", !positive.isEmpty, [.repengSuffixes, .activationSteering]),
                ("--negative", !negative.isEmpty, [.repengSuffixes, .activationSteering]),
            ] as [(String, Bool, [Kind])]
        for (option, isGiven, kinds) in given where isGiven && !kinds.contains(kind) {
            throw SteeringError(
                .unusedInput,
                "\(option) has no place in a dataset of \(kind.rawValue), which brings its own texts",
                remedy: "leave it out, or name a list of suffixes")
        }
    }

    private static func detect(_ file: ForeignFile) throws(SteeringError) -> Kind {
        if file.isTextFile { return .llamaCpp }
        if file.isLines { return .steerkit }
        let text = try file.json()
        let node = try JSONParser.parse(text)
        switch node.value {
        case .array(let elements):
            switch elements.first?.value {
            case .string: return .repengSuffixes
            case .array: return .repeng
            case .object(let members):
                let keys = Set(members.map(\.key))
                if keys.contains("positive_response") { return .steerkit }
                if keys.isSuperset(of: ["positive", "negative", "prompt"]) { throw isTillers(file) }
                if keys.isSuperset(of: ["positive", "negative"]) { return .repeng }
            default: break
            }
        case .object(let members):
            let keys = Set(members.map(\.key))
            if keys.contains("instruction") { return .personaVectors }
            if keys.contains("compliant_responses") || keys.contains("train") { return .activationSteering }
            if keys.contains("positive_response") { return .steerkit }
            if !keys.isDisjoint(with: ["template", "pairs", "instructions"]) {
                throw isTillers(file)
            }
        default: break
        }
        throw SteeringError(
            .unknownForm, "\(file.path): it is no form of prompts that is known here",
            remedy: "say which one with --from: \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    private static func isTillers(_ file: ForeignFile) -> SteeringError {
        SteeringError(
            .unknownForm, "\(file.path): it is a dataset of Tiller already",
            remedy: "tiller extract -d \(ShellCommand.quoted(file.path)) -o VECTOR.gguf")
    }
}
