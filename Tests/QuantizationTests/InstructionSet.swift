import CKernels
import Quantization
import Testing

/// The instruction sets that can be tested on this machine.
enum InstructionSet: Int32, CaseIterable, Sendable {
    case scalar = 0
    case avx2 = 1

    static let available = allCases.filter { $0.rawValue <= tl_best_instruction_set() }

    /// The faster ones, which are compared with the scalar one.
    static let accelerated = available.filter { $0 != .scalar }

    func rows(_ type: TensorType) throws -> tl_row_kernels {
        try #require(tl_row_kernels_for(type.rawValue, rawValue)).pointee
    }

    /// The sets that have kernels for interleaved rows.
    static let interleaving = allInterleaving.filter { tl_has_instruction_set($0) != 0 }
    private static let allInterleaving = [
        Int32(TL_INSTRUCTIONS_AVX2), Int32(TL_INSTRUCTIONS_AVX_VNNI), Int32(TL_INSTRUCTIONS_AVX512),
    ]

    func vectors() throws -> tl_vector_kernels {
        try #require(tl_vector_kernels_for(rawValue)).pointee
    }
}

extension [Float] {
    /// Bits, with all NaNs alike: two arrays are the same numbers where these are equal.
    var identity: [UInt32] { map { $0.isNaN ? 0x7fc0_0000 : $0.bitPattern } }
}
