public import Terms

/// What went wrong while a dataset was read, a direction was estimated or a vector was applied.
public struct SteeringError: ExplainedError, Equatable {
    /// The kinds of failure; the raw value is the stable name that scripts see.
    public enum Kind: String, Sendable, CaseIterable {
        // Reading a JSON file
        case unreadableFile, emptyFile, fileTooLarge, invalidUTF8, byteOrderMark, invalidJSON, tooDeep
        case duplicateField, unknownField, missingField, wrongType, invalidValue
        // What a dataset says
        case emptyField, mixedForms, unequalSides, identicalSides, tooFewPairs, missingPersona
        // Files of other tools
        case unknownForm, missingInput, unusedInput
        // What an extraction meets
        case noChatTemplate, noRecipe, promptTooLong, unknownLayer, degenerateDirections, nonFiniteValue
        case invalidReadout, notSteerable, tooFewAnswers
        // What a judge is asked and says
        case noJudge, noJudgeScore
        // What steering and sweeps are asked for
        case invalidStrength, invalidStrengthList, tooManyStrengths, notCalibrated
        case vectorDoesNotFit, noSteeredLayer, notSteered, emptyAnswer
        // What a calibration meets
        case invalidBudget, noSoundAnswer
        // What readout heads leave
        case auditFailed
    }

    /// Which failure it is.
    public let kind: Kind

    /// What was expected, what was found, and where.
    public let message: String

    /// What repairs it.
    public let remedy: String?

    /// The kind's name.
    public var code: String { kind.rawValue }

    /// What an option or an argument cannot be is bad usage.
    public var category: ErrorCategory {
        switch kind {
        case .missingInput, .unusedInput, .unknownLayer, .noJudge, .invalidStrength, .invalidStrengthList,
            .tooManyStrengths, .noSteeredLayer, .invalidBudget:
            .usage
        default: isTyped ? .usage : .failure
        }
    }

    /// Whether what is wrong was typed, where it may as well stand in a file.
    private var isTyped = false

    /// The same of what was typed.
    var ofTyped: SteeringError {
        var error = self
        error.isTyped = true
        return error
    }

    /// An error in words that the caller has chosen; the words of this module stand
    /// beside what they are about.
    init(_ kind: Kind, _ message: String, remedy: String? = nil) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
    }
}
