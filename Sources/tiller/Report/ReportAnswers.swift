import Steering

/// The answers of a sweep, each beside the unsteered one: with the words in which they differ, or with their
/// tokens coloured by surprise or by the meter.
struct ReportAnswers {
    private let report: SweepReport

    init(_ report: SweepReport) {
        self.report = report
    }

    /// All prompts; the first is open.
    var html: String {
        var html = """
            <section>
            <h2>Answers</h2>
            <p class="dim">Left the answer without steering, right the steered one. Tokens may be coloured by how much they surprise the \
            unsteered model, or by how far they lie along the vector, towards the trait or away from it.</p>
            <div class="view" role="radiogroup" aria-label="What is marked">
            <label><input type="radio" name="view" id="view-words" checked> differences</label>
            <label><input type="radio" name="view" id="view-surprise"> surprise</label>
            <label><input type="radio" name="view" id="view-meter"> meter</label>
            </div>

            """
        for vector in report.vectors.indices {
            if report.vectors.count > 1 { html += "<h3>\(report.vectors[vector].name.inHTML)</h3>\n" }
            let scale = MeterScale(report, vector: vector)
            for prompt in report.prompts.indices {
                html += section(of: vector, prompt, isOpen: vector == 0 && prompt == 0, scale)
            }
        }
        return html + "</section>\n"
    }

    private func section(of vector: Int, _ prompt: Int, isOpen: Bool, _ scale: MeterScale) -> String {
        let steered = report.answers(of: vector, .vector, to: prompt)
        func baseline(of answer: SweepAnswer) -> AnswerOutcome? {
            steered.first { $0.cell.strength == 0 && $0.cell.draw == answer.cell.draw }?.outcome
        }
        var html =
            "<details\(isOpen ? " open" : "")><summary>\(report.prompts[prompt].inHTML)</summary>\n"
        for answer in steered where answer.cell.strength != 0 {
            html += row(answer, beside: baseline(of: answer), scale)
        }
        for arm in [SweepCell.Arm.instruction, .random] {
            for answer in report.answers(of: vector, arm, to: prompt) {
                html += row(answer, beside: baseline(of: answer), scale)
            }
        }
        return html + "</details>\n"
    }

    private func row(
        _ answer: SweepAnswer, beside baseline: AnswerOutcome?, _ scale: MeterScale
    ) -> String {
        guard let outcome = answer.outcome else { return "" }
        let difference = WordDifference(baseline?.text ?? "", outcome.text)
        let left = difference.left.map { Self.marked($0, "del") }.joined()
        let right = difference.right.map { Self.marked($0, "ins") }.joined()
        return """
            <div class="answer"><h4>\(heading(answer, outcome))</h4>
            <p class="left"><span class="words">\(left)</span>\(baseline.map { tokens(of: $0, scale) } ?? "")</p>
            <p><span class="words">\(right)</span>\(tokens(of: outcome, scale))</p></div>

            """
    }

    private static func marked(_ piece: WordDifference.Piece, _ tag: String) -> String {
        guard piece.isChanged else { return piece.text.inHTML }
        // The space before a word is not what changed.
        let word = piece.text.drop(while: \.isWhitespace)
        let space = piece.text[..<word.startIndex]
        return "\(String(space).inHTML)<\(tag)>\(String(word).inHTML)</\(tag)>"
    }

    private func heading(_ answer: SweepAnswer, _ outcome: AnswerOutcome) -> String {
        let name =
            switch (answer.cell.arm, answer.cell.side) {
            case (.vector, _): Quantity.strength(Float(answer.cell.strength))
            case (.random, _): "random \(Quantity.strength(Float(answer.cell.strength)))"
            case (.instruction, .negative): "asked for the opposite"
            case (.instruction, _): "asked for in words"
            }
        var facts: [String] = []
        if let value = outcome.measures?.perplexity { facts.append("perplexity \(Drawing.number(value))") }
        if let value = outcome.measures?.meter { facts.append("meter \(Drawing.number(value))") }
        let title = [name, SweepWords.drawName(of: answer.cell)].filter { !$0.isEmpty }.joined(
            separator: ", ")
        var html = "\(title.inHTML) <span>\(facts.joined(separator: ", ").inHTML)</span>"
        let faults = outcome.failure.map { [$0] } ?? (outcome.measures?.faults ?? []).map(\.words)
        if !faults.isEmpty {
            html += " <span class=\"fault\">\(faults.joined(separator: ", ").inHTML)</span>"
        }
        return html
    }

    // MARK: - Tokens

    private func tokens(of outcome: AnswerOutcome, _ scale: MeterScale) -> String {
        let measures = outcome.measures
        let surprise = Self.coloured(outcome.pieces, measures?.logProbabilities ?? []) { value in
            // A nat and a half a shade: the last is for what is less likely than one in a
            // hundred and sixty thousand.
            let level = Int(min(8, max(0, (-value / 1.5).rounded())))
            return level > 0 ? "s\(level)" : nil
        }
        let meter = Self.coloured(outcome.pieces, measures?.projections ?? []) { scale.level(of: $0) }
        return "<span class=\"surprise\">\(surprise)</span><span class=\"meter\">\(meter)</span>"
    }

    private static func coloured(
        _ pieces: [String], _ values: [Float], _ level: (Double) -> String?
    ) -> String {
        var html = ""
        for (index, piece) in pieces.enumerated() where !piece.isEmpty {
            let value = index < values.count ? Double(values[index]) : .nan
            guard value.isFinite, let level = level(value) else {
                html += piece.inHTML
                continue
            }
            html += "<i class=\"\(level)\" title=\"\(Quantity.decimal(value, 2))\">\(piece.inHTML)</i>"
        }
        return html
    }
}

/// Shades for the meter of tokens: from the unsteered answers' mean, in steps of what
/// nearly all tokens stay within.
private struct MeterScale {
    private let middle: Double
    private let reach: Double

    init(_ report: SweepReport, vector: Int) {
        func values(_ answers: [SweepAnswer]) -> [Double] {
            answers.flatMap { $0.outcome?.measures?.projections ?? [] }.map(Double.init).filter(\.isFinite)
        }
        let own = report.answers.filter { $0.cell.vector == vector && $0.cell.arm == .vector }
        let plain = values(own.filter { $0.cell.strength == 0 })
        let middle = plain.reduce(0, +) / Double(max(plain.count, 1))
        let distances = values(own).map { ($0 - middle).magnitude }.sorted()
        self.middle = middle
        reach = distances.isEmpty ? 1 : max(distances[distances.count * 95 / 100], 1e-9)
    }

    func level(of value: Double) -> String? {
        let level = Int(min(6, max(-6, ((value - middle) / reach * 6).rounded())))
        return level == 0 ? nil : level > 0 ? "p\(level)" : "n\(-level)"
    }
}

extension TextFault {
    /// What is wrong, in words.
    var words: String {
        switch self {
        case .notFinite: "the output stopped being numbers"
        case .empty: "empty"
        case .invalidUTF8: "invalid UTF-8"
        case .replacementCharacter: "replacement characters"
        case .scriptDrift: "drifts into another script"
        case .loop: "loops"
        }
    }
}
