/// Logits in the memory of those of the pass before, where nobody holds them any more: 64 rows
/// of a large vocabulary are 64 MB, whose pages the system would clear for each pass, a quarter
/// of a sweep's processor time.
struct LogitsMemory {
    /// The logits of the last pass that gave some.
    private var last: [Float] = []

    /// An array for logits, whatever is in it. [rowCount, width]
    mutating func take(rowCount: Int, width: Int) throws(TransformerError) -> [Float] {
        let (total, overflows) = rowCount.multipliedReportingOverflow(by: width)
        guard !overflows, total <= Int.max / MemoryLayout<Float>.stride else {
            throw .outOfMemory(bytes: Int.max)
        }
        guard total > 0 else { return [] }
        guard last.capacity >= total else {
            last = []
            return [Float](unsafeUninitializedCapacity: total) { $1 = total }
        }
        var logits: [Float] = []
        swap(&logits, &last)
        if logits.count > total {
            logits.removeLast(logits.count - total)
        } else {
            logits.append(contentsOf: repeatElement(0, count: total - logits.count))
        }
        return logits
    }

    /// Keeps the logits of a pass for the one after it; a pass without any changes nothing.
    mutating func keep(_ logits: [Float]) {
        if !logits.isEmpty { last = logits }
    }
}
