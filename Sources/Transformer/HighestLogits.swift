/// The highest of the logits that it has been shown: a heap whose root is the least of them.
///
/// A value that its user holds, so that what is kept is looked at without asking whether somebody else does.
struct HighestLogits {
    /// How many are kept at most; at least 1.
    let limit: Int
    /// How many there are.
    private(set) var count = 0
    private let logits: UnsafeMutablePointer<Float>

    /// None yet. The memory, `limit` values of it, stays with the caller.
    init(limit: Int, in memory: FloatBuffer) {
        self.limit = limit
        logits = memory.pointer
    }

    /// What as many as can be kept reach; −∞ before there are as many.
    var least: Float { count == limit ? logits[0] : -.infinity }

    /// Shows it a logit. What is not a number is not kept.
    mutating func keep(_ logit: Float) {
        guard !logit.isNaN else { return }
        if count < limit {
            count += 1
            raise(logit, from: count - 1)
        } else if logit > logits[0] {
            sink(logit)
        }
    }

    /// Shows it what another has kept.
    mutating func keep(_ other: HighestLogits) {
        for place in 0..<other.count { keep(other.logits[place]) }
    }

    /// Puts a logit at `place` or above.
    private mutating func raise(_ logit: Float, from place: Int) {
        var place = place
        while place > 0, logits[(place - 1) / 2] > logit {
            logits[place] = logits[(place - 1) / 2]
            place = (place - 1) / 2
        }
        logits[place] = logit
    }

    /// Puts a logit in the root's place or below.
    private mutating func sink(_ logit: Float) {
        var place = 0
        while 2 * place + 1 < count {
            var child = 2 * place + 1
            if child + 1 < count, logits[child + 1] < logits[child] { child += 1 }
            guard logits[child] < logit else { break }
            logits[place] = logits[child]
            place = child
        }
        logits[place] = logit
    }
}
