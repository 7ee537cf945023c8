import Foundation

/// The texts that the golden files are about: more than forty scripts, emoji, code, white space, broken
/// UTF-8.
struct Corpus: Decodable {
    /// What a person might write; the last ones are `broken`, repaired.
    let texts: [String]
    /// Random characters in which all classes of characters meet.
    let noise: [String]
    /// Byte strings that are not UTF-8.
    let broken: [[UInt8]]

    static let shared = Result { try Fixture.decode(Corpus.self, "texts.json") }

    /// The texts, the broken ones repaired by Swift instead of Python.
    func repaired() -> [String] {
        texts.dropLast(broken.count) + broken.map { String(decoding: $0, as: UTF8.self) }
    }
}
