import GGUF

/// What divides a model's rotary frequencies, as its file brings them. [dimensionCount / 2]
struct RotaryFactors: Sendable {
    /// For all texts.
    var all: [Float]?
    /// For texts within the context of the first training.
    var short: [Float]?
    /// For longer ones.
    var long: [Float]?

    /// The factors for texts of up to `textLength` tokens.
    func factors(_ settings: RotarySettings, textLength: Int) -> [Float]? {
        guard case .long(let original, _) = settings.scaling else { return all }
        return textLength > original ? long : short
    }
}

extension RotarySettings {
    /// The positions that can be computed with the factors for texts of up to
    /// `textLength` tokens; nil for all.
    func positionLimit(textLength: Int) -> Int? {
        guard case .long(let original, _) = scaling, textLength <= original else { return nil }
        return original
    }
}

extension WeightReader {
    /// The rotary factors of a file; models of most families have none.
    func rotaryFactors(_ configuration: ModelConfiguration) throws(TransformerError) -> RotaryFactors {
        guard case .rotary(let settings, _) = configuration.positions else { return RotaryFactors() }
        func factors(_ name: String) throws(TransformerError) -> [Float]? {
            guard has(name) else { return nil }
            let values = try values(name, count: settings.dimensionCount / 2)
            guard values.allSatisfy({ $0.isFinite && $0 > 0 }) else {
                throw .inconsistentHyperparameters(
                    file: file.path, key: name, found: "a factor that is not above 0",
                    expected: "finite numbers above 0")
            }
            return values
        }
        var all = RotaryFactors(all: try factors(TensorName.ropeFactors))
        if case .long = settings.scaling {
            all.long = try factors(TensorName.longRopeFactors)
            guard let short = try factors(TensorName.shortRopeFactors) else {
                throw .missingTensor(file: file.path, name: TensorName.shortRopeFactors)
            }
            all.short = short
        }
        return all
    }
}
