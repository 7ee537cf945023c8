public import Terms

/// One direction for each of some layers of one model: adding strength × direction to the output of those
/// blocks moves the model along a trait.
///
/// Always true of one: it has at least one direction, all of them have `hiddenSize` elements, and every
/// element is finite. Layer 0 may be held in memory; files cannot hold it (see `write(to:refusing:)`).
public struct ControlVector: Sendable, Equatable {
    /// What is added to the output of each block at strength 1, each `[hiddenSize]`.
    public let directions: [LayerIndex: [Float]]
    /// The width of the model's residual stream.
    public let hiddenSize: Int
    /// The architecture of the model, as llama.cpp (`llama`) or repeng (a `model_type` such as `mistral`)
    /// name it; nil where nobody says.
    public let modelHint: String?
    /// The model that the directions were measured on; nil for files that other tools made.
    public let fingerprint: ModelFingerprint?
    /// How the directions were found; nil for files that other tools made, and for results of arithmetic,
    /// whose numbers the record would no longer describe.
    public var extraction: ExtractionRecord?
    /// The strongest safe strengths, once they have been measured.
    public var calibration: CalibratedStrengths?
    /// Which other tool found the directions; nil for our own, and for sums.
    public var origin: VectorOrigin?
    /// Which vectors it was made of; nil for one that was extracted, and for results of
    /// arithmetic until somebody says it.
    public var derivation: VectorDerivation?

    /// Of layers whose subspace was extracted the second principal component and those after it: unit
    /// vectors, orthogonal to the direction and to each other. Steering does not use them. Each
    /// [components − 1, hiddenSize]
    public var components: [LayerIndex: [[Float]]] = [:]

    /// Checks and keeps directions.
    ///
    /// - Parameters:
    ///   - directions: At least one, all of one length, all finite.
    ///   - modelHint: Taken from the fingerprint where it is nil or empty.
    /// - Throws: `empty`, `badDirectionIndex` for a negative layer, `emptyDirection`,
    ///   `sizeMismatch`, `notFinite`.
    public init(
        directions: [LayerIndex: [Float]], modelHint: String? = nil, fingerprint: ModelFingerprint? = nil,
        extraction: ExtractionRecord? = nil, calibration: CalibratedStrengths? = nil
    ) throws(ControlVectorError) {
        try self.init(
            checking: directions, modelHint: modelHint, fingerprint: fingerprint, extraction: extraction,
            calibration: calibration, path: nil)
    }

    /// The same, for a file that messages name.
    init(
        checking directions: [LayerIndex: [Float]], modelHint: String?, fingerprint: ModelFingerprint?,
        extraction: ExtractionRecord?, calibration: CalibratedStrengths?, path: String?
    ) throws(ControlVectorError) {
        hiddenSize = try Self.checkedSize(directions, path: path)
        self.directions = directions
        let hint = modelHint.flatMap { $0.isEmpty ? nil : $0 }
        self.modelHint = hint ?? fingerprint?.architecture
        self.fingerprint = fingerprint
        self.extraction = extraction
        self.calibration = calibration
    }

    /// The layers that have a direction, ascending.
    public var layers: [LayerIndex] { directions.keys.sorted() }

    /// The layers whose direction is all zeros, ascending: steering them does nothing.
    public var zeroLayers: [LayerIndex] {
        layers.filter { directions[$0]?.allSatisfy { $0 == 0 } ?? false }
    }

    /// Whether its directions can be those that its evidence was measured of: one for each layer of it,
    /// none of zeros, each as long as it says. A file whose numbers were damaged later may be read all the
    /// same, and is found out here.
    public var hasDirectionsOfEvidence: Bool {
        guard let evidence = extraction?.evidence, Set(evidence.keys) == Set(directions.keys) else {
            return false
        }
        return directions.keys.allSatisfy { layer in
            let length = self.length(of: layer)
            guard length > 0 else { return false }
            guard let norm = evidence[layer]?.norm.map(Double.init) else { return true }
            // Both are rounded to float32, the direction element by element.
            return abs(length - norm) <= 1e-5 * norm
        }
    }

    /// The length of what is added at one layer at strength 1; 0 for the others.
    public func length(of layer: LayerIndex) -> Double {
        (directions[layer] ?? []).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    /// What is added at one layer at strength 1, `[hiddenSize]`; nil for the others.
    public subscript(layer: LayerIndex) -> [Float]? { directions[layer] }

    private static func checkedSize(
        _ directions: [LayerIndex: [Float]], path: String?
    ) throws(ControlVectorError) -> Int {
        let layers = directions.keys.sorted()
        guard let first = layers.first, let size = directions[first]?.count else { throw .empty(path: path) }
        for layer in layers {
            guard let direction = directions[layer] else { continue }
            if layer.rawValue < 0 { throw .badDirectionIndex(path: path, name: "direction.\(layer)") }
            if direction.isEmpty { throw .emptyDirection(path: path, layer: layer) }
            guard direction.count == size else {
                throw .sizeMismatch(
                    path: path, layer: layer, found: direction.count, first: first, expected: size)
            }
            if let index = direction.firstIndex(where: { !$0.isFinite }) {
                throw .notFinite(path: path, layer: layer, index: index, value: direction[index])
            }
        }
        return size
    }
}

extension ControlVector {
    /// The layers that a file could not hold after a shift: block 0, and what would lie outside of any model.
    public func layersLost(by count: Int) -> [LayerIndex] {
        layers.filter { layer in
            let (target, overflow) = layer.rawValue.addingReportingOverflow(count)
            return overflow || !ControlVectorFormat.layers.contains(target)
        }
    }

    /// By how many layers it can be moved: one layer at least stays where a file can hold it, and none leaves
    /// the vector's own model, where that is known.
    public var possibleShifts: ClosedRange<Int> {
        guard let first = layers.first?.rawValue, let last = layers.last?.rawValue else { return 0...0 }
        let (lowest, highest) = (ControlVectorFormat.layers.lowerBound, ControlVectorFormat.layers.upperBound)
        let most = fingerprint.map { $0.layerCount - 1 - last } ?? highest - first
        return lowest - last...max(lowest - last, most)
    }

    /// The same vector without some layers; the others keep all that they have.
    ///
    /// - Throws: `empty` where none is left.
    public func without(_ layers: some Sequence<LayerIndex>) throws(ControlVectorError) -> ControlVector {
        let dropped = Set(layers)
        var vector = try ControlVector(
            directions: directions.filter { !dropped.contains($0.key) }, modelHint: modelHint,
            fingerprint: fingerprint, extraction: extraction, calibration: calibration)
        vector.origin = origin
        vector.components = components.filter { !dropped.contains($0.key) }
        return vector
    }

    /// The same directions, with their further components, a number of layers later;
    /// earlier where it is negative.
    ///
    /// llama.cpp's own generator measures at the output of block i and writes `direction.(i+1)`, so that its
    /// vectors act one block late: shift them by −1 to add them where they were measured.
    ///
    /// - Throws: `badDirectionIndex` where a layer would be below 0.
    public func shifted(by count: Int) throws(ControlVectorError) -> ControlVector {
        var moved: [LayerIndex: [Float]] = [:]
        var movedComponents: [LayerIndex: [[Float]]] = [:]
        for (layer, direction) in directions {
            let (target, overflow) = layer.rawValue.addingReportingOverflow(count)
            guard !overflow else { throw .badDirectionIndex(path: nil, name: "direction.\(layer)") }
            moved[LayerIndex(target)] = direction
            movedComponents[LayerIndex(target)] = components[layer]
        }
        var vector = try ControlVector(directions: moved, modelHint: modelHint, fingerprint: fingerprint)
        vector.components = movedComponents
        vector.origin = origin
        vector.origin?.shift &+= count
        return vector
    }
}
