import ControlVectors
import Foundation
public import Generation
import Terms
import Transformer

/// What extractions share and keep: hidden states that several recipes read, and unfinished work in a folder,
/// from which a run goes on after its process was killed.
public final class ExtractionWork {
    /// Where unfinished work is kept; nil for nowhere.
    private let folder: String?
    private let interval: Double
    private let judgeAddress: String?
    private var journals: [StatesJournal] = []
    private var replies: [JudgeReplies] = []
    private var expected: [(recipe: ExtractionRecipe, layers: ClosedRange<LayerIndex>)] = []
    private var latest: Latest?

    /// The hidden states that an extraction has computed, and of what.
    private struct Latest {
        var prompts: SortedPrompts
        var spans: [Int]?
        var layers: ClosedRange<LayerIndex>
        var states: ReadoutStates
    }

    /// What a person should know of unfinished work that could not be used or kept.
    public private(set) var warnings: [String] = []
    /// The prompts whose hidden states an earlier run had computed, over all extractions.
    public private(set) var resumedPrompts = 0
    /// The extractions whose hidden states an extraction before had computed.
    public private(set) var sharedExtractions = 0

    /// The seconds of work before some of it is kept, where nobody says otherwise.
    public static let standardInterval = 3.0

    /// Unfinished work that nobody has gone on with for this long is removed.
    private static let keptSeconds = 7 * 24 * 3600

    /// Work that is kept in a folder, or nowhere.
    ///
    /// - Parameters:
    ///   - folder: Made where it does not exist. Stale work in it is removed.
    ///   - interval: Seconds of work before some of it is kept, and between two times.
    ///   - judgeAddress: Where the judge is reached: two servers may call two models by one name.
    ///     Only a hash of it is kept.
    public init(
        folder: String? = nil, interval: Double = ExtractionWork.standardInterval, judgeAddress: String? = nil
    ) {
        self.folder = folder
        self.interval = interval
        self.judgeAddress = judgeAddress
        if let folder { Self.removeStale(in: folder) }
    }

    /// Says which recipes will be extracted, so that recipes that differ in their layers alone
    /// share their hidden states.
    public func expect(_ recipes: [ExtractionRecipe], on model: LanguageModel) {
        for recipe in recipes {
            let count = model.transformer.configuration.layerCount
            guard let layers = try? Extraction.layers(readBy: recipe, layerCount: count) else { continue }
            if let known = expected.firstIndex(where: { $0.recipe.readsTheSame(as: recipe) }) {
                expected[known].layers = Self.hull(expected[known].layers, layers)
            } else {
                expected.append((recipe, layers))
            }
        }
    }

    /// Removes what was kept of the work: its results have been written.
    public func finish() {
        journals.forEach { $0.remove() }
        journals = []
        replies.forEach { $0.remove() }
        replies = []
    }

    // MARK: - The judge

    /// The replies of a judge to a model's answers that are kept; nil where nothing is.
    func replies(of judge: JudgeOptions, to dataset: Dataset, on model: LanguageModel) throws -> JudgeReplies?
    {
        guard let folder, Self.makeFolder(folder) else { return nil }
        var hash = XXHash64()
        hash.add(judgeAddress ?? "")
        hash.add(judge.model)
        hash.add(try ModelFingerprint(of: model.file).digest)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try encoder.encode(dataset).withUnsafeBytes { hash.update($0) }
        let kept = JudgeReplies(folder: folder, key: hash.value)
        replies.append(kept)
        return kept
    }

    // MARK: - Hidden states

    /// The hidden states of a recipe's prompts at some layers at least.
    ///
    /// - Parameter toolVersion: The version that computes them: another's unfinished work
    ///   is not gone on with.
    func states(
        _ recipe: ExtractionRecipe, _ set: ExampleSet, on model: LanguageModel, toolVersion: String,
        layers: ClosedRange<LayerIndex>, threads: Int, progress: ProgressReport
    ) throws -> ReadoutStates {
        // Recipes alone do not say it: of the model's own answers a judge may keep others
        // when it is asked again.
        if let latest, latest.prompts == set.prompts, latest.spans == set.spans,
            latest.layers.contains(layers.lowerBound), latest.layers.contains(layers.upperBound)
        {
            sharedExtractions += 1
            return latest.states
        }
        latest = nil
        let wide = expected.first { $0.recipe.readsTheSame(as: recipe) }.map { Self.hull($0.layers, layers) }
        let layers = wide ?? layers
        let journal = try journal(recipe, set, on: model, toolVersion: toolVersion, layers: layers)
        let states = try ReadoutStates(
            of: set.prompts, spans: set.spans, model: model.transformer, layers: layers, threads: threads,
            journal: journal, progress: progress)
        if let problem = journal?.problem { warnings.append(problem) }
        resumedPrompts += states.resumedPrompts
        if wide != nil {
            latest = Latest(prompts: set.prompts, spans: set.spans, layers: layers, states: states)
        }
        return states
    }

    private func journal(
        _ recipe: ExtractionRecipe, _ set: ExampleSet, on model: LanguageModel, toolVersion: String,
        layers: ClosedRange<LayerIndex>
    ) throws -> StatesJournal? {
        guard let folder, Self.makeFolder(folder) else { return nil }
        var hash = XXHash64()
        hash.add(try ModelFingerprint(of: model.file).computationDigest(of: model.file))
        hash.add(toolVersion)
        hash.add(recipe.readout.rawValue)
        hash.add(layers.lowerBound.rawValue)
        hash.add(layers.upperBound.rawValue)
        for prompt in set.prompts.prompts {
            hash.add(prompt.count)
            prompt.withUnsafeBytes { hash.update($0) }
        }
        // Of how many tokens each prompt keeps the mean: what lies in the store is whole prompts'.
        for span in set.spans ?? [] { hash.add(span) }
        let journal = StatesJournal(folder: folder, key: hash.value, interval: interval)
        journals.append(journal)
        return journal
    }

    private static func hull(
        _ left: ClosedRange<LayerIndex>, _ right: ClosedRange<LayerIndex>
    ) -> ClosedRange<LayerIndex> {
        min(left.lowerBound, right.lowerBound)...max(left.upperBound, right.upperBound)
    }

    // MARK: - The folder

    /// Makes the folder and those above it; without it the work is not kept.
    private static func makeFolder(_ path: String) -> Bool {
        if access(path, W_OK) == 0 { return true }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex,
            access(String(path[..<slash]), F_OK) != 0
        {
            guard makeFolder(String(path[..<slash])) else { return false }
        }
        return mkdir(path, 0o755) == 0 || errno == EEXIST
    }

    private static func removeStale(in folder: String) {
        guard let handle = opendir(folder) else { return }
        defer { closedir(handle) }
        let now = time(nil)
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var info = stat()
            guard name.hasSuffix(".\(StatesJournal.suffix)") || name.hasSuffix(".\(JudgeReplies.suffix)"),
                lstat("\(folder)/\(name)", &info) == 0,
                now - info.st_mtim.tv_sec > keptSeconds
            else { continue }
            unlink("\(folder)/\(name)")
        }
    }
}

extension ExtractionRecipe {
    /// Whether two recipes read the same hidden states of the same prompts, layers aside, as far as recipes
    /// can say: a judge may keep other answers the next time.
    func readsTheSame(as other: ExtractionRecipe) -> Bool {
        guard dataset == other.dataset, readout == other.readout else { return false }
        // The model's own answers are prompts too, and these decide them.
        if case .instructions = dataset.content {
            return answers == other.answers && judge == other.judge && seed == other.seed
        }
        return true
    }
}
