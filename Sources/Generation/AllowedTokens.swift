import Terms
import Tokenizers

/// The tokens with which an answer may go on.
struct AllowedTokens {
    private let stream: UTF8Stream
    /// Whether the answer may not end yet, because nothing has been said.
    private let mustSpeak: Bool
    /// The scripts that may be drawn; nil for all.
    private let scripts: Set<Script>?
    private let tokenizer: Tokenizer

    init(stream: UTF8Stream, mustSpeak: Bool, scripts: Set<Script>?, tokenizer: Tokenizer) {
        self.stream = stream
        self.mustSpeak = mustSpeak
        self.scripts = scripts
        self.tokenizer = tokenizer
    }

    /// Refuses a token that does not go on with the text as whole characters, because it begins or ends it
    /// inside of one or spells a half, and one that ends it too early. Letters of a new script are admitted
    /// where the model is as likely as not to change it.
    func admission(of token: TokenID) -> Sampler.Admission {
        let isEnd = tokenizer.endOfGeneration.contains(token)
        if isEnd, mustSpeak { return .refused }
        if isEnd || tokenizer.isSilent(token) { return stream.isBetweenCharacters ? .granted : .refused }
        let bytes = tokenizer.bytes(of: token)
        guard stream.accepts(bytes) else { return .refused }
        return bringsNewScript(bytes) ? .asLikelyAsNot : .granted
    }

    /// A character that was begun is ended, whatever its script.
    private func bringsNewScript(_ bytes: [UInt8]) -> Bool {
        guard let scripts, stream.isBetweenCharacters else { return false }
        var ahead = UTF8Stream()
        let text = ahead.append(bytes)
        if !Script.all(in: text).isSubset(of: scripts) { return true }
        return Script.all(ofCharacterWith: bytes.dropFirst(text.utf8.count))?.isDisjoint(with: scripts)
            ?? false
    }
}
