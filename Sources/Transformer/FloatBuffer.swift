import Glibc

/// Float32 memory of a fixed size, aligned for vector loads, zeroed by the system as it is first touched.
///
/// A class, so that the memory lives as long as whoever holds it. `@unchecked Sendable`: weights are
/// never written again; the buffers of a context are written by its workers, each in its share, with a
/// barrier before another reads.
final class FloatBuffer: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    let count: Int
    private let byteCount: Int

    /// Room for as many values as the product of `counts`.
    init(count counts: Int...) throws(TransformerError) {
        var count = 1
        for factor in counts {
            let (product, overflows) = count.multipliedReportingOverflow(by: factor)
            guard !overflows, product <= Int.max / MemoryLayout<Float>.stride else {
                throw .outOfMemory(bytes: Int.max)
            }
            count = product
        }
        self.count = count
        byteCount = max(64, count * MemoryLayout<Float>.stride)
        let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else {
            throw .outOfMemory(bytes: byteCount)
        }
        pointer = memory.bindMemory(to: Float.self, capacity: count)
    }

    /// A copy of some values.
    convenience init(_ values: [Float]) throws(TransformerError) {
        try self.init(count: values.count)
        pointer.update(from: values, count: values.count)
    }

    deinit {
        munmap(pointer, byteCount)
    }
}
