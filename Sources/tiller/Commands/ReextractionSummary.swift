/// What became of several vectors that were to be made again, in the order in which they were given.
struct ReextractionSummary {
    /// What became of one.
    enum Outcome {
        /// It was made.
        case made(ReextractionResult)
        /// It was there already.
        case skipped(OldBesideNew)
        /// It could not be made.
        case failed(Failure, vector: String)
    }

    var outcomes: [Outcome]

    /// How many could not be made.
    var failedCount: Int { count { if case .failed = $0 { true } else { false } } }
    private var madeCount: Int { count { if case .made = $0 { true } else { false } } }
    private var skippedCount: Int { count { if case .skipped = $0 { true } else { false } } }

    private func count(_ isCounted: (Outcome) -> Bool) -> Int { outcomes.count(where: isCounted) }

    /// For people: old beside new for each that was made, then how many were.
    func text(titleStyle: TextStyle?) -> String {
        var parts: [String] = []
        for outcome in outcomes {
            switch outcome {
            case .made(let result):
                parts.append(
                    result.comparison.text(titleStyle: titleStyle)
                        + result.words.warnings.map { "  note: \($0.onOneLine)\n" }.joined())
            case .skipped(let comparison):
                parts.append(
                    "\(comparison.new.path.onOneLine) is there already, from the same recipe on the same model: passed over\n"
                )
            case .failed: break
            }
        }
        let counts = [(madeCount, "made"), (skippedCount, "passed over"), (failedCount, "failed")]
        parts.append(
            counts.filter { $0.0 > 0 }.map { "\(Quantity.count($0.0)) \($0.1)" }.joined(separator: ", "))
        return parts.joined(separator: "\n")
    }

    /// For scripts.
    var json: JSONValue {
        [
            "results": .array(outcomes.map(Self.json)), "made": .integer(madeCount),
            "skipped": .integer(skippedCount), "failed": .integer(failedCount),
        ]
    }

    private static func json(_ outcome: Outcome) -> JSONValue {
        switch outcome {
        case .made(let result):
            var json: JSONValue = ["status": "made"]
            if case .object(let members) = result.words.json {
                for member in members { json.append(member.key, member.value) }
            }
            for (key, value) in result.json { json.append(key, value) }
            return json
        case .skipped(let comparison):
            return [
                "status": "skipped", "output": .string(comparison.new.path),
                "vector": .string(comparison.old.path), "old": OldBesideNew.json(comparison.old),
                "new": OldBesideNew.json(comparison.new),
            ]
        case .failed(let failure, let vector):
            var json: JSONValue = ["status": "failed", "vector": .string(vector)]
            if case .object(let members) = failure.json {
                for member in members { json.append(member.key, member.value) }
            }
            return json
        }
    }
}
