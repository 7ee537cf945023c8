import CKernels
import COpenBLAS
import Glibc

/// Which of its kernels OpenBLAS runs, and on which threads.
///
/// OpenBLAS chooses them by the processor's family and model number when it is loaded, and gives processors
/// that are younger than itself those of a Prescott of 2004: two float64 numbers an instruction, no fused
/// multiply. Debian 12's 0.3.21 knows nothing after 2021. What the processor can do is asked here instead,
/// and OpenBLAS is told by the variable that it reads, before the first call. On a Xeon of 2023 this takes
/// the components of 16 layers from 0.6 s to 0.3 s.
public enum BLASKernels {
    /// Chooses once, at its first use. A choice of the user's (`OPENBLAS_CORETYPE`) stays, and so does one
    /// that OpenBLAS has made by knowledge.
    static let chosen: Void = choose()

    private static let variable = "OPENBLAS_CORETYPE"

    private static func choose() {
        guard getenv(variable) == nil, let name = openblas_get_corename(),
            String(cString: name).lowercased() == "prescott",
            let core = bestCore, let quit = function("gotoblas_dynamic_quit"),
            let start = function("gotoblas_dynamic_init")
        else { return }
        setenv(variable, core, 1)
        quit()
        start()
        unsetenv(variable)
    }

    /// OpenBLAS's name of a processor with the instructions of this one; nil without AVX2.
    private static var bestCore: String? {
        if tl_has_instruction_set(Int32(TL_INSTRUCTIONS_AVX512)) != 0 { return "SkylakeX" }
        return tl_has_instruction_set(Int32(TL_INSTRUCTIONS_AVX2)) != 0 ? "Haswell" : nil
    }

    /// Ends OpenBLAS's own threads, for a process that calls it from threads of its own:
    /// `tiller` does at its start.
    ///
    /// They are made when the library is loaded and then wait for work in a loop, for a tenth of a second on
    /// the processors that a first token wants.
    public static func endThreads() {
        guard let shutDown = dlsym(nil, "blas_thread_shutdown_") else { return }
        // In this order: setting the number would make the threads anew.
        openblas_set_num_threads(1)
        _ = unsafeBitCast(shutDown, to: (@convention(c) () -> CInt).self)()
    }

    /// A function of OpenBLAS that its headers do not name and builds for one kind of processor do not have.
    private static func function(_ name: String) -> (@convention(c) () -> Void)? {
        dlsym(nil, name).map { unsafeBitCast($0, to: (@convention(c) () -> Void).self) }
    }
}
