import ControlVectors
import Foundation
import GGUF
import Generation
import Steering
import Terms
import Transformer

/// The dials of a chat: which vectors and rules steer and how strongly, and which ones read.
extension ChatLoop {
    /// One line for each vector, with the layers where it is not in all of its own, and one for the preset.
    var vectorLines: [String] {
        let vectors = session.vectors.map(ChatWords.dial)
        let preset = [self.preset].compactMap { $0.map { ChatWords.preset($0.name) } }
        return vectors.isEmpty && preset.isEmpty ? ["no vectors"] : vectors + preset
    }

    /// What would steer the next answer; none where nothing would.
    var dialWords: [String] { SteeringWords(vectors: session.vectors, preset: preset).dials }

    private func place(of name: String) throws -> Int {
        guard let place = session.vectors.firstIndex(where: { $0.name == name }) else {
            let known = session.vectors.map(\.name)
            throw TillerError.badUsage(
                message: "there is no vector \(name) in this chat",
                remedy: Suggestion.closest(to: name, among: known).map { "did you mean \($0)?" }
                    ?? (known.isEmpty
                        ? "/vector FILE adds one" : "there are: " + known.joined(separator: ", ")))
        }
        return place
    }

    func setStrength(_ strength: VectorStrength, of name: String?) throws {
        guard !session.vectors.isEmpty else {
            throw TillerError.badUsage(
                message: "there is no vector to steer with", remedy: "/vector FILE:STRENGTH")
        }
        let places = try name.map { [try place(of: $0)] } ?? Array(session.vectors.indices)
        // All of them or none: one that is not calibrated has no strength to take.
        let numbers = try places.map { place in
            let vector = session.vectors[place]
            let path = vector.path ?? vector.name
            return try number(strength, for: vector.term.vector, path: path, layers: vector.term.layers)
        }
        for (place, number) in zip(places, numbers) { session.vectors[place].term.strength = number }
        try sayDials()
    }

    /// How things stand, and which of the vectors pull against each other.
    ///
    /// - Parameter replaced: A dial that another has taken the place of, where that may have been
    ///   meant to stand beside it.
    private func sayDials(replacing replaced: String? = nil) throws {
        let end = replaced.map { "; replaces \($0)" } ?? ""
        try say(vectorLines.joined(separator: ", ") + end)
        ConflictWarning.say(
            among: session.vectors.map(\.term) + (preset?.terms ?? []),
            named: session.vectors.map(\.name) + (preset?.termNames ?? []),
            layerCount: session.model.transformer.configuration.layerCount)
    }

    func addVector(_ text: String) throws {
        let placed = PlacedText(text)
        let specification = try placed.specification(option: "/vector")
        let vector = try load(specification.path)
        let place = URL(fileURLWithPath: specification.path).standardizedFileURL
        let known = session.vectors.firstIndex {
            $0.path.map { URL(fileURLWithPath: $0).standardizedFileURL } == place
        }
        // A vector that gets another strength stays where it is.
        let layers = placed.layers ?? known.flatMap { session.vectors[$0].term.layers } ?? self.layers
        let strength = try number(
            specification.strength, for: vector, path: specification.path, layers: layers)
        let term = SteeringPlan.Term(vector, strength: strength, layers: layers)
        // Refused here, before the next question has been typed.
        _ = try SteeringPlan([term], for: session.model.transformer.configuration)
        // In other layers it may have been meant to be added.
        let replaced = known.map { session.vectors[$0] }.flatMap { $0.term.layers == layers ? nil : $0 }
        if let known {
            session.vectors[known].term = term
        } else {
            let name = VectorMeter.name(of: specification.path, beside: session.vectors.map(\.name))
            session.vectors.append(ChatSession.Vector(name: name, term: term, path: specification.path))
        }
        try sayDials(replacing: replaced.map(ChatWords.dial))
    }

    func removeVectors(_ name: String?) throws {
        if let name {
            session.vectors.remove(at: try place(of: name))
        } else {
            session.vectors = []
        }
        try say(vectorLines.joined(separator: ", "))
    }

    /// Steers by the rules of a file, or by none.
    func setPreset(_ path: String?) throws {
        try use(
            path.map {
                try LoadedPreset(
                    SteeringPreset(path: $0), path: $0, for: session.model, forced: isForced,
                    answering: .chat(system: nil))
            })
        try sayDials()
    }

    /// A meter of a vector that steers, by its name, or of a file.
    func addMeter(_ text: String) throws {
        let known = session.vectors.first { $0.name == text }
        if known == nil { try VectorMeter.checkPath(text, option: "/meter") }
        let vector = try known?.term.vector ?? load(text)
        func meter(named name: String) throws -> Meter {
            try Meter(vector, name: name, for: session.model.transformer.configuration)
        }
        // Its own name is free where it is there already.
        let taken = try watchers.meters.filter { try meter(named: $0.name) != $0 }.map(\.name)
        let name = VectorMeter.name(of: known?.name ?? text, beside: taken)
        let meter = try meter(named: name)
        if meter.scale == .projection { warn("\(name): \(VectorMeter.noScale)") }
        watchers.meters.removeAll { $0.name == name }
        watchers.meters.append(meter)
        try say("meters: " + watchers.meters.map(\.name.onOneLine).joined(separator: ", "))
    }

    /// The number for a strength, and what a person should know of it.
    private func number(
        _ strength: VectorStrength, for vector: ControlVector, path: String, layers: LayerSelection?
    ) throws -> Double {
        let file = session.model.file
        let fingerprint = try ModelFingerprint(of: file)
        let number = try strength.number(for: vector, path: path, on: fingerprint, modelPath: file.path)
        strength.sayLayers(layers, path: path)
        strength.sayForm(of: vector, path: path, for: .chat(system: nil))
        strength.sayBreaking(of: vector, path: path, layers: layers, on: fingerprint)
        return number
    }

    private func load(_ path: String) throws -> ControlVector {
        let file = session.model.file
        let vector = try FittingVector.load(
            path, for: try ModelFingerprint(of: file), modelPath: file.path, forced: isForced)
        inputs.append(path)
        return vector
    }
}
