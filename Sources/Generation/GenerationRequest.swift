public import Terms
public import Transformer

/// One answer to generate.
public struct GenerationRequest: Sendable {
    /// The tokens that the answer follows.
    public var prompt: [TokenID]
    /// Which of them are earlier answers, for rules that act on answers or on prompts only; ascending.
    public var earlierAnswers: [Range<Int>]
    /// What changes the hidden states, in the prompt and in the answer, token by token.
    public var program: SteeringProgram
    /// How tokens are chosen.
    public var sampling: SamplingOptions
    /// The answer's length in tokens at the most.
    public var maximumTokens: Int
    /// Whether the answer goes on past the end-of-generation tokens.
    public var ignoresEndOfGeneration: Bool
    /// Whether the answer goes on with the prompt's own text, as behind a raw prompt: code that is
    /// open there is then open in the answer, and rules that pause in it rest. An answer of a chat
    /// begins with a line of its own.
    public var continuesText = false
    /// What is read of each token of the answer, for whoever watches it; the last token is then computed too.
    public var captures: Set<HookPoint> = []

    /// An answer to `prompt`.
    public init(
        prompt: [TokenID], earlierAnswers: [Range<Int>] = [], program: SteeringProgram,
        sampling: SamplingOptions = SamplingOptions(), maximumTokens: Int = 128,
        ignoresEndOfGeneration: Bool = false
    ) {
        self.prompt = prompt
        self.earlierAnswers = earlierAnswers
        self.program = program
        self.sampling = sampling
        self.maximumTokens = maximumTokens
        self.ignoresEndOfGeneration = ignoresEndOfGeneration
    }

    /// An answer to `prompt`, with interventions that are in force at every token.
    public init(
        prompt: [TokenID], interventions: [Intervention] = [], sampling: SamplingOptions = SamplingOptions(),
        maximumTokens: Int = 128, ignoresEndOfGeneration: Bool = false
    ) {
        self.init(
            prompt: prompt, program: SteeringProgram(always: interventions), sampling: sampling,
            maximumTokens: maximumTokens, ignoresEndOfGeneration: ignoresEndOfGeneration)
    }
}

/// Why an answer ended.
public enum FinishReason: String, Sendable, Codable {
    /// The model ended it.
    case stop
    /// It reached its length at the most, or the context was full.
    case length
    /// Whoever asked for it no longer wants it.
    case cancelled
}

/// A generated answer.
public struct Generation: Sendable, Equatable {
    /// The answer's text, without the end-of-generation token.
    public var text: String
    /// The answer's tokens, without the end-of-generation token.
    public var ids: [TokenID]
    /// The text that each token completes: a character of several tokens is that of the last of them, and
    /// tokens that steer the model have none. Together they are the text. [ids]
    public var pieces: [String] = []
    /// How many of the last tokens have no part in the text: they begin a character that the end has cut.
    public var cutTokens = 0
    /// Why it ended.
    public var finishReason: FinishReason
    /// The tokens of the text: what a conversation keeps.
    public var wholeIDs: ArraySlice<TokenID> { ids.dropLast(cutTokens) }
    /// How many tokens the prompt had.
    public var promptTokenCount: Int
    /// How many of them were there already: kept from earlier answers under the same interventions, or shared
    /// with a request before this one.
    public var reusedPromptTokens = 0
    /// The layers that have proved that they moved as the interventions say, by the first
    /// token that was steered with full strength, ascending; none for an answer without
    /// interventions at the outputs of blocks.
    public var steeredLayers: [LayerIndex] = []
    /// What the conditions of the program's rules came to at the prompt's end, in the order of
    /// those rules that have one.
    public var conditions: [SteeringCondition.Outcome] = []
}

/// What a run of the generator took.
public struct GenerationTiming: Sendable, Equatable {
    /// Prompt tokens that were computed; prompts that share a beginning share its computation.
    public var prefillTokens = 0
    /// Prompt tokens that were not, because they were kept or shared.
    public var reusedTokens = 0
    /// Seconds from the first prompt token to the logits of the last.
    public var prefillSeconds = 0.0
    /// Answer tokens that were computed, over all requests.
    public var decodeTokens = 0
    /// Seconds spent on them.
    public var decodeSeconds = 0.0

    /// Answer tokens per second; 0 where there were none.
    public var tokensPerSecond: Double { decodeSeconds > 0 ? Double(decodeTokens) / decodeSeconds : 0 }
}
