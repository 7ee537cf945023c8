import ControlVectors
import GGUF
import Generation
import Quantization
import Steering
import Terms
import Transformer

/// A sweep as the command line describes it, with the controls that the vectors' recipes allow.
struct SweepSetup {
    let model: LanguageModel
    private let vectors: LoadedVectors
    private let names: [String]
    private let style: PromptStyle
    private let datasets: [VectorDataset]

    var strengths: [Double] = []
    var sampling = SamplingOptions.standard
    var maximumTokens = Calibrator.standardLength
    var isExact = false
    /// Whether answers stand beside those of a random vector and of the trait in words.
    /// Set before the prompts are.
    var hasControls = true
    private var prompts: [Sweep.Prompt] = []
    /// For each vector the same prompts with its trait asked for in words.
    private var instructed: [[SweepCell.Side: [[TokenID]]]] = []
    private var whyNot: [String?] = []
    /// For each vector the beginnings of answers whose odds are asked behind the prompts.
    private var choices: [[ForcedChoice]] = []

    init(model: LanguageModel, vectors: LoadedVectors, names: [String], style: PromptStyle) {
        self.model = model
        self.vectors = vectors
        self.names = names
        self.style = style
        datasets = vectors.vectors.map(VectorDataset.init)
    }

    /// What a person should know of what was left out.
    var notes: [String] {
        var notes = datasets.compactMap(\.problem)
        for (name, reason) in zip(names, whyNot) {
            if let reason { notes.append("\(name): nothing to compare with in words: \(reason)") }
        }
        return notes
    }

    /// Takes the prompts that were given, or the vectors' own questions, and writes them
    /// with and without instructions.
    mutating func setPrompts(_ given: [String]?) throws {
        var texts = given ?? []
        if given == nil {
            for question in datasets.flatMap(\.questions) where !texts.contains(question) {
                texts.append(question)
            }
        }
        guard !texts.isEmpty else {
            throw TillerError.unusableInput(
                path: names.joined(separator: ", "),
                reason: "there is no prompt, and the vector brings no questions",
                remedy: "pass one with -p, or a file of them with --prompts")
        }
        prompts = try texts.map { Sweep.Prompt(text: $0, tokens: try style.tokens(of: $0, for: model)) }
        // Chats end as their template does, raw prompts as they were written.
        let prompt = style.isRaw ? [] : prompts.first?.tokens ?? []
        choices = try datasets.map { try $0.dataset?.forcedChoices(with: model, behind: prompt) ?? [] }
        guard hasControls else {
            instructed = datasets.map { _ in [:] }
            whyNot = datasets.map { _ in nil }
            return
        }
        for dataset in datasets {
            do {
                let found = try instructions(of: dataset, asking: texts)
                instructed.append(found)
                whyNot.append(nil)
            } catch let missing as NoInstruction {
                instructed.append([:])
                whyNot.append(missing.reason)
            }
        }
    }

    /// The tokens of the longest prompt, with or without instructions.
    var longestPrompt: Int { prompts.indices.map(tokenCount).max() ?? 0 }

    /// What that prompt says.
    var longestPromptText: String {
        prompts.indices.max { tokenCount(of: $0) < tokenCount(of: $1) }.map { prompts[$0].text } ?? ""
    }

    /// The tokens of a prompt, or of it with the longest instruction.
    private func tokenCount(of prompt: Int) -> Int {
        let all = [prompts[prompt].tokens] + instructed.flatMap { $0.values.map { $0[prompt] } }
        return all.map(\.count).max() ?? 0
    }

    /// Tokens of the longest prompt behind which choices are forced, which has no instructions.
    var longestForcedPrompt: Int { prompts.map(\.tokens.count).max() ?? 0 }

    /// Tokens of the longest side of a forced choice; 0 where none is forced.
    var longestChoice: Int {
        choices.joined().map { max($0.positive.count, $0.negative.count) }.max() ?? 0
    }

    /// Tokens of the longest text that ends in a forced choice, whose last token is asked for and not read.
    var longestForcedText: Int { longestForcedPrompt + max(0, longestChoice - 1) }

    /// Tokens of the longest text that the model reads: a prompt with its answer, or with
    /// one side of a forced choice.
    var longestText: Int { max(longestPrompt + maximumTokens, longestForcedText) }

    /// The sweep, and its report without answers.
    func sweep() throws -> (Sweep, SweepReport) {
        let fingerprint = try ModelFingerprint(of: model.file)
        let subjects = try vectors.vectors.indices.map(subject)
        let sweep = Sweep(
            prompts: prompts, strengths: strengths, subjects: subjects,
            circumstances: .init(
                modelDigest: fingerprint.computationDigest(of: model.file),
                // Lesser kernels, which somebody has asked for, are to be seen at work.
                toolVersion: [Tiller.version, KernelChoice.lesser].compactMap(\.self).joined(separator: " "),
                sampling: sampling, maximumTokens: maximumTokens, isExact: isExact,
                takesLongFactors: model.transformer.configuration.positions.takesLongFactors(
                    textLength: longestText)))
        let path = model.file.path
        return (
            sweep,
            SweepReport(
                toolVersion: Tiller.version,
                model: .init(
                    name: path.split(separator: "/").last.map(String.init) ?? path,
                    summary: fingerprint.summary, digest: fingerprint.digest),
                vectors: try vectors.vectors.indices.map { try description(of: $0, subjects[$0]) },
                prompts: prompts.map(\.text), strengths: sweep.strengths, sampling: sampling,
                maximumTokens: maximumTokens,
                conditions: .init(system: style.system, isRaw: style.isRaw, isExact: isExact))
        )
    }

    private func subject(_ index: Int) throws -> Sweep.Subject {
        let (vector, term) = (vectors.vectors[index], vectors.terms[index])
        let configuration = model.transformer.configuration
        func plan(_ vector: ControlVector) -> @Sendable (Double) throws -> SteeringPlan {
            { strength in
                try SteeringPlan(
                    [.init(vector, strength: strength * term.strength, layers: term.layers)],
                    for: configuration)
            }
        }
        func digest(_ vector: ControlVector) -> String {
            "\(vector.digest) \(term.strength) \(term.layers?.description ?? "")"
        }
        var subject = Sweep.Subject(digest: digest(vector), plan: plan(vector))
        if hasControls {
            let twin = try vector.randomTwin(seed: sampling.seed)
            subject.random = .init(digest: digest(twin), plan: plan(twin))
        }
        subject.instructed = instructed[index]
        subject.measurer.projection = TraitProjection(vector)
        subject.measurer.markers = datasets[index].markers
        subject.measurer.choices = choices[index]
        return subject
    }

    private func description(of index: Int, _ subject: Sweep.Subject) throws -> SweepReport.Vector {
        let dataset = datasets[index].dataset
        return SweepReport.Vector(
            name: names[index], digest: vectors.vectors[index].digest,
            layers: try subject.plan(1).steeredLayers, meterLayers: subject.measurer.projection?.layers ?? [],
            instructions: instructed[index].isEmpty
                ? [] : SweepCell.Side.allCases.compactMap { dataset?.instruction(for: $0)?.text },
            whyNoInstructions: whyNot[index])
    }

    // MARK: - The trait in words

    private struct NoInstruction: Error {
        var reason: String
    }

    private func instructions(
        of dataset: VectorDataset, asking texts: [String]
    ) throws -> [SweepCell.Side: [[TokenID]]] {
        guard let dataset = dataset.dataset else { throw NoInstruction(reason: "it carries no recipe") }
        guard !dataset.isRaw || style.isRaw else {
            throw NoInstruction(reason: "its recipe's prompts are raw text, and no part of a chat")
        }
        var found: [SweepCell.Side: [[TokenID]]] = [:]
        for side in SweepCell.Side.allCases {
            guard let instruction = dataset.instruction(for: side) else {
                throw NoInstruction(reason: "its recipe has ready-made pairs, and no persona to ask for")
            }
            found[side] = try texts.map { try tokens(instruction, asking: $0) }
        }
        return found
    }

    private func tokens(_ instruction: TraitInstruction, asking text: String) throws -> [TokenID] {
        var style = style
        let user = instruction.user(asking: text)
        if style.isRaw {
            return try style.tokens(
                of: [instruction.system, user].compactMap { $0 }.joined(separator: "\n\n"), for: model)
        }
        // What was asked for stays: the trait is asked for beside it.
        let turns = [style.system, instruction.system].compactMap { $0 }
        if !turns.isEmpty { style.system = turns.joined(separator: "\n\n") }
        do {
            return try style.tokens(of: user, for: model)
        } catch {
            // The prompts themselves went through the template: it is the system turn that it does not take.
            guard instruction.system != nil else { throw error }
            throw NoInstruction(reason: "the model's chat template takes no system turn")
        }
    }
}
