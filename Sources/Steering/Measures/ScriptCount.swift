import Terms

/// How many letters of each script a text has.
struct ScriptCount: Equatable {
    /// Letters by script; digits, marks and emoji belong to none.
    private(set) var letters: [Script: Int] = [:]

    /// All letters.
    var total: Int { letters.values.reduce(0, +) }

    init(_ text: String) {
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
            letters[Script(of: scalar), default: 0] += 1
        }
    }

    /// The letters in scripts of which `reference` has no letter; 0 where it has no letters at
    /// all, and nothing is expected.
    func foreignLetters(to reference: ScriptCount) -> Int {
        guard !reference.letters.isEmpty else { return 0 }
        return letters.reduce(0) { $0 + (reference.letters[$1.key] == nil ? $1.value : 0) }
    }
}
