/// Every metadata key of a vector file, each written here and nowhere else.
enum ControlVectorKey {
    // What llama.cpp and repeng write.
    static let architecture = "general.architecture"
    static let modelHint = "controlvector.model_hint"
    static let layerCount = "controlvector.layer_count"

    // What other tools write beside them.
    static let foreignMethod = "controlvector.method"
    static let projectionMode = "glp.mode"
    static let projectionVersion = "glp.spec_version"

    // Ours: files without `formatVersion` are of other tools.
    static let formatVersion = "tiller.format_version"

    // How the directions were found.
    static let toolVersion = "tiller.version"
    static let method = "tiller.method"
    static let readout = "tiller.readout"
    static let scaleConvention = "tiller.scale"
    static let layerRange = "tiller.layer_range"
    static let recipe = "tiller.recipe"

    // What a judge said of the model's own answers. A side is i32[3]: judged, kept, refused.
    static let judgeModel = "tiller.judge.model"
    static let judgeThreshold = "tiller.judge.threshold"
    static let judgePositive = "tiller.judge.positive"
    static let judgeNegative = "tiller.judge.negative"

    // Which tool found the directions, where it was another one.
    static let originProducer = "tiller.origin.producer"
    static let originMethod = "tiller.origin.method"
    static let originShift = "tiller.origin.shift"

    // Which vectors it was made of. The arrays have one element for each of them; weights and orthogonalized
    // are there for sums, layers for shifts.
    static let derivationOperation = "tiller.derivation.operation"
    static let derivationParents = "tiller.derivation.parents"
    static let derivationDigests = "tiller.derivation.digests"
    static let derivationWeights = "tiller.derivation.weights"
    static let derivationOrthogonalized = "tiller.derivation.orthogonalized"
    static let derivationLayers = "tiller.derivation.layers"

    // One element for each layer of `evidenceLayers`.
    static let evidenceLayers = "tiller.evidence.layers"
    static let evidenceEstimator = "tiller.evidence.estimator"
    static let evidenceScale = "tiller.evidence.scale"
    static let evidenceNorm = "tiller.evidence.norm"
    static let evidenceVarianceRatio = "tiller.evidence.explained_variance_ratio"
    static let evidenceAccuracy = "tiller.evidence.pair_accuracy"
    static let evidenceCosine = "tiller.evidence.cosine_to_mean"
    static let evidenceDose = "tiller.evidence.dose"
    static let evidenceGap = "tiller.evidence.component_gap"
    static let evidenceAccuracyLow = "tiller.evidence.pair_accuracy_low"
    static let evidenceAccuracyHigh = "tiller.evidence.pair_accuracy_high"
    static let evidenceAUC = "tiller.evidence.auc"
    static let evidenceAUCLow = "tiller.evidence.auc_low"
    static let evidenceAUCHigh = "tiller.evidence.auc_high"
    static let evidencePersonaAccuracy = "tiller.evidence.persona_accuracy"
    static let evidenceCosineToPrevious = "tiller.evidence.cosine_to_previous"
    static let evidenceHeldOut = "tiller.evidence.held_out_pairs"
    static let evidenceNegativeMean = "tiller.evidence.negative_mean"
    static let evidencePositiveMean = "tiller.evidence.positive_mean"
    static let evidenceSpread = "tiller.evidence.side_spread"
    /// Written for other tools; here the numbers above are read and judged again.
    static let evidenceVerdict = "tiller.evidence.verdict"
    static let verdict = "tiller.verdict"
    static let verdictReason = "tiller.verdict.reason"

    /// The k-th principal component of a layer, k from 2: f32[hiddenSize], unit length. No tensors, because
    /// llama.cpp refuses a file with a tensor that is not `direction.N`.
    static func component(_ number: Int, layer: Int) -> String { "tiller.component.\(number).\(layer)" }

    // The strongest strengths within the budget, the bounds of the bands around them, and
    // what they were measured with.
    static let calibratedNegative = "tiller.calibrated.negative"
    static let calibratedPositive = "tiller.calibrated.positive"
    static let calibratedModelDigest = "tiller.calibrated.model_digest"
    static let calibratedComputationDigest = "tiller.calibrated.computation_digest"
    static let calibratedModelName = "tiller.calibrated.model_name"
    static let calibratedBudget = "tiller.calibrated.budget"
    static let calibratedPrompts = "tiller.calibrated.prompts"
    static let calibratedIsRaw = "tiller.calibrated.raw"
    static let calibratedSystem = "tiller.calibrated.system"
    static let calibratedIsCarried = "tiller.calibrated.carried"

    /// Up to here half of the budget is enough.
    static func calibratedSafe(_ side: String) -> String { side + "_safe" }

    /// The weakest strength that was seen to break the budget.
    static func calibratedBreaking(_ side: String) -> String { side + "_breaking" }

    // The model's fingerprint.
    static let modelArchitecture = "tiller.model.architecture"
    static let modelName = "tiller.model.name"
    static let modelHiddenSize = "tiller.model.hidden_size"
    static let modelLayerCount = "tiller.model.layer_count"
    static let modelVocabularySize = "tiller.model.vocabulary_size"
    static let modelTokenizerHash = "tiller.model.tokenizer_hash"
    static let modelChatTemplateHash = "tiller.model.chat_template_hash"
    static let modelFileType = "tiller.model.file_type"
    static let modelNormHash = "tiller.model.norm_hash"
    static let modelDigest = "tiller.model.digest"
    static let modelComputationDigest = "tiller.model.computation_digest"
}

/// The constants of the file form.
enum ControlVectorFormat {
    static let architecture = "controlvector"
    /// Raised when a reader of the earlier version would misread a file.
    static let version = 1
    static let tensorPrefix = "direction."
    /// Layers that a file may name. llama.cpp refuses 0; no model is deeper than 1024 blocks, and an
    /// unbounded index is how `direction.536870912` writes outside of llama.cpp's buffer.
    static let layers = 1...1023
}
