import Generation
import Steering
import Terms

/// A sweep as one page: no script, nothing that is fetched, light or dark as the reader's
/// system is, readable on a phone.
struct ReportPage {
    let report: SweepReport

    init(_ report: SweepReport) {
        self.report = report
    }

    /// The page.
    var html: String {
        let names = report.vectors.map(\.name).joined(separator: ", ")
        let title = "\(names) on \(report.model.name)"
        var body = "<header><h1>\(title.inHTML)</h1>\(facts)</header>\n"
        for vector in report.vectors.indices { body += section(of: vector) }
        body += ReportAnswers(report).html
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
            <link rel="icon" href="data:,">
            <title>\(title.inHTML)</title>
            <style>
            \(ReportStyle.css)
            </style>
            </head>
            <body>
            \(body)</body>
            </html>

            """
    }

    private var facts: String {
        let conditions = SweepConditions(report)
        let facts =
            [
                report.model.summary, SweepWords.questions(of: report),
                Quantity.counted(report.strengths.count, "strength"),
                "answers of up to \(Quantity.counted(report.maximumTokens, "token"))",
                conditions.drawing,
            ] + conditions.remarks + ["tiller \(report.toolVersion)"]
        return "<p class=\"dim\">\(facts.joined(separator: " · ").inHTML)</p>"
    }

    private func section(of vector: Int) -> String {
        let found = report.vectors[vector]
        var html = "<section>\n<h2>\(found.name.inHTML), layers \(found.layers.runs.inHTML)</h2>\n"
        for sentence in SweepWords(report: report).sentences(of: vector) {
            html += "<p>\(sentence.inHTML)</p>\n"
        }
        if !found.instructions.isEmpty {
            let quoted = found.instructions.map { "“\($0)”" }.joined(separator: " and ")
            html += "<p class=\"dim\">In words: \(quoted.inHTML)</p>\n"
        } else if let reason = found.whyNoInstructions {
            html += "<p class=\"dim\">Not asked for in words: \(reason.inHTML)</p>\n"
        }
        html += "<div class=\"charts\">\n\(charts(of: vector))</div>\n"
        return html + "<h3>Numbers</h3>\n" + numbers(of: vector) + "</section>\n"
    }

    // MARK: - Pictures

    private func charts(of vector: Int) -> String {
        let damaged = report.damagedStretches(of: vector)
        let asked = report.points(of: vector, .instruction)
        let zero = report.points(of: vector, .vector).filter { $0.strength == 0 }
        func chart(
            _ title: String, levels: Bool = false, _ value: (StrengthMeasures) -> Double?
        ) -> LineChart {
            func series(_ name: String, _ style: String, _ arm: SweepCell.Arm) -> LineChart.Series {
                var points = report.points(of: vector, arm)
                // Without strength there is no difference between a vector and another.
                if arm == .random, !points.isEmpty {
                    points += zero
                    points.sort { $0.strength < $1.strength }
                }
                return LineChart.Series(
                    name: name, style: style, points: points.map { ($0.strength, value($0.measures)) })
            }
            var chart = LineChart(
                title: title,
                series: [series("vector", "a", .vector), series("random", "b", .random)]
                    .filter { !$0.points.isEmpty })
            if levels {
                chart.levels = asked.compactMap { point in
                    value(point.measures).map { .init(name: SweepWords.name(of: point), value: $0) }
                }
            }
            return chart
        }
        var effect = chart("Meter: how far the answers' own words lie along the vector", levels: true) {
            $0.meterShift
        }
        effect.damaged = damaged
        var words = chart("Marker words in a hundred tokens, positive less negative", levels: true) {
            $0.markerRate
        }
        words.damaged = damaged
        var choice = chart("Forced choice: log-odds of the trait's words (nats)") { $0.propensity }
        choice.damaged = damaged
        var cost = chart("Perplexity without steering, times that of strength 0", levels: true) {
            $0.perplexityRatio
        }
        cost.budget = SweepReport.Point.greatestPerplexityRatio
        cost.isLogarithmic = true
        let divergence = chart("KL from the unsteered model (nats a token)") { $0.divergence }
        let map = LayerHeatMap(
            title: "Meter by layer and strength", layers: report.vectors[vector].meterLayers,
            strengths: report.strengths.sorted(),
            values: report.layerShifts(of: vector, at: report.strengths.sorted()))
        return effect.html + words.html + cost.html + choice.html + divergence.html + broken(vector)
            + map.html
    }

    private func broken(_ vector: Int) -> String {
        let points = report.points(of: vector, .vector)
        return LineChart(
            title: "Broken and repeated, share of the answers and of their words",
            series: [
                .init(
                    name: "broken", style: "a", points: points.map { ($0.strength, $0.measures.brokenShare) }),
                .init(
                    name: "repeated", style: "b", points: points.map { ($0.strength, $0.measures.repetition) }
                ),
            ], includes: [0, 0.1]
        ).html
    }

    // MARK: - Numbers

    private func numbers(of vector: Int) -> String {
        let points = SweepCell.Arm.allCases.flatMap { report.points(of: vector, $0) }
        let columns: [(String, (StrengthMeasures) -> String)] = [
            ("meter", { Self.number($0.meterShift) }), ("±", { Self.number($0.meterShiftError) }),
            ("words", { Self.number($0.markerRate) }),
            ("choice", { Self.number($0.propensity) }), ("perplexity", { Self.number($0.perplexity) }),
            ("×", { Self.number($0.perplexityRatio) }), ("KL", { Self.number($0.divergence) }),
            ("repeats", { $0.repetition.map(Quantity.percent) ?? "–" }),
            ("broken", { $0.brokenCount == 0 ? "–" : "\($0.brokenCount) of \($0.answerCount)" }),
        ]
        var html = "<div class=\"scroll\"><table><thead><tr><th>strength</th>"
        html += columns.map { "<th>\($0.0)</th>" }.joined() + "</tr></thead><tbody>\n"
        for point in points {
            let name = SweepWords.name(of: point)
            let strength = point.side == nil ? Quantity.strength(Float(point.strength)) : ""
            let label = [name, strength].filter { !$0.isEmpty }.joined(separator: " ")
            var classes: [String] = []
            if point.arm == .vector, point.isDamaged { classes.append("bad") }
            if point.arm == .vector, point.strength == 0 { classes.append("zero") }
            html += "<tr class=\"\(classes.joined(separator: " "))\"><td>\(label.inHTML)</td>"
            html += columns.map { "<td>\($0.1(point.measures).inHTML)</td>" }.joined() + "</tr>\n"
        }
        return html + "</tbody></table></div>\n"
    }

    private static func number(_ value: Double?) -> String { value.map(Drawing.number) ?? "–" }
}
