/// The bounds that every count and length of a file is held to, before the bytes that remain bound it.
///
/// They are far above what real files need: Llama 3's vocabulary has 128 thousand entries and 280
/// thousand merges, large mixtures of experts have two thousand tensors.
enum GGUFLimits {
    static let versions: ClosedRange<UInt32> = 2...3
    static let metadataCount = 100_000
    static let tensorCount = 1_000_000
    static let keyLength = 65_536
    static let arrayCount = 64 * 1024 * 1024
    /// ggml keeps names in 64 bytes with a closing zero.
    static let nameLength = 63
    static let dimensionCount = 4
    static let alignment = 65_536
    static let splitCount = 99_999

    static let defaultAlignment = 32
    /// Key length, one byte of key, type, one byte of value.
    static let minimumEntryByteCount = 8 + 1 + 4 + 1
    /// Name length, one byte of name, dimension count, one dimension, type, offset.
    static let minimumTensorByteCount = 8 + 1 + 4 + 8 + 4 + 8
    /// ggml's numbers of types that it has taken back.
    static let removedTypes: Set<UInt32> = [4, 5, 31, 32, 33, 36, 37, 38]
}

/// The metadata keys that the container itself gives a meaning to.
public enum GGUFKey {
    /// The multiple that every tensor starts at; uint32, 32 where it is absent.
    public static let alignment = "general.alignment"
    /// Which part of a split model this file is, from 0.
    public static let splitNumber = "split.no"
    /// How many parts the split model has.
    public static let splitCount = "split.count"
    /// How many tensors all parts have together.
    public static let splitTensorCount = "split.tensors.count"
}
