import CKernels
import GGUF
import Glibc
import Quantization

/// A model's matrices repacked into eight interleaved rows, on huge pages where the system has them.
///
/// `@unchecked Sendable`: the memory is written in `init` alone.
final class InterleavedWeights: @unchecked Sendable {
    /// The weights, with every matrix that has a kernel for it repacked.
    let weights: ModelWeights
    private let memory: UnsafeMutableRawPointer?
    private let byteCount: Int

    private static let alignment = 64

    /// A matrix to repack, and where to.
    private struct Job {
        let matrix: WeightMatrix
        private(set) var layout: Layout
        let offset: Int

        enum Layout {
            case whole(tl_interleaved_kernels)
            case parted(tl_parted_kernels)
        }

        var groupCount: Int { (matrix.outputs + Int(TL_INTERLEAVED_ROWS) - 1) / Int(TL_INTERLEAVED_ROWS) }

        /// The bytes of eight rows, those of the first part where there are two.
        var groupByteCount: Int {
            switch layout {
            case .whole(let kernels): kernels.packed_size(matrix.inputs)
            case .parted(let kernels): kernels.high_size(matrix.inputs)
            }
        }

        /// Where the second part begins, counted from the first, in which groups stand in pairs.
        var restsOffset: Int { aligned((groupCount + 1) / 2 * 2 * groupByteCount) }

        var byteCount: Int {
            switch layout {
            case .whole: aligned(groupCount * groupByteCount)
            case .parted(let kernels): aligned(restsOffset + groupCount * kernels.rest_size(matrix.inputs))
            }
        }

        private func aligned(_ byteCount: Int) -> Int { (byteCount + alignment - 1) / alignment * alignment }

        /// - Parameter boundedSaving: How many bytes of the matrix the first part leaves unread at
        ///   least, where it is to lie in two parts, so that the first bounds its products, and its
        ///   type can; nil for one part.
        init?(_ matrix: WeightMatrix, at offset: Int, boundedSaving: Int?) {
            let type = matrix.type.rawValue
            let instructions = tl_best_instruction_set()
            // The kernels walk in whole blocks.
            guard matrix.inputs.isMultiple(of: matrix.type.blockSize),
                let whole = tl_interleaved_kernels_for(type, instructions)?.pointee
            else { return nil }
            self.matrix = matrix
            self.offset = offset
            layout = .whole(whole)
            guard let boundedSaving, matrix.inputs <= Int(TL_LONGEST_PARTED),
                matrix.inputs.isMultiple(of: 32),
                let parted = tl_parted_kernels_for(type, instructions)?.pointee
            else { return }
            let saved = whole.packed_size(matrix.inputs) - parted.high_size(matrix.inputs)
            if groupCount * saved >= boundedSaving { layout = .parted(parted) }
        }
    }

    /// Repacks a model's matrices by all workers of a pool. What has been repacked is let go at once, so that
    /// the model is never in memory twice.
    ///
    /// - Parameter boundedSaving: How many bytes of an output matrix bounds of its products leave unread at
    ///   least, if it is laid out for them.
    init(_ original: ModelWeights, from source: any ModelSource, boundedSaving: Int, pool: WorkerPool) {
        var jobs: [Job] = []
        var end = 0
        var repacked = original
        repacked.updateMatrices { matrix in
            let isOutput = matrix.bytes == original.output.matrix.bytes
            let saving = isOutput && original.output.bias == nil ? boundedSaving : nil
            guard let job = Job(matrix, at: end, boundedSaving: saving) else { return }
            end += job.byteCount
            jobs.append(job)
        }

        byteCount = end
        memory = Self.allocate(end)
        guard let memory else {
            // Without memory for a second copy the file's own layout still serves.
            weights = original
            return
        }
        var next = 0
        repacked.updateMatrices { matrix in
            guard next < jobs.count, jobs[next].matrix.bytes == matrix.bytes else { return }
            matrix = Self.matrix(jobs[next], in: memory)
            next += 1
        }
        weights = repacked
        pool.run { worker in
            for job in jobs {
                Self.pack(job, into: memory + job.offset, worker, source)
            }
        }
        source.letGoOfMetadata()
    }

    deinit {
        if let memory { munmap(memory, byteCount) }
    }

    private static func matrix(_ job: Job, in memory: UnsafeMutableRawPointer) -> WeightMatrix {
        let layout: WeightMatrix.Layout =
            switch job.layout {
            case .whole(let kernels): .interleaved(kernels, groupByteCount: job.groupByteCount)
            case .parted(let kernels): .parted(kernels, rests: memory + job.offset + job.restsOffset)
            }
        return WeightMatrix(
            outputs: job.matrix.outputs, inputs: job.matrix.inputs, type: job.matrix.type,
            bytes: memory + job.offset, layout: layout, rowKernels: job.matrix.rowKernels)
    }

    /// Source bytes that are read before they are let go.
    private static let piece = 1 << 21

    /// Repacks a worker's share of a matrix.
    private static func pack(
        _ job: Job, into target: UnsafeMutableRawPointer, _ worker: Worker, _ source: any ModelSource
    ) {
        let height = Int(TL_INTERLEAVED_ROWS)
        let groupsPerPiece = max(1, piece / max(1, height * job.matrix.rowByteCount))
        let mine = worker.share(of: job.groupCount)
        for start in stride(from: mine.lowerBound, to: mine.upperBound, by: groupsPerPiece) {
            let groups = start..<min(start + groupsPerPiece, mine.upperBound)
            for group in groups { pack(group, of: job, into: target) }
            let end = min(groups.upperBound * height, job.matrix.outputs)
            source.letGo(
                UnsafeRawBufferPointer(
                    start: job.matrix.row(start * height),
                    count: (end - start * height) * job.matrix.rowByteCount))
        }
    }

    /// Repacks eight rows.
    private static func pack(_ group: Int, of job: Job, into target: UnsafeMutableRawPointer) {
        let (matrix, first) = (job.matrix, group * Int(TL_INTERLEAVED_ROWS))
        let rowCount = min(Int(TL_INTERLEAVED_ROWS), matrix.outputs - first)
        switch job.layout {
        case .whole(let kernels):
            kernels.pack(
                matrix.row(first), matrix.rowByteCount, rowCount, target + group * job.groupByteCount,
                matrix.inputs)
        case .parted(let kernels):
            kernels.pack(
                matrix.row(first), matrix.rowByteCount, rowCount, target, target + job.restsOffset, group,
                matrix.inputs)
        }
    }

    private static func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        guard byteCount > 0,
            let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { return nil }
        madvise(memory, byteCount, MADV_HUGEPAGE)
        return memory
    }
}
