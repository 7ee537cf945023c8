import CKernels
import Terms

/// A model being run: its KV cache, its buffers and its worker threads.
///
/// Not `Sendable`: one thread at a time uses a context. Several contexts can share one model.
public final class InferenceContext {
    /// The model that is run.
    public let model: TransformerModel
    /// How products are computed.
    public let precision: Precision
    /// How many tokens the KV cache holds.
    public let capacity: Int
    /// How many threads compute.
    public let threadCount: Int

    private let weights: ModelWeights
    private let interleaved: InterleavedWeights?
    var tree: CellTree
    private let cache: KeyValueCache
    private let pool: WorkerPool
    private let scratch: Scratch
    private var embeddingLookups = 0
    private var lastHooks: (plans: [[Intervention]], hooks: CompiledHooks)?
    private var logitsMemory = LogitsMemory()
    private let vector: tl_vector_kernels
    private let attention: tl_attention_kernels
    private let panels: tl_panel_kernels
    /// How positions turn queries and keys; nil where they are learned vectors.
    var rotary: RotaryEmbedding?
    /// The same for blocks that see only a sliding window.
    var localRotary: RotaryEmbedding?
    /// How many tokens one text can have at all: positions from here on cannot be computed. Nil where there
    /// is no end but the capacity.
    public let positionLimit: Int?

    /// Rows that pass through the model at once; longer batches are cut. With experts
    /// every row has several places.
    private static func rowsPerPass(_ configuration: ModelConfiguration) -> Int {
        configuration.experts == nil ? 576 : 128
    }

    /// Room for `capacity` tokens and `threads` workers over a model.
    ///
    /// - Parameter textLimit: The longest single text, where the cache holds several; it decides which rotary
    ///   factors a model with two sets of them takes. Nil where one text may fill the cache.
    /// - Parameter repacks: Whether a fast context repacks the weights at load, which makes it faster and
    ///   takes memory of the weights' size; the contexts of one model share it.
    public init(
        _ model: TransformerModel, capacity: Int, threads: Int, precision: Precision, textLimit: Int? = nil,
        repacks: Bool = true
    ) throws(TransformerError) {
        guard (1...Self.highestCapacity).contains(capacity) else {
            throw .invalidSetting(
                name: "context size", found: String(capacity), expected: "1-\(Self.highestCapacity)")
        }
        try Self.checkThreads(threads)
        let instructions = tl_best_instruction_set()
        guard let vector = tl_vector_kernels_for(instructions),
            let attention = tl_attention_kernels_for(instructions),
            let panels = tl_panel_kernels_for(instructions)
        else {
            throw .invalidSetting(name: "instruction set", found: "none", expected: "scalar or AVX2")
        }
        self.model = model
        self.precision = precision
        self.capacity = capacity
        threadCount = threads
        self.vector = vector.pointee
        self.attention = attention.pointee
        self.panels = panels.pointee
        let configuration = model.configuration
        tree = CellTree(capacity: capacity)
        cache = try KeyValueCache(
            configuration, capacity: capacity, isHalf: precision == .fast, vector: vector.pointee)
        pool = WorkerPool(count: threads)
        guard pool.count == threads else {
            throw .invalidSetting(
                name: "threads", found: String(threads), expected: "1-\(pool.count): the system gives no more"
            )
        }
        interleaved = precision == .fast && repacks ? model.interleavedWeights(pool) : nil
        weights = interleaved?.weights ?? model.weights
        scratch = try Scratch(
            model, rowCapacity: min(Self.rowsPerPass(configuration), capacity), contextCapacity: capacity,
            workerCount: threads, boundsLogits: weights.output.matrix.boundsProducts)
        switch configuration.positions {
        case .rotary(let settings, let local):
            let text = textLimit ?? capacity
            let pairing = configuration.traits.rotaryPairing ?? .halves
            rotary = RotaryEmbedding(
                pairing: pairing, settings: settings,
                factors: model.rotaryFactors.factors(settings, textLength: text))
            localRotary = RotaryEmbedding(
                pairing: pairing, settings: local,
                factors: configuration.traits.hasLocalRotary
                    ? nil : model.rotaryFactors.factors(local, textLength: text))
            positionLimit = settings.positionLimit(textLength: text)
        case .learned(let count):
            rotary = nil
            localRotary = nil
            positionLimit = count
        }
    }

    /// The bytes of matrices that a token reads where its likeliest successors alone are wanted
    /// (`Batch.likeliestOnly`), as they lie in memory here: every matrix of every block once, of a block's
    /// experts as many as a token meets, and the output matrix, of which, where its products are bounded, the
    /// first part alone: what is read besides to be sure hangs on the text. What is left out is small beside
    /// it: the token's row of the embedding, norms and biases.
    public var bytesPerToken: Int {
        weights.byteCount(
            expertCount: model.configuration.experts?.usedCount ?? 0, of: \.readByteCount)
    }

    /// Whether the likeliest tokens of a row are found by bounds.
    var boundsLogits: Bool { weights.output.matrix.boundsProducts }

    /// Whether these leave out what the columns so far have in common.
    var knowsMeanColumn: Bool { scratch.likeliest.first?.mean.column != nil }

    /// A broken engine, for tests: what is to be changed is not.
    var ignoresInterventions = false

    /// The same, where what is to be added is to come with a block's last product.
    var ignoresAdditions = false

    private static let highestCapacity = 1 << 24
    /// More threads than that no context takes.
    public static let highestThreadCount = 512

    /// Refuses a number of threads that no context takes, for whoever wants to know before there is a model.
    ///
    /// - Parameter name: What people call it where they give it.
    public static func checkThreads(_ count: Int, name: String = "threads") throws(TransformerError) {
        guard (1...highestThreadCount).contains(count) else {
            throw .invalidSetting(
                name: name, found: String(count), expected: "1-\(highestThreadCount)")
        }
    }

    /// Computes a batch and keeps its rows in the cache.
    ///
    /// All blocks are computed, or those up to the batch's `lastLayer`. On an error the
    /// cache is as it was before.
    ///
    /// - Parameter store: Gets the captured rows, at the hook points that the batch captures, and the output
    ///   has none; nil puts them into the output.
    public func forward(
        _ batch: Batch, appendingTo store: StateStore? = nil
    ) throws(TransformerError) -> BatchOutput {
        let capturedCount = batch.captures.isEmpty ? 0 : batch.rows.count { $0.isCaptured }
        let hooks = try compiledHooks(
            ignoresInterventions ? batch.withoutInterventions : batch, capturedRows: capturedCount, store)
        let probe = try ChangeProbe(batch, hiddenSize: model.configuration.hiddenSize)
        let width = model.configuration.vocabularySize
        let (rows, logitsRows) = try place(batch)
        var logits = try logitsMemory.take(rowCount: logitsRows.count, width: width)
        logits.withUnsafeMutableBufferPointer {
            run(rows, logitsRows, batch, hooks, probe, into: $0.isEmpty ? nil : $0.baseAddress)
        }
        logitsMemory.keep(logits)
        if let store {
            for (index, hook) in store.hooks.enumerated() where batch.captures.contains(hook) {
                store.advance(index, by: capturedCount)
            }
        }
        return BatchOutput(
            cells: rows.map { Cell($0.cell) },
            logits: HiddenStates(rowCount: logitsRows.count, width: width, elements: logits),
            states: store == nil ? states(of: batch, hooks, rowCount: capturedCount) : [:],
            changes: probe?.changes ?? batch.provedRows.map { _ in [] })
    }

    /// The hooks of a batch: those of the one before, where the same is steered and nothing read.
    /// An answer's tokens differ in nothing else, and two arrays that share their storage are
    /// compared without a look at it.
    private func compiledHooks(
        _ batch: Batch, capturedRows: Int, _ store: StateStore?
    ) throws(TransformerError) -> CompiledHooks {
        if batch.captures.isEmpty, let last = lastHooks, last.plans == batch.plans { return last.hooks }
        let hooks = try CompiledHooks(
            batch, model: model, capturedRows: capturedRows, store: store, ignoresAdditions: ignoresAdditions)
        lastHooks = batch.captures.isEmpty ? (batch.plans, hooks) : nil
        return hooks
    }

    /// Runs placed rows through the model, as many at a time as there is room for.
    private func run(
        _ rows: [ForwardPass.Row], _ logitsRows: [Int], _ batch: Batch, _ hooks: CompiledHooks,
        _ probe: ChangeProbe?, into logits: UnsafeMutablePointer<Float>?
    ) {
        var logitsDone = 0
        var start = 0
        while start < rows.count {
            var end = min(start + scratch.rowCapacity, rows.count)
            // A last row alone would be added up in another order (`AttentionBlock`).
            if end == rows.count - 1, end - start > 2 { end -= 1 }
            let here = logitsRows[logitsDone...].prefix { $0 < end }
            let rowsHere = Array(rows[start..<end])
            let blocks = AttentionBlock.blocks(of: rowsHere.map { tree.visibleRuns(of: $0.cell) })
            let allBlocks = AttentionBlocks(blocks)
            let localBlocks = model.configuration.slidingWindow.map { window in
                AttentionBlocks(blocks.map { $0.trimmed(to: window) })
            }
            let logitsHere = here.map { $0 - start }
            func pass(
                _ rows: [ForwardPass.Row], of rowsBefore: Int? = nil, logitsRows: [ForwardPass.Stretch]
            ) -> ForwardPass {
                ForwardPass(
                    model: model, weights: weights, precision: precision, rotary: rotary,
                    localRotary: localRotary, cache: cache, scratch: scratch, probe: probe, vector: vector,
                    attention: attention, panels: panels, hooks: hooks, rows: rows,
                    allRows: [.init(firstRow: 0, firstOutput: 0, count: rows.count)], rowsBefore: rowsBefore,
                    blocks: allBlocks, localBlocks: localBlocks ?? allBlocks,
                    letsGoOfEmbedding: readsEmbeddingByRow, lastLayer: batch.lastLayer,
                    likeliestOnly: batch.likeliestOnly, logitsRows: logitsRows,
                    logits: logits.map { $0 + logitsDone * model.configuration.vocabularySize })
            }
            let whole = pass(rowsHere, logitsRows: ForwardPass.stretches(of: logitsHere))
            let read = ForwardPass.ReadRows(
                of: rowsHere, logitsRows: logitsHere, configuration: model.configuration)
            if let read {
                let narrow = pass(read.rows, of: rowsHere.count, logitsRows: read.logitsRows)
                pool.run { worker in
                    whole.runToLastAttention(worker)
                    whole.gather(read, worker)
                    narrow.runToEnd(worker)
                }
            } else {
                pool.run { worker in
                    whole.runToLastAttention(worker)
                    whole.runToEnd(worker)
                }
            }
            letGoOfEmbedding(after: rowsHere.count)
            logitsDone += here.count
            start = end
        }
    }

    /// Whether products read a repacked copy of the embedding, so that single rows are all that
    /// is needed of the mapped one.
    private var readsEmbeddingByRow: Bool {
        interleaved != nil && weights.output.matrix.isInterleaved
    }

    /// Lets the embedding go from time to time, where it is not needed as a whole.
    private func letGoOfEmbedding(after lookups: Int) {
        guard readsEmbeddingByRow else { return }
        embeddingLookups += lookups
        guard embeddingLookups >= ForwardPass.lookupsKept else { return }
        embeddingLookups = 0
        model.letGoOfEmbedding()
    }

    /// Calls `body` with every number below `count`, on the context's threads; for work beside the passes,
    /// which sleeping threads would begin late.
    public func forEach(below count: Int, _ body: (Int) -> Void) {
        pool.run { worker in
            for number in worker.share(of: count) { body(number) }
        }
    }

    /// A place to return to.
    public struct Mark: Sendable {
        fileprivate let tree: CellTree.Mark
        fileprivate let context: ObjectIdentifier
    }

    /// The place where the cache now ends.
    public var mark: Mark { Mark(tree: tree.mark, context: ObjectIdentifier(self)) }

    /// Whether a mark is one of this context's, and nothing but rewinding has forgotten rows since.
    func holds(_ mark: Mark) -> Bool {
        mark.context == ObjectIdentifier(self) && tree.holds(mark.tree)
    }

    /// Forgets every row that was computed after `mark` was taken. It must be this
    /// context's own, and still hold.
    public func rewind(to mark: Mark) {
        precondition(holds(mark), "the mark is of another context, or of rows that were forgotten")
        revision += 1
        tree.rewind(to: mark.tree)
    }

    /// Forgets everything. Marks that were taken before no longer hold.
    public func reset() {
        revision += 1
        tree.reset()
    }

    /// Forgets every row but some and what they see. Marks that were taken before no longer hold.
    public func forget(allBut cells: some Sequence<Cell>) {
        revision += 1
        tree.forget(allBut: cells.map { Int($0.index) }.filter(tree.isAlive))
    }

    /// Counts how often rows were forgotten: whoever keeps cells can tell whether others have forgotten them.
    public private(set) var revision = 0

    /// How many further rows there is room for.
    public var freeCells: Int { capacity - tree.takenCount }

    private func states(
        of batch: Batch, _ hooks: CompiledHooks, rowCount: Int
    ) -> [HookPoint: HiddenStates] {
        var states: [HookPoint: HiddenStates] = [:]
        for hook in batch.captures {
            let number = CompiledHooks.number(of: hook, layers: model.configuration.layerCount)
            states[hook] = HiddenStates(
                rowCount: rowCount, width: model.width(of: hook),
                copying: hooks.listeners[number]?.capture?.pointer)
        }
        return states
    }
}

extension HiddenStates {
    init(rowCount: Int, width: Int, copying values: UnsafePointer<Float>?) {
        self.rowCount = rowCount
        self.width = width
        elements = values.map { Array(UnsafeBufferPointer(start: $0, count: rowCount * width)) } ?? []
    }
}

extension Batch {
    fileprivate var withoutInterventions: Batch {
        var batch = self
        batch.plans = plans.map { _ in [] }
        return batch
    }
}
