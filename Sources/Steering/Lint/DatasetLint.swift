import Terms

/// Looks for what makes a dataset give a direction of something else than its trait,
/// before anything is computed.
///
/// What the texts alone tell is in `DatasetLint+Texts`, what needs a model's tokens in `DatasetLint+Tokens`.
public struct DatasetLint {
    let dataset: Dataset

    private init(_ dataset: Dataset) {
        self.dataset = dataset
    }

    /// What the texts tell, without a model. Worst first.
    public static func findings(in dataset: Dataset) -> [LintFinding] {
        let lint = DatasetLint(dataset)
        return sorted(lint.textFindings() + lint.tooFewTexts())
    }

    /// What the texts and a model's tokens tell. Worst first.
    ///
    /// Of instructions the texts alone tell something: their pairs are answers that the
    /// model has yet to give.
    ///
    /// - Parameter readout: Which states are going to be read.
    /// - Throws: What the encoder throws; what is wrong with the dataset is a finding.
    public static func findings(
        in dataset: Dataset, for encoder: some PromptEncoder, readout: Readout = .last
    ) throws -> [LintFinding] {
        let lint = DatasetLint(dataset)
        if case .instructions = dataset.content { return sorted(lint.textFindings()) }
        let pairs: [ExamplePair]
        do {
            pairs = try dataset.pairs(encoder)
        } catch let error as SteeringError {
            return sorted(lint.textFindings() + [LintFinding(error)])
        }
        return sorted(lint.textFindings() + (try lint.tokenFindings(pairs, encoder, readout)))
    }

    /// The same, of pairs that are already there.
    static func findings(
        in dataset: Dataset, pairs: [ExamplePair], for encoder: some PromptEncoder
    ) throws -> [LintFinding] {
        let lint = DatasetLint(dataset)
        return sorted(lint.textFindings() + (try lint.tokenFindings(pairs, encoder, .last)))
    }

    /// Worst first, in the order of the rules within one severity.
    private static func sorted(_ findings: [LintFinding]) -> [LintFinding] {
        LintFinding.Severity.allCases.reversed().flatMap { severity in
            findings.filter { $0.severity == severity }
        }
    }
}
