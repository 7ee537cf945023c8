/// The buffers of a mixture of experts. Each row has a slot for every expert that it meets; the slots of one
/// expert lie side by side, so that its weights are read once for all of them.
final class ExpertScratch {
    let scores: FloatBuffer  // [rows, expertCount]: what the router says
    let routed: ActivationBuffer  // [slots, hiddenSize]: input of gate and up
    let gate: FloatBuffer  // [slots, feedForwardSize]
    let up: FloatBuffer  // [slots, feedForwardSize]
    let activated: ActivationBuffer  // [slots, feedForwardSize]: input of down
    let outputs: FloatBuffer  // [slots, hiddenSize]

    private let settings: ModelConfiguration.ExpertConfiguration
    /// The slots of each expert. [expertCount]
    private(set) var slots: [Range<Int>]
    /// The row of each slot. [slots]
    private(set) var rowOfSlot: [Int]
    /// The slots of each row, in the order of the experts' weight. [rows, usedCount]
    private(set) var slotsOfRow: [Int]
    /// What each slot counts for. [slots]
    private(set) var weightOfSlot: [Float]

    init(
        _ settings: ModelConfiguration.ExpertConfiguration, hiddenSize: Int, rowCapacity: Int
    ) throws(TransformerError) {
        self.settings = settings
        let slotCapacity = rowCapacity * settings.usedCount
        scores = try FloatBuffer(count: rowCapacity, settings.count)
        routed = try ActivationBuffer(rowCapacity: slotCapacity, width: hiddenSize)
        gate = try FloatBuffer(count: slotCapacity, settings.feedForwardSize)
        up = try FloatBuffer(count: slotCapacity, settings.feedForwardSize)
        activated = try ActivationBuffer(rowCapacity: slotCapacity, width: settings.feedForwardSize)
        outputs = try FloatBuffer(count: slotCapacity, hiddenSize)
        slots = Array(repeating: 0..<0, count: settings.count)
        rowOfSlot = Array(repeating: 0, count: slotCapacity)
        slotsOfRow = Array(repeating: 0, count: slotCapacity)
        weightOfSlot = Array(repeating: 0, count: slotCapacity)
    }

    /// Chooses each row's experts by its scores, which are probabilities, and gives it
    /// slots. Called by one worker.
    func route(rowCount: Int) {
        let used = settings.usedCount
        var chosen: [[Int]] = []
        var counts = Array(repeating: 0, count: settings.count)
        for row in 0..<rowCount {
            let scores = UnsafeBufferPointer(
                start: scores.pointer + row * settings.count, count: settings.count)
            // The most probable first; of two alike the lower number.
            let best = scores.indices.sorted {
                scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1
            }
            chosen.append(Array(best.prefix(used)))
            for expert in best.prefix(used) { counts[expert] += 1 }
        }
        var next = 0
        for expert in 0..<settings.count {
            slots[expert] = next..<next + counts[expert]
            next += counts[expert]
        }
        var filled = slots.map(\.lowerBound)
        for (row, experts) in chosen.enumerated() {
            let scores = scores.pointer + row * settings.count
            let sum = settings.normalizesWeights ? experts.reduce(0) { $0 + scores[$1] } : 1
            for (place, expert) in experts.enumerated() {
                let slot = filled[expert]
                filled[expert] += 1
                rowOfSlot[slot] = row
                slotsOfRow[row * used + place] = slot
                weightOfSlot[slot] = scores[expert] / sum
            }
        }
    }

    /// The slots that one row has.
    func slots(ofRow row: Int) -> ArraySlice<Int> {
        slotsOfRow[row * settings.usedCount..<(row + 1) * settings.usedCount]
    }

    /// How many slots the rows of the pass have.
    func slotCount(rowCount: Int) -> Int { rowCount * settings.usedCount }
}
