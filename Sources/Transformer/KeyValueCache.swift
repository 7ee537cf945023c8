/// The keys and values of every cell, for every block.
///
/// Memory is touched, and so taken from the system, only as cells are filled.
final class KeyValueCache {
    let capacity: Int
    private let headCount: Int
    private let headSize: Int
    private let keys: FloatBuffer  // [layers, keyValueHeadCount, capacity, headSize]
    private let values: FloatBuffer  // [layers, keyValueHeadCount, capacity, headSize]

    init(_ configuration: ModelConfiguration, capacity: Int) throws(TransformerError) {
        self.capacity = capacity
        headCount = configuration.keyValueHeadCount
        headSize = configuration.headSize
        let width = headCount * headSize
        keys = try FloatBuffer(count: configuration.layerCount, width, capacity)
        values = try FloatBuffer(count: configuration.layerCount, width, capacity)
    }

    /// The keys of one head. [capacity, headSize]
    func keys(layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        keys.pointer + (layer * headCount + head) * capacity * headSize
    }

    /// The values of one head. [capacity, headSize]
    func values(layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        values.pointer + (layer * headCount + head) * capacity * headSize
    }
}
