import CKernels
import Glibc

extension ForwardPass {
    /// branch ← Σ weight · expert(normalized) over the experts of each row, and the one that all rows share.
    func mixExperts(_ weights: ModelWeights.Experts, _ worker: Worker) {
        guard let own = scratch.experts, let settings = configuration.experts else { return }
        forEachPart(of: settings.count, worker) { part in
            multiply(
                weights.router, normalized(worker), part, rows: allRows, into: own.scores.pointer,
                accumulating: false, worker)
        }
        worker.barrier()
        for row in worker.share(of: rows.count) {
            vector.softmax(own.scores.pointer + row * settings.count, settings.count)
        }
        worker.barrier()
        if worker.index == 0 { own.route(rowCount: rows.count) }
        worker.barrier()
        let input = normalized(worker)
        for slot in worker.share(of: own.slotCount(rowCount: rows.count)) {
            own.routed.copyRow(own.rowOfSlot[slot], of: input, to: slot)
        }
        worker.barrier()
        activateExperts(weights, own, settings.feedForwardSize, worker)
        if let shared = weights.shared { activate(shared.mlp, worker) }
        worker.barrier()
        finishExperts(weights, own, settings.feedForwardSize, worker)
        worker.barrier()
        combine(weights.shared, own, worker)
        worker.barrier()
    }

    /// activated ← activation(gate) · up of every slot's expert; a worker's share of the inner width.
    private func activateExperts(
        _ weights: ModelWeights.Experts, _ own: ExpertScratch, _ size: Int, _ worker: Worker
    ) {
        for (expert, slots) in zip(weights.experts, own.slots) where !slots.isEmpty {
            activate(
                expert, own.routed, rows: Self.stretches(slots), size: size, gate: own.gate, up: own.up,
                into: own.activated, worker)
        }
    }

    /// outputs ← down · activated, for every slot and for the shared expert, which writes to the branch.
    private func finishExperts(
        _ weights: ModelWeights.Experts, _ own: ExpertScratch, _ size: Int, _ worker: Worker
    ) {
        let taken = weights.experts.reduce(ActivationForms()) { $0.union(forms($1.down)) }
        if !taken.isEmpty {
            for slot in worker.share(of: own.slotCount(rowCount: rows.count)) {
                own.activated.fill(taken, row: slot, count: size)
            }
        }
        if let shared = weights.shared { prepare(activated(worker), for: shared.mlp.down, worker) }
        worker.barrier()
        for (expert, slots) in zip(weights.experts, own.slots) where !slots.isEmpty {
            multiply(
                expert.down, own.activated, rows: Self.stretches(slots), into: own.outputs.pointer,
                accumulating: false, worker)
        }
        if let shared = weights.shared {
            multiply(shared.mlp.down, activated(worker), into: scratch.branch.pointer, worker)
        }
    }

    /// branch ← shared expert · its gate + Σ weight · output of the row's slots
    private func combine(_ shared: ModelWeights.SharedExpert?, _ own: ExpertScratch, _ worker: Worker) {
        let size = configuration.hiddenSize
        let input = normalized(worker)
        for row in worker.share(of: rows.count) {
            let branch = scratch.branch.pointer + row * size
            if let shared {
                let score = vector.dot(input.row(row), shared.gate.values, size)
                vector.scale(branch, 1 / (1 + expf(-score)), size)
            } else {
                branch.update(repeating: 0, count: size)
            }
            for slot in own.slots(ofRow: row) {
                vector.add_scaled(branch, own.outputs.pointer + slot * size, own.weightOfSlot[slot], size)
            }
        }
    }

    private static func stretches(_ slots: Range<Int>) -> [Stretch] {
        [Stretch(firstRow: slots.lowerBound, firstOutput: slots.lowerBound, count: slots.count)]
    }
}
