public import ControlVectors
import Foundation

/// Everything that decides what an extraction gives, but the model: the dataset and every choice.
///
/// Its JSON is what a vector's file holds as `tiller.recipe`, so that the file alone is enough to extract the
/// vector again on another model.
public struct ExtractionRecipe: Sendable, Equatable {
    /// The prompts.
    public var dataset: Dataset

    /// How directions are found.
    public var method: ExtractionMethod = .automatic

    /// How many components a layer's subspace has; more than 1 goes with the methods of principal components.
    public var components = 1

    /// The layers that get a direction; not looked at where `choosesLayers`.
    public var layers: LayerSelection = .standard

    /// Whether the layers are chosen by what held-out pairs say.
    public var choosesLayers = false

    /// The layers as the command line writes them: `auto`, or a selection.
    public var layerText: String { choosesLayers ? Self.automaticLayers : layers.description }

    /// Takes layers as the command line writes them.
    public mutating func setLayers(_ text: String) throws(ControlVectorError) {
        choosesLayers = text == Self.automaticLayers
        if !choosesLayers { layers = try LayerSelection(text) }
    }

    /// Finds out whether `setLayers` would take a text.
    public static func checkLayers(_ text: String) throws(ControlVectorError) {
        if text != automaticLayers { _ = try LayerSelection(text) }
    }

    static let automaticLayers = "auto"

    /// How the answers of a dataset of instructions are made and chosen; not used by other datasets.
    public var answers = AnswerOptions()

    /// Who scores those answers; nil to keep them by rules alone.
    public var judge: JudgeOptions?

    /// Which token's hidden state is kept.
    public var readout: Readout = .last

    /// The length at which directions are stored.
    public var scale: ScaleConvention = .natural

    /// Decides which sources are held out.
    public var seed: UInt64 = 0

    /// The share of sources that is held out.
    public var heldOutShare: Double = 0.2

    /// The defaults, with this dataset.
    public init(_ dataset: Dataset) {
        self.dataset = dataset
    }
}

extension ExtractionRecipe: Encodable {
    enum Field: String, CaseIterable, CodingKey {
        case format, dataset, method, components, layers, readout, scale, seed, heldOutShare, answers
        case judge
    }

    /// The version of the text form.
    static let format = 1

    /// Writes every choice, defaults included: they may change, a recipe may not.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Field.self)
        try container.encode(Self.format, forKey: .format)
        try container.encode(dataset, forKey: .dataset)
        try container.encode(method.rawValue, forKey: .method)
        if components != 1 { try container.encode(components, forKey: .components) }
        try container.encode(layerText, forKey: .layers)
        try container.encode(readout, forKey: .readout)
        try container.encode(scale, forKey: .scale)
        try container.encode(seed, forKey: .seed)
        try container.encode(heldOutShare, forKey: .heldOutShare)
        if case .instructions = dataset.content { try container.encode(answers, forKey: .answers) }
        try container.encodeIfPresent(judge, forKey: .judge)
    }

    /// The text form; equal recipes have equal texts.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension ExtractionRecipe {
    /// Reads the text form, which may come from anybody's file: every rule for datasets holds here too.
    ///
    /// - Parameter name: What errors call the text, for example `happy.gguf: tiller.recipe`.
    public init(json: String, name: String) throws(SteeringError) {
        let fields = try Self.repaired { () throws(SteeringError) in
            let text = try JSONText(Array(json.utf8), name: name, form: .recipe)
            return try JSONFields(
                try JSONParser.parse(text), of: text, known: Field.allCases.map(\.rawValue))
        }
        let format = try fields.number(Field.format.rawValue, as: Int.self)
        guard format == Self.format else {
            throw SteeringError(
                .invalidValue,
                "\(fields.place(Field.format.rawValue)): a recipe of format \(format.map(String.init) ?? "unknown"); "
                    + "this version reads \(Self.format)",
                remedy: "use a newer version of tiller")
        }
        self = try Self.repaired { () throws(SteeringError) in try ExtractionRecipe(fields) }
    }

    /// Whatever is wrong in a recipe, its vector has to be extracted again: nobody edits it in a vector's
    /// file, as datasets are edited.
    private static func repaired<Value>(
        _ read: () throws(SteeringError) -> Value
    ) throws(SteeringError) -> Value {
        do {
            return try read()
        } catch {
            throw SteeringError(error.kind, error.message, remedy: remedy)
        }
    }

    static let remedy = "extract the vector again from its dataset"

    /// Reads the fields of a recipe whose format is known.
    private init(_ fields: JSONFields) throws(SteeringError) {
        guard let node = fields.node(Field.dataset.rawValue) else {
            throw fields.missing(Field.dataset.rawValue, Self.remedy)
        }
        self.init(try Dataset(node, of: fields.text, path: Field.dataset.rawValue, defaultName: "dataset"))
        method = try fields.choice(.method, of: ExtractionMethod.allCases) ?? method
        readout = try fields.choice(.readout, of: Readout.allCases) ?? readout
        scale = try fields.choice(.scale, of: ScaleConvention.allCases) ?? scale
        seed = try fields.number(Field.seed.rawValue, as: UInt64.self) ?? seed
        if let count = try fields.number(Field.components.rawValue, as: Int.self) {
            components = try Self.checkedComponents(
                count, method: method, place: fields.place(Field.components.rawValue))
        }
        if let options = try fields.object(
            Field.answers.rawValue, known: AnswerOptions.CodingKeys.allCases.map(\.rawValue))
        {
            answers = try AnswerOptions(options)
        }
        if let options = try fields.object(
            Field.judge.rawValue, known: JudgeOptions.CodingKeys.allCases.map(\.rawValue))
        {
            judge = try JudgeOptions(options)
        }
        if let share = try fields.number(Field.heldOutShare.rawValue, as: Double.self) {
            guard (0...1).contains(share) else {
                throw SteeringError(
                    .invalidValue,
                    "\(fields.place(Field.heldOutShare.rawValue)): \(share) is not a share of 0-1",
                    remedy: "write a number from 0 to 1")
            }
            heldOutShare = share
        }
        if let layers = try fields.string(Field.layers.rawValue) {
            do throws(ControlVectorError) {
                try setLayers(layers)
            } catch {
                throw SteeringError(
                    .invalidValue, "\(fields.place(Field.layers.rawValue)): \(error.message)",
                    remedy: error.remedy)
            }
        }
    }
}

extension ExtractionRecipe {
    /// More than this are noise, and every one of them is stored.
    public static let greatestComponentCount = 64

    /// A number of components that a method can give.
    static func checkedComponents(
        _ count: Int, method: ExtractionMethod, place: String
    ) throws(SteeringError) -> Int {
        guard (1...greatestComponentCount).contains(count) else {
            throw SteeringError(
                .invalidValue, "\(place): \(count) components", remedy: "write 1 to \(greatestComponentCount)"
            )
        }
        guard count == 1 || method.givesComponents else {
            throw SteeringError(
                .invalidValue, "\(place): the method \(method) gives one direction, not \(count) components",
                remedy: "use --method pca, pca-pairs or pca-centered")
        }
        return count
    }

    /// What its choices cannot mean together.
    ///
    /// - Throws: `invalidValue`.
    public func check() throws(SteeringError) {
        _ = try Self.checkedComponents(components, method: method, place: "components")
        guard let judge else { return }
        try judge.check()
        guard case .instructions = dataset.content else {
            throw SteeringError(
                .invalidValue,
                "dataset \(dataset.name): a judge scores the model's own answers, and this dataset brings its texts with it",
                remedy: "leave out --judge, or use a dataset with \"instructions\" and \"prompts\"")
        }
    }

    /// Whether there is a judge where one is needed: answers that should be judged are
    /// never kept by rules alone.
    ///
    /// - Throws: `noJudge`.
    public func checkJudge(isThere: Bool) throws(SteeringError) {
        guard let judge, !isThere else { return }
        throw SteeringError(
            .noJudge,
            "the recipe has the model's own answers scored by \(judge.model), and there is no judge to ask",
            remedy: "say where it is: --judge URL")
    }
}

extension JSONFields {
    /// One of a set of names.
    fileprivate func choice<Value: RawRepresentable<String>>(
        _ field: ExtractionRecipe.Field, of all: [Value]
    ) throws(SteeringError) -> Value? {
        guard let text = try string(field.rawValue) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw SteeringError(
                .invalidValue, "\(place(field.rawValue)): \"\(text)\" is not known",
                remedy: "one of \(all.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }
}
