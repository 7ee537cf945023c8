import Steering
import Terms
import Tokenizers

/// What `score` says: the readings of a text as JSON, as a coloured text, or as a table.
struct ScoreWords {
    let text: MeteredText
    let meters: [Meter]
    let tokenizer: Tokenizer

    /// The tokens with the first meter's readings; with several meters, those of all of them beside it.
    var json: JSONValue {
        let tokens = text.tokens.indices.map { index -> JSONValue in
            [
                "id": .integer(text.tokens[index].index),
                "piece": .string(tokenizer.piece(text.tokens[index])),
                "projection": .number(text.readings[0][index].value),
            ]
        }
        return [
            "tokens": .array(tokens), "mean": .optional(text.mean(of: 0), JSONValue.number),
            "meters": MeterWords(meters: meters, text: text).json,
        ]
    }

    /// The text in colours on a terminal that has them, else a table of its tokens; and what the means are.
    func text(for terminal: Terminal, titleStyle: TextStyle?) -> String {
        let isColoured = terminal.outputIsTerminal && terminal.allowsColour
        let body =
            isColoured
            ? meters.indices.map(coloured).joined(separator: "\n") : table(titleStyle)
        return body + "\n" + meters.indices.map(summary).joined()
    }

    private func coloured(by number: Int) -> String {
        let readings = text.readings[number].map(\.value)
        let colours = MeterColours(meters[number].scale, readings: readings)
        var stream = UTF8Stream()
        var line = ""
        for (index, token) in text.tokens.enumerated() {
            let piece = stream.append(tokenizer.bytes(of: token)).withoutTerminalControls
            line += colours?.painted(piece, as: readings[index]) ?? piece
        }
        line += stream.finish()
        let title =
            meters.count > 1 ? TextStyle.bold.applied(to: meters[number].name.onOneLine, if: true) + "\n" : ""
        let legend = colours?.legend(from: "negative side", to: "positive side") ?? ""
        return title + line + "\n" + (legend.isEmpty ? "" : "\n" + legend + "\n")
    }

    private func table(_ titleStyle: TextStyle?) -> String {
        var table = Table([.text("TOKEN")] + meters.map { .number($0.name.uppercased()) })
        for (index, token) in text.tokens.enumerated() {
            table.append(
                [tokenizer.piece(token)]
                    + meters.indices.map { Quantity.decimal(text.readings[$0][index].value, 2) })
        }
        return table.rendered(titleStyle: titleStyle)
    }

    private func summary(of number: Int) -> String {
        let meter = meters[number]
        let scale =
            meter.scale == .sides
            ? "0 the negative side, 1 the positive one" : "plain projections, without a scale"
        let mean = text.mean(of: number).map { Quantity.decimal($0, 2) } ?? "–"
        return
            "\(meter.name.onOneLine)  mean \(mean) over \(Quantity.counted(text.counted.count, "token")), layers "
            + "\(meter.layers.runs); \(scale)\n"
    }
}
