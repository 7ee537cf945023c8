import Quantization
import Steering
import Terms

/// What `bench` has found, for scripts and for people.
struct BenchReport {
    let model: String
    let threads: Int
    /// Until the file is open and its tokenizer built.
    var loadSeconds = 0.0
    /// Until the first token could be computed: weights repacked, buffers there.
    var readySeconds = 0.0
    /// What decode reads of the model's matrices for a token.
    var bytesPerToken = 0
    var plain: BenchRun?
    /// What steering adds to a token, as a share of its time.
    var steering: Double?
    var steeredLayers: [LayerIndex] = []
    var likelihood: BenchLikelihood?
    var extraction: ExtractionReport?
    var residentBytes = 0

    init(model: String, threads: Int) {
        self.model = model
        self.threads = threads
    }

    var json: JSONValue {
        var json: JSONValue = [
            "load": ["seconds": .number(loadSeconds), "readySeconds": .number(readySeconds)]
        ]
        if let plain {
            func rate(_ tokens: Int, _ seconds: Double, after count: Int? = nil) -> JSONValue {
                var rate: JSONValue = [
                    "tokens": .integer(tokens), "tokensPerSecond": .number(Double(tokens) / seconds),
                ]
                if let count { rate.append("after", .integer(count)) }
                return rate
            }
            json.append("prefill", rate(plain.prefillTokens, plain.best.prefill))
            json.append(
                "decode", rate(plain.decodeTokens, plain.best.decode, after: plain.prefillTokens))
            json.append(
                "decodeFromStart", rate(plain.decodeTokens, plain.best.start, after: BenchRun.startTokens))
        }
        if let steering {
            json.append("steering", ["cost": .number(steering), "layers": .layers(steeredLayers)])
        }
        if let likelihood {
            json.append(
                "meanNegativeLogLikelihood",
                [
                    "exact": .number(likelihood.exact), "fastPrefill": .number(likelihood.fastPrefill),
                    "fastDecode": .number(likelihood.fastDecode), "tokens": .integer(likelihood.tokenCount),
                ])
        }
        if let extraction {
            json.append(
                "extraction",
                [
                    "prompts": .integer(extraction.prompts), "tokens": .integer(extraction.tokens),
                    "computedTokens": .integer(extraction.computedTokens),
                    "seconds": .number(extraction.seconds),
                ])
        }
        json.append("bytesPerToken", .integer(bytesPerToken))
        json.append("residentBytes", .integer(residentBytes))
        json.append("threads", .integer(threads))
        json.append("instructionSet", .string(KernelChoice.name))
        json.append("model", .string(model))
        return json
    }

    var text: String {
        var table = Table(.text(""), .number(""), .number(""))
        table.append("load", Quantity.seconds(loadSeconds), "ready after \(Quantity.seconds(readySeconds))")
        if let plain {
            func append(_ title: String, _ tokens: Int, _ seconds: Double) {
                table.append(
                    title, Quantity.seconds(seconds), "\(Quantity.rate(Double(tokens) / seconds)) tokens/s")
            }
            append("prefill \(plain.prefillTokens)", plain.prefillTokens, plain.best.prefill)
            append(
                "decode \(plain.decodeTokens) after \(BenchRun.startTokens)", plain.decodeTokens,
                plain.best.start)
            append(
                "decode \(plain.decodeTokens) after \(plain.prefillTokens)", plain.decodeTokens,
                plain.best.decode)
        }
        if let steering {
            table.append(
                "steering", Quantity.percent(steering),
                "of a token, \(Quantity.counted(steeredLayers.count, "layer"))")
        }
        if let likelihood {
            for (name, value) in [
                ("exact", likelihood.exact), ("fast prefill", likelihood.fastPrefill),
                ("fast decode", likelihood.fastDecode),
            ] {
                table.append(
                    "−log p, \(name)", Quantity.decimal(value, 4),
                    Quantity.percent(value / likelihood.exact - 1))
            }
        }
        if let extraction {
            table.append(
                "extraction", Quantity.seconds(extraction.seconds),
                "\(Quantity.rate(Double(extraction.prompts) / extraction.seconds)) prompts/s")
        }
        table.append("memory", Quantity.bytes(residentBytes), Quantity.counted(threads, "thread"))
        table.append("instruction set", KernelChoice.name, "")
        return table.rendered()
    }
}
