import COpenBLAS
import Synchronization

/// Runs BLAS and LAPACK on the calling thread alone.
///
/// OpenBLAS splits the sums of level-2 routines (`dsymv` inside the tridiagonalisation) over its threads,
/// so their last bits change with the thread count. One thread gives the same bits for every setting, and
/// callers that want both cores take one layer a thread instead, which scales better than a split of one
/// small eigenproblem.
///
/// The thread count of OpenBLAS belongs to the process. While anyone is inside `perform` it is 1; the last
/// one out restores what the first one found. BLAS calls of other rooms that run meanwhile stay correct,
/// with fewer threads.
enum SingleThreadedBLAS {
    private struct Users {
        var count = 0
        var threadsBefore: Int32 = 1
    }

    private static let users = Mutex(Users())

    static func perform<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        BLASKernels.chosen
        users.withLock { users in
            if users.count == 0 { users.threadsBefore = openblas_get_num_threads() }
            if openblas_get_num_threads() != 1 { openblas_set_num_threads(1) }
            users.count += 1
        }
        defer {
            users.withLock { users in
                users.count -= 1
                if users.count == 0, users.threadsBefore != 1 {
                    openblas_set_num_threads(users.threadsBefore)
                }
            }
        }
        return try body()
    }
}
