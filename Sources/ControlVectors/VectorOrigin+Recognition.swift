import GGUF
import Terms

/// Recognition by what each tool writes beside the directions:
///
/// | Tool | Marks |
/// |---|---|
/// | GLP | `glp.mode` or `glp.spec_version` |
/// | EasySteer | `controlvector.method` |
/// | llama.cpp's generator | `controlvector.layer_count` as i32 |
/// | jukofyork | `layer_count` as u32, of the model: more than there are directions, or zeros for the layers left out |
/// | repeng | `layer_count` as u32, of the directions |
extension VectorOrigin {
    /// Looks at the keys of a file that is not ours.
    static func recognised(
        _ metadata: GGUFMetadata, directions: [LayerIndex: [Float]]
    ) throws(ControlVectorError) -> VectorOrigin {
        let method = try containing { () throws(GGUFError) in
            try metadata.stringIfPresent(ControlVectorKey.foreignMethod)
        }
        if isGLP(metadata) { return VectorOrigin(.glp, method: method) }
        switch metadata[ControlVectorKey.layerCount] {
        case .int32:
            // Forks of the generator also write a method.
            return VectorOrigin(.llamaCpp, method: method)
        case .uint32(let count) where method == nil:
            let hasZeros = directions.values.contains { $0.allSatisfy { $0 == 0 } }
            return VectorOrigin(Int(count) == directions.count && !hasZeros ? .repeng : .jukofyork)
        default:
            return VectorOrigin(method == nil ? .unknown : .easySteer, method: method)
        }
    }

    /// Directions of `project` are to be taken out of the stream, not added to it: adding
    /// them does something else.
    static func refuseProjection(_ metadata: GGUFMetadata, path: String) throws(ControlVectorError) {
        let mode = try containing { () throws(GGUFError) in
            try metadata.stringIfPresent(ControlVectorKey.projectionMode)
        }
        if let mode, mode != "add" {
            throw .badValue(
                path: path, key: ControlVectorKey.projectionMode, found: mode,
                allowed: "add: this version adds directions and does not project them out")
        }
    }

    private static func isGLP(_ metadata: GGUFMetadata) -> Bool {
        metadata[ControlVectorKey.projectionMode] != nil
            || metadata[ControlVectorKey.projectionVersion] != nil
    }
}
