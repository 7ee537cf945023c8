/// Where a configuration says how positions turn the queries and keys, found as transformers finds it.
///
/// `rope_scaling` of the older versions stands in for the whole of a `rope_parameters` beside it;
/// only Gemma 3 adds it to the fields of the blocks that see everything. What neither says stands
/// in the configuration itself.
struct RotaryFields: Sendable {
    /// The fields of all blocks, or of those that see everything; nil where there are none.
    let parameters: ConfigurationFile?
    /// The fields of the blocks that see a sliding window, where these have their own.
    let local: ConfigurationFile?
    private let file: ConfigurationFile

    init(_ file: ConfigurationFile, _ family: CheckpointFamily) throws(ConversionError) {
        self.file = file
        var scaling = try file.object("rope_scaling")
        // An empty one says nothing.
        if let found = scaling, found.isEmpty { scaling = nil }
        let current = try file.object("rope_parameters")
        let addsScaling = family.architecture == "gemma3"
        let all = addsScaling ? current : scaling ?? current
        local = try all?.object("sliding_attention")
        let full = try all?.object("full_attention") ?? all
        if addsScaling, let scaling {
            parameters = full.map { scaling.before($0) } ?? scaling
        } else {
            parameters = full
        }
    }

    /// What has a key: the fields, or else the configuration.
    func holder(of key: String) -> ConfigurationFile {
        guard let parameters, parameters.node([key]) != nil else { return file }
        return parameters
    }
}
