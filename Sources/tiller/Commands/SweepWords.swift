import Generation
import Steering
import Terms

/// What `sweep` says about its runs.
struct SweepWords {
    let runs: [SweepRun]
    let layers: [LayerIndex]
    let seed: UInt64
    /// Until all answers were there, and until their perplexities were too.
    let answerSeconds: Double
    let seconds: Double

    /// For scripts.
    var json: JSONValue {
        [
            "runs": .array(runs.map(Self.json)), "steeredLayers": .layers(layers),
            "seed": .integer(Int(clamping: seed)), "answerSeconds": .number(answerSeconds),
            "seconds": .number(seconds),
        ]
    }

    private static func json(_ run: SweepRun) -> JSONValue {
        var json: JSONValue = [
            "strength": .number(run.strength), "prompt": .string(run.prompt), "text": .string(run.text),
            "perplexity": .optional(run.perplexity, JSONValue.number), "ids": .ids(run.ids),
            "finishReason": .string(run.finishReason?.rawValue),
        ]
        if let markers = run.markers {
            json.append(
                "markers", ["positive": .integer(markers.positive), "negative": .integer(markers.negative)])
        }
        if let failure = run.failure { json.append("failure", .string(failure)) }
        return json
    }

    /// For people: a table for each prompt.
    func text(width: Int?, titleStyle: TextStyle?) -> String {
        var text = ""
        var start = 0
        while start < runs.count {
            let prompt = runs[start].prompt
            let end = runs[start...].firstIndex { $0.prompt != prompt } ?? runs.count
            let title = prompt.onOneLine
            text += (text.isEmpty ? "" : "\n") + (titleStyle?.applied(to: title, if: true) ?? title) + "\n\n"
            text += table(of: runs[start..<end]).rendered(width: width, titleStyle: titleStyle)
            start = end
        }
        return text
    }

    private func table(of runs: ArraySlice<SweepRun>) -> Table {
        let hasMarkers = runs.contains { $0.markers != nil }
        var table =
            hasMarkers
            ? Table(
                .number("STRENGTH"), .number("PERPLEXITY"), .number("WORDS +"), .number("−"), .wrapped("TEXT")
            )
            : Table(.number("STRENGTH"), .number("PERPLEXITY"), .wrapped("TEXT"))
        for run in runs {
            var cells = [
                Quantity.strength(Float(run.strength)), run.perplexity.map { Quantity.decimal($0, 1) } ?? "–",
            ]
            if hasMarkers { cells += ["\(run.markers?.positive ?? 0)", "\(run.markers?.negative ?? 0)"] }
            table.append(cells + [run.failure.map { "(\($0))" } ?? run.text.onOneLine])
        }
        return table
    }
}
