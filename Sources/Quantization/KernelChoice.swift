internal import CKernels

/// Which kernels compute: those of the best instruction set of this processor, or of another one that the
/// environment names, so that two can be compared and a lesser machine be tried.
public enum KernelChoice {
    /// The variable of the environment: "scalar", "avx2", "avx-vnni" or "avx512".
    public static let variable = TL_INSTRUCTION_SET_VARIABLE

    /// The set in use.
    public static var name: String { name(of: tl_best_instruction_set()) ?? "" }

    /// The sets that there are here, the slowest first.
    public static var available: [String] {
        (Int32(TL_INSTRUCTIONS_SCALAR)...Int32(TL_INSTRUCTIONS_AVX512)).compactMap {
            tl_has_instruction_set($0) != 0 ? name(of: $0) : nil
        }
    }

    /// The set in use where there is a better one; nil for the best.
    public static var lesser: String? { available.last == name ? nil : name }

    /// What the variable says where there is no such set here; the best is in use then. Nil
    /// where nothing was refused.
    public static var refused: String? { tl_refused_instruction_set().map { String(cString: $0) } }

    private static func name(of set: Int32) -> String? {
        tl_instruction_set_name(set).map { String(cString: $0) }
    }
}
