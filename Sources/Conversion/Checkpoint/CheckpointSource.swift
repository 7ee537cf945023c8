public import GGUF
public import Quantization
import Safetensors
import Synchronization
import Terms

/// A checkpoint folder of Hugging Face, presented as the GGUF file that it would become.
///
/// Tensors whose stored bytes are already those of the file are served from the mapped files without a copy;
/// they need not be aligned, which no kernel asks for (`Quantization`: a row may lie at any address). The
/// others (permuted queries and keys, norms, stacked experts) are made when they are first asked for, and
/// kept; who reads them in slices gets them made anew.
///
/// The files must not be shortened or rewritten in place while this object lives.
public final class CheckpointSource: ModelSource {
    /// The folder's path as it was given.
    public let path: String
    /// The keys and values, as llama.cpp's converter writes them.
    public let metadata: GGUFMetadata
    /// The tensors in the order of the file.
    public let tensors: [GGUFTensorInfo]
    /// What a person should know before others read a file made from this: none for most checkpoints.
    public let notes: [String]
    /// Whether the folder has a tokenizer.
    public let hasTokenizer: Bool

    let folder: SafetensorsFolder
    let planned: [PlannedTensor]
    private let positions: [String: Int]
    /// The tensors that were made from others and are kept.
    let made = Mutex<[Int: TensorBytes]>([:])

    /// Opens a folder and checks everything in it but the numbers.
    ///
    /// - Throws: `ConversionError`.
    public init(path: String) throws(ConversionError) {
        self.path = path
        try Self.checkFolder(path)
        let configurationPath = path + "/config.json"
        let configuration = try ConfigurationFile(path: configurationPath)
        let family = try CheckpointFamily(configuration)
        let sizes = try Hyperparameters(configuration, family)
        let window = try FamilyChecks(file: configuration, family: family, sizes: sizes).run()
        let rotary =
            family.hasRotaryPositions ? try RotaryParameters(configuration, family, sizes) : nil
        let folder = try explaining(path) { () throws(SafetensorsError) in try SafetensorsFolder(path: path) }
        var planner = try TensorPlanner(folder, configurationPath: configurationPath, family, sizes)
        try planner.planModel(rotary)
        self.folder = folder
        planned = planner.tensors
        var tensors: [GGUFTensorInfo] = []
        var positions: [String: Int] = [:]
        for tensor in planner.tensors {
            guard let info = GGUFTensorInfo(name: tensor.name, shape: tensor.shape, type: tensor.type) else {
                throw ConversionError(
                    .wrongShape, path: path, field: tensor.name, found: "\(tensor.shape)",
                    allowed: "a size that can be counted")
            }
            positions[tensor.name] = tensors.count
            tensors.append(info)
        }
        self.tensors = tensors
        self.positions = positions

        var model = try ModelMetadata(
            path: path, name: Self.name(of: path), file: configuration, family: family, sizes: sizes,
            rotary: rotary, window: window
        ).metadata
        model["general.file_type"] = .uint32(Self.mainType(of: planned).fileType)
        var vocabulary = try VocabularyReader(
            folder: path, configuration: configuration, family: family, rowCount: sizes.vocabularySize)
        hasTokenizer = try vocabulary.write(to: &model)
        let unknown = Self.tensorUnknownToLlamaCpp(family, tensors).map {
            "llama.cpp does not load this file: it knows no \($0) in this family"
        }
        notes =
            [unknown].compactMap { $0 } + Self.notes(family, sizes, rotary, window: window)
            + vocabulary.notes
        metadata = model
    }

    /// What llama.cpp computes in another way than the model's makers.
    private static func notes(
        _ family: CheckpointFamily, _ sizes: Hyperparameters, _ rotary: RotaryParameters?, window: Int?
    ) -> [String] {
        var notes: [String] = []
        if case .yarn(_, _, _, let fast, let slow)? = rotary?.scaling, fast ?? 32 != 32 || slow ?? 1 != 1 {
            notes.append(
                "YaRN's bounds are not 32 and 1, which llama.cpp takes for every model of this family")
        }
        if let experts = sizes.experts, experts.normalizesWeights != (family.architecture != "qwen2moe") {
            notes.append("llama.cpp weighs the experts of this family in the other way (norm_topk_prob)")
        }
        if let window, family.window == .everywhere, window < sizes.contextLength {
            notes.append(
                "llama.cpp leaves out this model's sliding window: it differs on texts of more than \(window) tokens"
            )
        }
        return notes
    }

    /// The first tensor that llama.cpp has no place for in its graph of the family; it
    /// then refuses the whole file.
    private static func tensorUnknownToLlamaCpp(
        _ family: CheckpointFamily, _ tensors: [GGUFTensorInfo]
    ) -> String? {
        let lacksBias = ["qwen3", "qwen3moe", "gemma", "gemma2", "gemma3"].contains(family.architecture)
        let lacksOutput = ["gemma", "gemma2"].contains(family.architecture)
        return tensors.map(\.name).first { name in
            lacksBias && name.hasSuffix(".attn_output.bias") || lacksOutput && name == TensorNames.output
        }
    }

    /// The tensor of that name, found in constant time.
    public func tensor(_ name: String) -> GGUFTensorInfo? {
        positions[name].map { tensors[$0] }
    }

    /// The bytes of one of this source's own tensors, in the encoding of its type; valid
    /// while this object lives.
    public func bytes(of tensor: GGUFTensorInfo) -> UnsafeRawBufferPointer {
        guard let position = positions[tensor.name], tensor.byteCount > 0 else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let plan = planned[position]
        if case .stored(let gather) = plan.origin, gather.isStored(as: plan.type) {
            return folder.bytes(of: gather.parts[0])
        }
        return made.withLock { made in
            if let bytes = made[position] { return bytes.contents }
            let bytes = TensorBytes(count: tensor.byteCount)
            plan.write(0..<plan.unitCount, from: folder, to: bytes.start)
            made[position] = bytes
            return bytes.contents
        }
    }

    /// Reads a tensor in slices; what has to be made from others is made slice by slice, and not kept.
    public func forEachSlice(
        of tensor: GGUFTensorInfo, rows: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        guard let position = positions[tensor.name], tensor.byteCount > 0 else { return }
        let plan = planned[position]
        let isMade = made.withLock { $0[position] != nil }
        guard case .stored(let gather) = plan.origin, !isMade, !gather.isStored(as: plan.type) else {
            return try forEachSlice(of: tensor, rows: rows, in: bytes(of: tensor), body)
        }
        // A row is one unit or several.
        let unitsPerSlice = max(1, rows) * plan.unitCount / tensor.rowCount
        let unitByteCount = tensor.byteCount / plan.unitCount
        let slice = TensorBytes(count: min(unitsPerSlice, plan.unitCount) * unitByteCount)
        for start in stride(from: 0, to: plan.unitCount, by: unitsPerSlice) {
            let units = start..<min(start + unitsPerSlice, plan.unitCount)
            plan.write(units, from: folder, to: slice.start)
            for part in gather.parts(of: units) { folder.files[part.file].letGo(folder.bytes(of: part)) }
            try body(UnsafeRawBufferPointer(rebasing: slice.contents[..<(units.count * unitByteCount)]))
        }
    }

    /// Says that some of a tensor's bytes will not be read soon. Those that were made from others stay.
    public func letGo(_ bytes: UnsafeRawBufferPointer) {
        for file in folder.files { file.letGo(bytes) }
    }

    /// The bytes of all files together.
    public var byteCount: Int { folder.byteCount }

    /// The type that most of the stored bytes have: what a copy without loss is written as.
    public var mainType: TensorType { Self.mainType(of: planned) }

    private static func mainType(of planned: [PlannedTensor]) -> TensorType {
        var bytes: [TensorType: Int] = [:]
        for tensor in planned {
            guard case .stored(let gather) = tensor.origin else { continue }
            bytes[gather.storedType, default: 0] += tensor.elementCount * gather.storedType.bytesPerBlock
        }
        // The wider one of equals, so that nothing is lost.
        return bytes.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key ?? .f32
    }

    /// The folder's own name, for `general.name`. In a cache of Hugging Face that is the
    /// model's, three folders above.
    private static func name(of path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        if parts.count >= 3, parts[parts.count - 2] == "snapshots",
            parts[parts.count - 3].hasPrefix("models--"),
            let name = parts[parts.count - 3].split(separator: "--").last
        {
            return String(name)
        }
        return parts.last.map(String.init) ?? path
    }
}

/// A block of memory that is filled once and freed with its owner.
///
/// `@unchecked Sendable`: it is written to before anyone else sees it, and only read after that.
final class TensorBytes: @unchecked Sendable {
    let start: UnsafeMutableRawPointer
    private let count: Int

    init(count: Int) {
        self.count = count
        start = .allocate(byteCount: count, alignment: 64)
    }

    deinit { start.deallocate() }

    var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
}

extension PlannedTensor {
    /// How many units it is made in.
    var unitCount: Int { elementCount / max(1, unitSize) }

    /// The elements of one unit.
    var unitSize: Int {
        switch origin {
        case .stored(let gather): gather.unitSize
        case .values(let values): values.count
        }
    }

    /// Writes some units in the tensor's own type.
    func write(_ units: Range<Int>, from folder: SafetensorsFolder, to output: UnsafeMutableRawPointer) {
        switch origin {
        case .stored(let gather):
            gather.write(units, as: type, from: folder, to: output)
        case .values(let values):
            values.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { output.copyMemory(from: base, byteCount: bytes.count) }
            }
        }
    }
}

extension TensorType {
    /// llama.cpp's number of a file that is mostly of this type.
    var fileType: UInt32 {
        switch self {
        case .f16: 1
        case .q8_0: 7
        case .bf16: 32
        default: 0
        }
    }
}
