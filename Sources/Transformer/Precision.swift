/// How products of weights and activations are computed.
public enum Precision: Sendable, Equatable {
    /// Activations stay float32 and weights are decoded to float32: for captures, extraction and comparisons.
    case exact
    /// Activations are rounded to int8 with one scale for each 32 where the weights are quantised; where they
    /// are F16 or BF16, and repacked, to int16, and the weights to twelve bits: for generation.
    case fast
}
