public import GGUF
import Quantization
import Terms

/// Reading, by rules at least as strict as llama.cpp's: every tensor is named `direction.N` with N a plain
/// decimal number from 1, is F32, has one dimension, and the same length as the others. On top of them N has
/// an upper bound, every element must be finite, and a file that says it is something else is refused.
///
/// repeng and llama.cpp write three keys, which may all be missing here. `controlvector.layer_count` (u32 of
/// repeng, i32 of llama.cpp) is no check, but its type tells who wrote the file (`VectorOrigin`).
extension ControlVector {
    /// Reads a vector file of Tiller, repeng, llama.cpp or anything that writes theirs.
    ///
    /// - Throws: `container` for what no GGUF file may have, `notAControlVector`, `empty`,
    ///   `unexpectedTensor`, `badDirectionIndex`, `notFloat32`, `notOneDimensional`, `emptyDirection`,
    ///   `sizeMismatch`, `notFinite`, `newerFormat`, `badValue`.
    public init(path: String) throws(ControlVectorError) {
        try self.init(try containing { () throws(GGUFError) in try GGUFFile(path: path) })
    }

    /// Reads a vector from a GGUF file that is already open.
    public init(_ file: GGUFFile) throws(ControlVectorError) {
        let metadata = file.metadata
        let architecture = try containing { () throws(GGUFError) in
            try metadata.stringIfPresent(ControlVectorKey.architecture)
        }
        if let architecture, architecture != ControlVectorFormat.architecture {
            throw .notAControlVector(path: file.path, architecture: architecture)
        }
        try VectorOrigin.refuseProjection(metadata, path: file.path)
        // Only EasySteer numbers from 0; llama.cpp refuses such a file as a whole.
        let first =
            metadata[ControlVectorKey.foreignMethod] == nil ? ControlVectorFormat.layers.lowerBound : 0
        var directions: [LayerIndex: [Float]] = [:]
        for tensor in file.tensors {
            // Names are unique in a GGUF file and each layer has one name, so no layer comes twice.
            directions[try Self.layer(of: tensor, from: first, path: file.path)] =
                try Self.direction(tensor, file)
        }
        let reader = MetadataReader(metadata, path: file.path)
        let isOurs = try reader.readFormatVersion()
        try self.init(
            checking: directions,
            modelHint: try containing { () throws(GGUFError) in
                try metadata.stringIfPresent(ControlVectorKey.modelHint)
            },
            fingerprint: isOurs ? try reader.fingerprint() : nil,
            extraction: isOurs ? try reader.extraction() : nil,
            calibration: isOurs ? try reader.calibration() : nil,
            path: file.path)
        origin = isOurs ? try reader.origin() : try VectorOrigin.recognised(metadata, directions: directions)
        derivation = isOurs ? try reader.derivation() : nil
        if isOurs { components = try reader.components(of: layers, hiddenSize: hiddenSize) }
    }

    private static func layer(
        of tensor: GGUFTensorInfo, from first: Int, path: String
    ) throws(ControlVectorError) -> LayerIndex {
        let prefix = ControlVectorFormat.tensorPrefix
        guard tensor.name.utf8.starts(with: prefix.utf8) else {
            throw .unexpectedTensor(path: path, name: tensor.name)
        }
        // `Int` would also take "+1" and "01": the first is a second name of layer 1, and so is the other.
        let digits = tensor.name.utf8.dropFirst(prefix.utf8.count)
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            digits.first != UInt8(ascii: "0") || digits.count == 1,
            let layer = Int(String(decoding: digits, as: UTF8.self)),
            (first...ControlVectorFormat.layers.upperBound).contains(layer)
        else { throw .badDirectionIndex(path: path, name: tensor.name) }
        return LayerIndex(layer)
    }

    private static func direction(
        _ tensor: GGUFTensorInfo, _ file: GGUFFile
    ) throws(ControlVectorError) -> [Float] {
        guard tensor.type == .f32 else {
            throw .notFloat32(path: file.path, name: tensor.name, type: tensor.type.name)
        }
        guard tensor.shape.count == 1 else {
            throw .notOneDimensional(path: file.path, name: tensor.name, shape: tensor.shape)
        }
        let bytes = file.bytes(of: tensor)
        return [Float](unsafeUninitializedCapacity: tensor.elementCount) { target, count in
            UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
            count = tensor.elementCount
        }
    }
}

/// Runs a body that reads a GGUF file, and wraps its errors.
func containing<Result>(
    _ body: () throws(GGUFError) -> Result
) throws(ControlVectorError) -> Result {
    do throws(GGUFError) {
        return try body()
    } catch {
        throw .container(error)
    }
}
