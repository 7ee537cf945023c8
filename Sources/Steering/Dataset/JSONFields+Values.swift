import ControlVectors

/// Values that are more than a text or a number.
extension JSONFields {
    /// A number that is finite; JSON has no other, but "1e999" reads as infinity.
    func finite(_ name: String) throws(SteeringError) -> Double? {
        guard let value = try number(name, as: Double.self) else { return nil }
        guard value.isFinite else { throw invalid(name, "a number that is too large") }
        return value
    }

    /// A strength, 1 where none is given.
    func strength(_ name: String) throws(SteeringError) -> Double {
        try StrengthList.finite(try number(name, as: Double.self) ?? 1, place(name))
    }

    /// A strength, or the word for the one that the vector's calibration allows; 1 where none is given.
    func vectorStrength(_ name: String) throws(SteeringError) -> VectorStrength {
        guard case .string(let text) = node(name)?.value else { return .number(try strength(name)) }
        guard let strength = try? VectorStrength(text), case .automatic = strength else {
            throw invalid(name, "\"\(text)\", expected a number, \"auto\" or \"-auto\"")
        }
        return strength
    }

    /// A share from 0 to 1, 1 where none is given; more than 1 overshoots, and up to 2 that may be meant.
    func amount(_ name: String) throws(SteeringError) -> Double {
        let value = try finite(name) ?? 1
        guard (0...2).contains(value) else { throw invalid(name, "\(value), expected 0-2") }
        return value
    }

    /// One number, or a list of them.
    func numbers(_ name: String) throws(SteeringError) -> [Double]? {
        guard let node = node(name) else { return nil }
        guard case .array(let elements) = node.value else { return try finite(name).map { [$0] } }
        var values: [Double] = []
        for element in elements {
            guard case .number(let digits) = element.value, let value = Double(digits), value.isFinite else {
                throw invalid(name, "\(element.kind) in the list, expected numbers")
            }
            values.append(value)
        }
        return values
    }

    /// A range of layers: "9-24", "30%-80%", or the number of one.
    func layers(_ name: String) throws(SteeringError) -> LayerSelection? {
        guard let node = node(name) else { return nil }
        if case .number(let digits) = node.value { return try selection(digits, in: name) }
        guard let text = try string(name) else { return nil }
        return try selection(text, in: name)
    }

    /// A range of layers that stands in a field.
    func selection(_ text: String, in name: String) throws(SteeringError) -> LayerSelection {
        do {
            return try LayerSelection(text)
        } catch {
            throw invalid(name, error.message, remedy: error.remedy)
        }
    }

    /// One of some words.
    func choice<Choice: RawRepresentable<String>>(
        _ name: String, of all: [Choice]
    ) throws(SteeringError) -> Choice? {
        guard let text = try string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else { throw unknownChoice(name, text, all) }
        return choice
    }

    /// Some of some words.
    func choices<Choice: RawRepresentable<String>>(
        _ name: String, of all: [Choice]
    ) throws(SteeringError) -> [Choice] {
        var choices: [Choice] = []
        for text in try strings(name) ?? [] {
            guard let choice = Choice(rawValue: text) else { throw unknownChoice(name, text, all) }
            choices.append(choice)
        }
        return choices
    }

    /// An object whose fields are not known beforehand.
    func dictionary(_ name: String) throws(SteeringError) -> JSONFields? {
        guard let node = node(name) else { return nil }
        return try JSONFields(foreign: node, of: text, path: path(of: name))
    }

    /// The path of a vector that is an empty text.
    func emptyPath(_ name: String) -> SteeringError {
        invalid(name, "it is empty", remedy: "write the path of a vector file")
    }

    /// A value that makes no sense, with its place.
    func invalid(_ name: String, _ found: String, remedy: String? = nil) -> SteeringError {
        SteeringError(.invalidValue, "\(place(name)): \(found)", remedy: remedy)
    }

    private func unknownChoice<Choice: RawRepresentable<String>>(
        _ name: String, _ text: String, _ all: [Choice]
    ) -> SteeringError {
        invalid(name, "\"\(text)\", expected \(all.map(\.rawValue).joined(separator: ", "))")
    }
}
