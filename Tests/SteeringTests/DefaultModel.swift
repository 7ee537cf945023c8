import Generation
import _TestSupport

/// SmolLM2, opened once for all suites.
enum DefaultModel {
    private static let opened = Result { try LanguageModel(path: try smolLM2Path()) }

    static func open() throws -> LanguageModel { try opened.get() }
}
