import Glibc
import Quantization
import Safetensors

/// Finds the tensors that a family has in a checkpoint's files, checks their shapes, and
/// says how each is made.
///
/// The list is walked from the configuration, and the first tensor that is not there ends it: a configuration
/// that claims millions of layers or experts costs nothing.
struct TensorPlanner {
    let folder: SafetensorsFolder
    let configurationPath: String
    let family: CheckpointFamily
    let sizes: Hyperparameters
    private(set) var tensors: [PlannedTensor] = []
    /// By the one name that all spellings have.
    private let stored: [String: SafetensorsFolder.Member]
    private var used: Set<String> = []

    init(
        _ folder: SafetensorsFolder, configurationPath: String, _ family: CheckpointFamily,
        _ sizes: Hyperparameters
    ) throws(ConversionError) {
        self.folder = folder
        self.configurationPath = configurationPath
        self.family = family
        self.sizes = sizes
        var stored: [String: SafetensorsFolder.Member] = [:]
        for member in folder.members {
            let name = TensorNames.canonical(member.tensor.name, family)
            if let other = stored.updateValue(member, forKey: name) {
                throw ConversionError(
                    .ambiguousTensor, path: folder.path, field: member.tensor.name,
                    found: "\(other.tensor.name) too", allowed: "one of the two")
            }
        }
        self.stored = stored
    }

    /// Whether the checkpoint has a tensor.
    func has(_ name: String) -> Bool { stored[name] != nil }

    /// Adds a tensor computed from the configuration.
    mutating func add(_ name: String, values: [Float]) {
        tensors.append(PlannedTensor(name: name, shape: [values.count], type: .f32, origin: .values(values)))
    }

    /// Adds a tensor.
    ///
    /// - Parameters:
    ///   - name: What a GGUF file calls it.
    ///   - source: What the checkpoint calls it.
    ///   - stored: The shape in the checkpoint, contiguous dimension last.
    ///   - shape: The shape in the file, contiguous dimension first; the stored one reversed
    ///     where nothing else is said.
    mutating func add(
        _ name: String, from source: String, stored: [Int], shape: [Int]? = nil,
        order: TensorGather.Order = .identity, addend: Float = 0
    ) throws(ConversionError) {
        try add(name, from: [source], stored: stored, shape: shape, order: order, addend: addend)
    }

    /// Adds a tensor whose parts are stored one by one; see `add(_:from:stored:shape:order:addend:)`.
    mutating func add(
        _ name: String, from sources: [String], stored: [Int], shape: [Int]? = nil,
        order: TensorGather.Order = .identity, addend: Float = 0
    ) throws(ConversionError) {
        var members: [SafetensorsFolder.Member] = []
        var types: Set<TensorType> = []
        for source in sources {
            let (member, type) = try find(source, shape: stored)
            members.append(member)
            types.insert(type)
        }
        guard let storedType = types.first, types.count == 1 else {
            throw ConversionError(
                .unsupportedTensorType, path: folder.path, field: "dtype of the experts' \(name)",
                found: types.map(\.name).sorted().joined(separator: ", "), allowed: "one type for all experts"
            )
        }
        let shape = shape ?? Array(stored.reversed())
        let type = addend != 0 || TensorNames.staysFloat32(name, shape: shape) ? .f32 : storedType
        let elements = stored.reduce(1, *)
        let unitSize = stored.count == 1 && order != .identity ? 1 : shape[0]
        tensors.append(
            PlannedTensor(
                name: name, shape: shape, type: type,
                origin: .stored(
                    TensorGather(
                        parts: members, storedType: storedType, unitSize: unitSize,
                        unitsPerPart: max(1, elements / max(1, unitSize)), order: order, addend: addend))))
    }

    /// Leaves out a tensor that is a copy of another one, where the checkpoint has it.
    ///
    /// Where the configuration ties two tensors that differ, transformers 5 takes both as they are and the
    /// versions before it the original for both: which model is meant has to be said. Of two types the wider
    /// counts as rounded to the other.
    mutating func leaveOut(_ name: String, copyOf original: String) throws(ConversionError) {
        guard stored[name] != nil, let shape = stored[original]?.tensor.shape else { return }
        let (copy, type) = try find(name, shape: shape)
        let (source, sourceType) = try find(original, shape: shape)
        let bytes = folder.bytes(of: copy)
        let isCopy =
            type.bytesPerBlock < sourceType.bytesPerBlock
            ? Self.isSame(folder.bytes(of: source), sourceType, as: bytes, type)
            : Self.isSame(bytes, type, as: folder.bytes(of: source), sourceType)
        guard isCopy else {
            throw ConversionError(
                .untiedTensor, path: folder.path, field: copy.tensor.name,
                found: "another matrix than \(source.tensor.name)",
                allowed: "a copy of it, as tie_word_embeddings is true")
        }
        folder.files[copy.file].letGo(bytes)
    }

    /// Whether some numbers, rounded to another type, are the others.
    private static func isSame(
        _ bytes: UnsafeRawBufferPointer, _ type: TensorType, as others: UnsafeRawBufferPointer,
        _ otherType: TensorType
    ) -> Bool {
        if type == otherType, let one = bytes.baseAddress, let other = others.baseAddress {
            return bytes.count == others.count && memcmp(one, other, bytes.count) == 0
        }
        let (size, otherSize) = (type.bytesPerBlock, otherType.bytesPerBlock)
        let count = bytes.count / size
        return stride(from: 0, to: count, by: 4096).allSatisfy { first in
            let some = first..<min(first + 4096, count)
            let values = try? decodeRow(
                UnsafeRawBufferPointer(rebasing: bytes[some.lowerBound * size..<some.upperBound * size]),
                type: type, count: some.count)
            let rounded = values.flatMap { try? encodeRow($0, type: otherType) }
            return rounded?.elementsEqual(others[some.lowerBound * otherSize..<some.upperBound * otherSize])
                == true
        }
    }

    /// Refuses tensors that nothing has asked for, but for those that may be left out.
    func checkThatAllAreRead() throws(ConversionError) {
        // In the order of the files, so that the message is the same each time.
        let left = folder.members.map(\.tensor.name).filter { name in
            let name = TensorNames.canonical(name, family)
            return !used.contains(name) && !TensorNames.isDropped(name, family)
        }
        guard let first = left.first else { return }
        throw ConversionError(
            .unexpectedTensor, path: folder.path, field: "tensors",
            found: left.count == 1 ? first : "\(first) and \(left.count - 1) more",
            allowed: "the tensors of \(family.modelClasses[0])")
    }

    private mutating func find(
        _ name: String, shape: [Int]
    ) throws(ConversionError) -> (SafetensorsFolder.Member, TensorType) {
        guard let member = stored[name] else {
            throw ConversionError(
                .missingTensor, path: folder.path, field: "tensors", found: "no \(name)",
                allowed: "a tensor of that name, \(shape)")
        }
        used.insert(name)
        guard member.tensor.shape == shape else {
            throw ConversionError(
                .wrongShape, path: folder.path, field: member.tensor.name, found: "\(member.tensor.shape)",
                allowed: "\(shape), as \(configurationPath) says")
        }
        guard let type = TensorType(member.tensor.type) else {
            throw ConversionError(
                .unsupportedTensorType, path: folder.path, field: "dtype of \(member.tensor.name)",
                found: member.tensor.type.rawValue, allowed: "F32, F16 or BF16")
        }
        return (member, type)
    }
}

extension TensorType {
    /// The same encoding in a safetensors file; nil for what is not a float of 16 or 32 bits.
    init?(_ type: SafetensorsType) {
        switch type {
        case .float32: self = .f32
        case .float16: self = .f16
        case .bfloat16: self = .bf16
        default: return nil
        }
    }
}
