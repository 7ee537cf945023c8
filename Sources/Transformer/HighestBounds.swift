import CKernels

/// The tokens with the highest bounds among those that have been shown: a heap whose root is the least of them.
///
/// A value that its user holds, so that what is kept is looked at without asking whether somebody else does.
struct HighestBounds {
    /// The memory of up to `capacity` of them.
    final class Memory {
        let bounds: FloatBuffer
        fileprivate let tokens: UnsafeMutablePointer<Int32>

        init(capacity: Int) throws(TransformerError) {
            bounds = try FloatBuffer(count: capacity)
            tokens = .allocate(capacity: capacity)
            tokens.initialize(repeating: 0, count: capacity)
        }

        deinit { tokens.deallocate() }
    }

    /// How many are kept at most.
    let limit: Int
    /// How many there are.
    private(set) var count = 0
    private let bounds: UnsafeMutablePointer<Float>
    private let tokens: UnsafeMutablePointer<Int32>

    /// None yet. The memory stays with the caller.
    init(limit: Int, in memory: Memory) {
        self.limit = limit
        bounds = memory.bounds.pointer
        tokens = memory.tokens
    }

    subscript(_ place: Int) -> (token: Int, bound: Float) { (Int(tokens[place]), bounds[place]) }

    /// Shows it the bounds of some tokens. `highest`: [vocabularySize]
    mutating func keep(_ part: Range<Int>, of highest: UnsafePointer<Float>, _ vector: tl_vector_kernels) {
        var token = part.lowerBound
        while token < part.upperBound {
            if count == limit {
                token += vector.first_not_below(highest + token, bounds[0], part.upperBound - token)
                guard token < part.upperBound else { return }
            }
            keep(token, highest[token])
            token += 1
        }
    }

    /// Shows it one token. What equals the least of a full heap is not kept, and neither is what is not a number.
    mutating func keep(_ token: Int, _ bound: Float) {
        guard !bound.isNaN else { return }
        if count < limit {
            count += 1
            raise(token, bound, from: count - 1)
        } else if bound > bounds[0] {
            sink(token, bound)
        }
    }

    /// Puts a token at `place` or above.
    private mutating func raise(_ token: Int, _ bound: Float, from place: Int) {
        var place = place
        while place > 0, bounds[(place - 1) / 2] > bound {
            move((place - 1) / 2, to: place)
            place = (place - 1) / 2
        }
        set(place, token, bound)
    }

    /// Puts a token in the root's place or below.
    private mutating func sink(_ token: Int, _ bound: Float) {
        var place = 0
        while 2 * place + 1 < count {
            var child = 2 * place + 1
            if child + 1 < count, bounds[child + 1] < bounds[child] { child += 1 }
            guard bounds[child] < bound else { break }
            move(child, to: place)
            place = child
        }
        set(place, token, bound)
    }

    private mutating func move(_ from: Int, to place: Int) { set(place, Int(tokens[from]), bounds[from]) }

    private mutating func set(_ place: Int, _ token: Int, _ bound: Float) {
        bounds[place] = bound
        tokens[place] = Int32(truncatingIfNeeded: token)
    }
}
