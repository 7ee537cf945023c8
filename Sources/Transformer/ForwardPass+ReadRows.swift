/// The end of the last block, for the rows that somebody reads: of the others nobody needs more
/// than their keys and values.
///
/// Attention has passed all rows, and products choose their kernels by how many rows the pass began with, so
/// a row that is read has the same bits whoever else is.
extension ForwardPass {
    /// The rows of a pass that somebody reads, where they are fewer than all.
    struct ReadRows {
        /// Their places in the pass, ascending.
        let places: [Int]
        let rows: [Row]
        /// The rows whose logits are wanted, by their place in `rows`.
        let logitsRows: [Stretch]

        /// Nil where all rows are read, or where the end of a block cannot be computed for some
        /// alone: a parallel block has begun its MLP before attention, and experts choose their
        /// kernels by how many rows meet them.
        init?(of rows: [Row], logitsRows: [Int], configuration: ModelConfiguration) {
            let wanted = Set(logitsRows)
            let places = rows.indices.filter { place in
                rows[place].captureIndex != nil || rows[place].proofIndex != nil || wanted.contains(place)
            }
            guard places.count < rows.count, !configuration.traits.isParallel, configuration.experts == nil
            else {
                return nil
            }
            self.places = places
            self.rows = places.map { rows[$0] }
            self.logitsRows = ForwardPass.stretches(
                of: places.indices.filter { wanted.contains(places[$0]) })
        }
    }

    /// Moves the rows that are read together; all rows have been through attention.
    func gather(_ read: ReadRows, _ worker: Worker) {
        if worker.index == 0 {
            let size = configuration.hiddenSize
            for (target, place) in read.places.enumerated() where target != place {
                (scratch.residual.pointer + target * size)
                    .update(from: scratch.residual.pointer + place * size, count: size)
                scratch.attended.row(target)
                    .update(from: scratch.attended.row(place), count: configuration.querySize)
            }
        }
        worker.barrier()
    }
}
