extension DatasetImport {
    /// Lines of `{"prompt", "positive_response", "negative_response"}`, or a list of them.
    func steerkit(_ file: ForeignFile) throws(SteeringError) -> Outcome {
        var entries: [JSONFields] = []
        if file.isLines {
            for text in try file.jsonLines() {
                entries.append(try JSONFields(foreign: try JSONParser.parse(text), of: text))
            }
        } else {
            let text = try file.json()
            let node = try JSONParser.parse(text)
            guard case .array(let nodes) = node.value else {
                throw JSONFields.wrongType("a list, or one object a line", node, text, "")
            }
            for (index, node) in nodes.enumerated() {
                entries.append(try JSONFields(foreign: node, of: text, path: "[\(index)]"))
            }
        }
        var pairs: [ForeignPair] = []
        for entry in entries {
            pairs.append(
                ForeignPair(
                    prompt: try entry.requiredForeignText("prompt", "write the user turn"),
                    positive: try entry.requiredForeignText("positive_response", "write both responses"),
                    negative: try entry.requiredForeignText("negative_response", "write both responses")))
        }
        let dataset = try self.dataset(file, .pairs(pairs.map(\.texts))) { field, index in
            index.map { pairs[$0].place } ?? "\(file.path): \(field)"
        }
        return Outcome(dataset: dataset, kind: .steerkit, notes: [])
    }
}
