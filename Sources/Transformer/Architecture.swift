/// What distinguishes one model family from another: there is one block, and these are its options.
struct Architecture: Sendable, Equatable {
    /// As `general.architecture` has it; also the prefix of the family's metadata keys.
    let name: String
    let rotaryPairing: RotaryEmbedding.Pairing

    /// Every family that the forward pass computes.
    static let known: [Architecture] = [
        Architecture(name: "llama", rotaryPairing: .adjacent)
    ]
}
