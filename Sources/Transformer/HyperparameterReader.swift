import GGUF

/// Reads hyperparameters and refuses those that no model can have.
struct HyperparameterReader {
    let file: any ModelSource
    /// The prefix of the family's keys.
    var prefix = ""

    func architecture() throws(TransformerError) -> Architecture {
        let key = "general.architecture"
        guard let found = try checked({ () throws(GGUFError) in try file.metadata.stringIfPresent(key) })
        else {
            throw .inconsistentHyperparameters(
                file: file.path, key: key, found: "missing", expected: "the name of a model family")
        }
        guard let family = Architecture.known.first(where: { $0.name == found }) else {
            throw .unknownArchitecture(
                file: file.path, found: found, known: Architecture.known.map(\.name))
        }
        return family
    }

    func modelName() throws(TransformerError) -> String? {
        try checked { () throws(GGUFError) in try file.metadata.stringIfPresent(TokenizerKey.modelName) }
    }

    /// The rows of the token embedding, which is what the logits are as many as.
    func vocabularySize() throws(TransformerError) -> Int {
        guard let embedding = file.tensor(TensorName.tokenEmbedding) else {
            throw .missingTensor(file: file.path, name: TensorName.tokenEmbedding)
        }
        guard embedding.shape.count == 2, embedding.shape[1] > 0, embedding.shape[1] <= Int(Int32.max) else {
            throw .tensorShape(
                file: file.path, name: TensorName.tokenEmbedding, found: embedding.shape,
                expected: [embedding.shape.first ?? 0, 1])
        }
        return embedding.shape[1]
    }

    // MARK: - Keys of the family

    func string(_ key: String) throws(TransformerError) -> String? {
        try checked { () throws(GGUFError) in try file.metadata.stringIfPresent("\(prefix).\(key)") }
    }

    func boolean(_ key: String) throws(TransformerError) -> Bool? {
        try checked { () throws(GGUFError) in try file.metadata.booleanIfPresent("\(prefix).\(key)") }
    }

    func value(_ key: String) -> GGUFValue? {
        file.metadata["\(prefix).\(key)"]
    }

    /// A whole number in 1...highest; nil where the key is missing.
    func countIfPresent(_ key: String, atMost highest: Int) throws(TransformerError) -> Int? {
        let found = try checked { () throws(GGUFError) in
            try file.metadata.integerIfPresent("\(prefix).\(key)")
        }
        if let found { try require((1...highest).contains(found), key, found, "1-\(highest)") }
        return found
    }

    /// A whole number in 1...highest; nil where the key is missing, or 0, as llama.cpp's own writer
    /// states what it does not know.
    func countUnlessZero(_ key: String, atMost highest: Int) throws(TransformerError) -> Int? {
        if let number = value(key)?.integer, number == 0 { return nil }
        return try countIfPresent(key, atMost: highest)
    }

    /// A whole number in 1...highest.
    func count(_ key: String, atMost highest: Int) throws(TransformerError) -> Int {
        guard let found = try countIfPresent(key, atMost: highest) else {
            throw inconsistent(key, "missing", "1-\(highest)")
        }
        return found
    }

    /// A finite number above 0; nil where the key is missing.
    func positiveIfPresent(_ key: String) throws(TransformerError) -> Double? {
        guard let found = try numberIfPresent(key) else { return nil }
        guard found.isFinite, found > 0, Float(found) > 0, Float(found).isFinite else {
            throw inconsistent(key, String(found), "a number above 0")
        }
        return found
    }

    /// A finite number above 0; nil where the key is missing, or 0, as llama.cpp's own writer
    /// states what it does not know.
    func positiveUnlessZero(_ key: String) throws(TransformerError) -> Double? {
        if let number = value(key)?.number, number == 0 { return nil }
        return try positiveIfPresent(key)
    }

    func numberIfPresent(_ key: String) throws(TransformerError) -> Double? {
        try checked { () throws(GGUFError) in try file.metadata.numberIfPresent("\(prefix).\(key)") }
    }

    /// A finite number above 0.
    func positive(_ key: String) throws(TransformerError) -> Double {
        guard let found = try positiveIfPresent(key) else {
            throw inconsistent(key, "missing", "a number above 0")
        }
        return found
    }

    func require(
        _ isSound: Bool, _ key: String, _ found: Int, _ expected: String
    ) throws(TransformerError) {
        if !isSound { throw inconsistent(key, String(found), expected) }
    }

    func inconsistent(_ key: String, _ found: String, _ expected: String) -> TransformerError {
        .inconsistentHyperparameters(
            file: file.path, key: "\(prefix).\(key)", found: found, expected: expected)
    }

    func notComputed(_ key: String, _ found: String, _ computed: String) -> TransformerError {
        .hyperparameterNotComputed(
            file: file.path, key: "\(prefix).\(key)", found: found, computed: computed)
    }

    private func checked<Value>(_ read: () throws(GGUFError) -> Value) throws(TransformerError) -> Value {
        do {
            return try read()
        } catch {
            throw .unreadable(
                file: file.path, code: error.code, message: error.message, remedy: error.remedy)
        }
    }
}
