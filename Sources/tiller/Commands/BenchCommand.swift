import ArgumentParser
import Dispatch
import Generation
import Glibc
import Terms
import Transformer

/// `tiller bench`
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure loading, prefill and decode.",
        discussion:
            "Prefill and decode are run as generate runs them; of several repetitions the fastest counts.")

    @OptionGroup var model: ModelOptions

    @Option(
        name: [.customShort("p"), .customLong("prefill")], parsing: .unconditional,
        help: "Tokens of the prompt.")
    var prefillTokens = 512

    @Option(
        name: [.customShort("n"), .customLong("predict")], parsing: .unconditional,
        help: "Tokens of the answer.")
    var decodeTokens = 64

    @Option(
        name: [.customShort("r"), .customLong("repetitions")], parsing: .unconditional,
        help: "How often each is run.")
    var repetitions = 3

    @Flag(help: "Float32 activations everywhere.")
    var exact = false

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        for (name, value) in [("-p", prefillTokens), ("-n", decodeTokens), ("-r", repetitions)]
        where !(1...1_000_000).contains(value) {
            throw ValidationError("\(name) is \(value), expected 1 or more")
        }
    }

    func run() throws {
        let path = try model.path()
        let start = DispatchTime.now()
        let language = try LanguageModel(try model.open())
        let loadSeconds = Self.seconds(since: start)
        let progress = Progress("measuring")
        defer { progress.finish() }

        let context = try compute.context(
            for: language.transformer, needed: prefillTokens + decodeTokens, precision: exact ? .exact : .fast
        )
        var best = (prefill: Double.infinity, decode: Double.infinity)
        for _ in 0..<repetitions {
            let run = try measure(context, vocabularySize: language.transformer.configuration.vocabularySize)
            best = (min(best.prefill, run.prefill), min(best.decode, run.decode))
        }
        progress.finish()
        let rates = (
            prefill: Double(prefillTokens) / best.prefill, decode: Double(decodeTokens) / best.decode
        )
        let resident = Self.residentBytes()

        var table = Table(.text(""), .number(""), .number(""))
        table.append("load", Quantity.seconds(loadSeconds), "")
        table.append(
            "prefill \(prefillTokens)", Quantity.seconds(best.prefill),
            "\(Quantity.rate(rates.prefill)) tokens/s")
        table.append(
            "decode \(decodeTokens)", Quantity.seconds(best.decode), "\(Quantity.rate(rates.decode)) tokens/s"
        )
        table.append("memory", Quantity.bytes(resident), "\(compute.threadCount) threads")
        try output.print(
            json: [
                "load": ["seconds": .number(loadSeconds)],
                "prefill": ["tokens": .integer(prefillTokens), "tokensPerSecond": .number(rates.prefill)],
                "decode": ["tokens": .integer(decodeTokens), "tokensPerSecond": .number(rates.decode)],
                "residentBytes": .integer(resident), "threads": .integer(compute.threadCount),
                "model": .string(path),
            ],
            text: table.rendered())
    }

    /// Seconds of one prefill and of the tokens decoded after it.
    private func measure(
        _ context: InferenceContext, vocabularySize: Int
    ) throws -> (prefill: Double, decode: Double) {
        context.reset()
        // Which tokens they are makes no difference to the time; spread over the vocabulary, they touch as many
        // embedding rows as a text does.
        let tokens = (0..<prefillTokens + decodeTokens).map { TokenID(Int32($0 &* 7919 % vocabularySize)) }
        var start = DispatchTime.now()
        var tip = try context.forward(.chain(tokens.prefix(prefillTokens))).cells.last
        let prefill = Self.seconds(since: start)
        start = DispatchTime.now()
        for token in tokens.suffix(decodeTokens) {
            tip = try context.forward(.chain([token], after: tip.map(Batch.Parent.cell) ?? .root)).cells.last
        }
        return (prefill, Self.seconds(since: start))
    }

    private static func seconds(since start: DispatchTime) -> Double {
        Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) * 1e-9
    }

    /// The most memory that this process has had in RAM, the mapped model included.
    private static func residentBytes() -> Int {
        var usage = rusage()
        return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss * 1024 : 0
    }
}
