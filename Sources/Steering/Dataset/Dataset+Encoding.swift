extension Dataset: Encodable {
    /// Writes the form of a dataset file, without the fields that are at their defaults.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: DatasetField.self)
        try container.encode(name, forKey: .name)
        try container.encodeIfPresent(description, forKey: .description)
        try container.encodeIfPresent(language, forKey: .language)
        if isRaw != content.isRawByDefault { try container.encode(isRaw, forKey: .isRaw) }
        switch content {
        case .personas(let prompts):
            try container.encode(prompts.template, forKey: .template)
            try container.encodeIfPresent(prompts.system, forKey: .system)
            try container.encode(prompts.positive, forKey: .positive)
            try container.encode(prompts.negative, forKey: .negative)
            try container.encode(prompts.suffixes, forKey: .suffixes)
            if prompts.truncates { try container.encode(true, forKey: .truncates) }
        case .pairs(let pairs):
            try container.encode(pairs, forKey: .pairs)
        case .instructions(let prompts):
            try container.encode(prompts.instructions, forKey: .instructions)
            try container.encode(prompts.prompts, forKey: .prompts)
            try container.encodeIfPresent(prompts.judgePrompt, forKey: .judgePrompt)
        }
        if markers != Markers() { try container.encode(markers, forKey: .markers) }
        if !questions.isEmpty { try container.encode(questions, forKey: .questions) }
    }
}
