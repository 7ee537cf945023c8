import CKernels
import Glibc

/// The keys and values of every cell, for every block.
///
/// Float32 where the pass is exact, float16 where it is fast: a long context is read whole for every token.
/// Memory is touched, and so taken from the system, only as cells are filled.
final class KeyValueCache {
    let capacity: Int
    /// Whether the values are float16.
    let isHalf: Bool
    private let headCount: Int
    private let headSize: Int
    private let keys: FloatBuffer  // [layers, keyValueHeadCount, capacity, headSize], float32 or float16
    private let values: FloatBuffer  // the same
    private let halve: @convention(c) (UnsafePointer<Float>, UnsafeMutablePointer<UInt16>, Int) -> Void

    init(
        _ configuration: ModelConfiguration, capacity: Int, isHalf: Bool, vector: tl_vector_kernels
    ) throws(TransformerError) {
        self.capacity = capacity
        self.isHalf = isHalf
        headCount = configuration.keyValueHeadCount
        headSize = configuration.headSize
        halve = vector.half_from_float
        // Two float16 in the place of each float32.
        let width = isHalf ? (headSize + 1) / 2 : headSize
        let heads = configuration.layerCount * headCount
        keys = try FloatBuffer(count: heads, width, capacity)
        values = try FloatBuffer(count: heads, width, capacity)
    }

    /// The keys of one head from a cell on. [cells, headSize]
    func keys(layer: Int, head: Int, cell: Int) -> UnsafeMutableRawPointer {
        place(in: keys, layer, head, cell)
    }

    /// The values of one head from a cell on. [cells, headSize]
    func values(layer: Int, head: Int, cell: Int) -> UnsafeMutableRawPointer {
        place(in: values, layer, head, cell)
    }

    /// Puts a key and a value of one head into a cell.
    func store(
        key: UnsafePointer<Float>, value: UnsafePointer<Float>, layer: Int, head: Int, cell: Int
    ) {
        store(key, at: keys(layer: layer, head: head, cell: cell))
        store(value, at: values(layer: layer, head: head, cell: cell))
    }

    private func store(_ source: UnsafePointer<Float>, at target: UnsafeMutableRawPointer) {
        if isHalf {
            halve(source, target.assumingMemoryBound(to: UInt16.self), headSize)
        } else {
            memcpy(target, source, headSize * MemoryLayout<Float>.stride)
        }
    }

    private func place(
        in buffer: FloatBuffer, _ layer: Int, _ head: Int, _ cell: Int
    ) -> UnsafeMutableRawPointer {
        let elements = ((layer * headCount + head) * capacity + cell) * headSize
        return UnsafeMutableRawPointer(buffer.pointer)
            + elements * (isHalf ? MemoryLayout<UInt16>.stride : MemoryLayout<Float>.stride)
    }
}
