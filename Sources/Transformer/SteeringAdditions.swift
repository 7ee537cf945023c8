import CKernels
import Terms

/// What is only added to the residual stream after each block, laid out so that adding it
/// costs next to nothing.
///
/// The workers read plain memory: a vector that is an array in an enumeration in an array would be retained
/// and released by all of them at every block, and that costs more than the sum itself.
final class SteeringAdditions {
    /// The vectors of one plan after one block.
    private struct Span {
        var first = 0
        var count = 0
    }

    private let width: Int
    private let planCount: Int
    private let hasAny: [Bool]
    private let spans: UnsafeMutableBufferPointer<Span>
    private let values: UnsafeMutablePointer<Float>

    /// Lays out the operations of some blocks, all of which are additions.
    ///
    /// - Parameter operations: Those after each block; nil where there are none or where others stand among
    ///   them. [layers][plans][operations]
    init(_ operations: [[[Intervention.Operation]]?], planCount: Int, width: Int) {
        self.width = width
        self.planCount = planCount
        hasAny = operations.map { $0 != nil }
        let vectors = operations.reduce(0) { sum, plans in sum + (plans ?? []).reduce(0) { $0 + $1.count } }
        spans = .allocate(capacity: operations.count * planCount)
        spans.initialize(repeating: Span())
        values = .allocate(capacity: vectors * width)
        var next = 0
        for (layer, plans) in operations.enumerated() {
            for (plan, operations) in (plans ?? []).enumerated() {
                spans[layer * planCount + plan] = Span(first: next, count: operations.count)
                for case .add(let vector) in operations {
                    (values + next * width).initialize(from: vector, count: width)
                    next += 1
                }
            }
        }
    }

    deinit {
        spans.deallocate()
        values.deallocate()
    }

    /// Whether anything is added after a block, by whatever plan.
    func isEmpty(after layer: Int) -> Bool { !hasAny[layer] }

    /// Has the processor bring in what `add` will read there. Since the last token the weights have pushed it
    /// out of the cache, and whoever adds would wait for it.
    func ask(after layer: Int, plan: Int, columns: Range<Int>) {
        let span = spans[layer * planCount + plan]
        for index in span.first..<span.first + span.count {
            tl_ask_for(
                values + index * width + columns.lowerBound, columns.count * MemoryLayout<Float>.stride)
        }
    }

    /// Adds what a plan adds after a block, in some of the columns. `row`: [width].
    func add(
        after layer: Int, plan: Int, to row: UnsafeMutablePointer<Float>, columns: Range<Int>,
        _ vector: tl_vector_kernels
    ) {
        let span = spans[layer * planCount + plan]
        for index in span.first..<span.first + span.count {
            vector.add(row + columns.lowerBound, values + index * width + columns.lowerBound, columns.count)
        }
    }
}
