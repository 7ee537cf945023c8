import GGUF
import Generation
import Terms
import Testing
import _TestSupport

@testable import tiller

/// Texts as commands hand them to a model whose file wants a token in front of them.
@Suite struct PromptOptionsTests {
    private let model: LanguageModel
    private let beginning: TokenID
    private let plain: [TokenID]

    init() throws {
        model = try LanguageModel(ChangedSource { $0[TokenizerKey.addsBeginning] = .bool(true) })
        beginning = try #require(model.rawTokens("").first)
        plain = model.rawTokens("The sun", addsBeginning: false)
    }

    private func style(isRaw: Bool = true, addsBeginning: Bool? = nil) -> PromptStyle {
        var style = PromptStyle()
        (style.system, style.isRaw, style.addsBeginning) = (nil, isRaw, addsBeginning)
        return style
    }

    @Test(arguments: [(nil, true), (true, true), (false, false)] as [(Bool?, Bool)])
    func aRawPromptBeginsAsTheModelsFileAsksUnlessItIsToldNotTo(_ asked: Bool?, _ begins: Bool) throws {
        let style = style(addsBeginning: asked)
        try style.validate()
        #expect(try style.tokens(of: "The sun", for: model) == (begins ? [beginning] : []) + plain)
    }

    @Test(arguments: [(true, "--bos"), (false, "--no-bos")])
    func howATextBeginsIsAskedOfRawTextsAlone(_ asked: Bool, _ word: String) {
        let style = style(isRaw: false, addsBeginning: asked)
        #expect {
            try style.validate()
        } throws: {
            "\($0)".hasPrefix("\(word) goes with --raw")
        }
    }

    @Test func theTokenThatTheModelWantsFirstIsNotScored() throws {
        var command = ScoreCommand()
        command.style = style()
        let (before, tokens) = try command.tokens(of: "The sun", behind: nil, for: model)
        #expect(before == [beginning] && tokens == plain)
    }

    @Test func likelihoodIsMeasuredBehindIt() throws {
        let chains = try BenchLikelihood.chains(
            of: ["The sun"], path: "texts.json", for: model, longest: 100)
        #expect(chains == [[beginning] + plain])
    }
}
