public import ControlVectors
import Foundation

/// Everything that decides what an extraction gives, but the model: the dataset and every choice.
///
/// Its JSON is what a vector's file holds as `tiller.recipe`, so that the file alone is enough to extract the vector again
/// on another model.
public struct ExtractionRecipe: Sendable, Equatable {
    /// The prompts.
    public var dataset: Dataset

    /// How directions are found.
    public var method: ExtractionMethod = .automatic

    /// The layers that get a direction.
    public var layers: LayerSelection = .standard

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

/// Which token's hidden state is kept of a prompt.
public enum Readout: String, Sendable, CaseIterable, Codable {
    /// The last one's.
    case last
}

extension ExtractionRecipe: Encodable {
    enum Field: String, CaseIterable, CodingKey {
        case format, dataset, method, layers, readout, scale, seed, heldOutShare
    }

    /// The version of the text form.
    static let format = 1

    /// Writes every choice, defaults included: they may change, a recipe may not.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Field.self)
        try container.encode(Self.format, forKey: .format)
        try container.encode(dataset, forKey: .dataset)
        try container.encode(method.rawValue, forKey: .method)
        try container.encode(layers, forKey: .layers)
        try container.encode(readout, forKey: .readout)
        try container.encode(scale, forKey: .scale)
        try container.encode(seed, forKey: .seed)
        try container.encode(heldOutShare, forKey: .heldOutShare)
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
        let text = try JSONText(Array(json.utf8), name: name)
        let fields = try JSONFields(
            try JSONParser.parse(text), of: text, known: Field.allCases.map(\.rawValue))
        let format = try fields.number(Field.format.rawValue, as: Int.self)
        guard format == Self.format else {
            throw SteeringError(
                .invalidValue,
                "\(fields.place(Field.format.rawValue)): a recipe of format \(format.map(String.init) ?? "unknown"); "
                    + "this version reads \(Self.format)",
                remedy: "use a newer version of tiller")
        }
        guard let node = fields.node(Field.dataset.rawValue) else {
            throw fields.missing(Field.dataset.rawValue, "extract the vector again from its dataset")
        }
        self.init(try Dataset(node, of: text, path: Field.dataset.rawValue, defaultName: "dataset"))
        method = try fields.choice(.method, of: ExtractionMethod.allCases) ?? method
        readout = try fields.choice(.readout, of: Readout.allCases) ?? readout
        scale = try fields.choice(.scale, of: ScaleConvention.allCases) ?? scale
        seed = try fields.number(Field.seed.rawValue, as: UInt64.self) ?? seed
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
            do {
                self.layers = try LayerSelection(layers)
            } catch {
                throw SteeringError(
                    .invalidValue, "\(fields.place(Field.layers.rawValue)): \(error.message)",
                    remedy: error.remedy)
            }
        }
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
