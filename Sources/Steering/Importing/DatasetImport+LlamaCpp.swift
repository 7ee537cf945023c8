extension DatasetImport {
    /// llama.cpp's `--positive-file` and `--negative-file`: one rendered prompt a line,
    /// empty lines passed over.
    func llamaCpp(_ file: ForeignFile, _ other: ForeignFile?) throws(SteeringError) -> Outcome {
        guard let other else {
            throw SteeringError(
                .missingInput, "\(file.path): prompts of llama.cpp are two files, positive and negative",
                remedy: "name both, the positive one first")
        }
        let positive = try Self.prompts(file)
        let negative = try Self.prompts(other)
        guard positive.count == negative.count else {
            throw SteeringError(
                .unequalSides,
                "\(file.path) has \(positive.count) prompts, \(other.path) has \(negative.count); they are paired by line",
                remedy: "write as many in both")
        }
        let pairs = zip(positive, negative).map { TextPair(positive: $0.text, negative: $1.text) }
        let dataset = try self.dataset(file, .pairs(pairs)) { _, index in
            index.map { "\(file.path): line \(positive[$0].line), \(other.path): line \(negative[$0].line)" }
                ?? file.path
        }
        let hasReturns = file.bytes.contains(UInt8(ascii: "\r")) || other.bytes.contains(UInt8(ascii: "\r"))
        return Outcome(
            dataset: dataset, kind: .llamaCpp,
            notes: [Self.rawNote]
                + (hasReturns
                    ? ["carriage returns at the ends of lines were dropped; llama.cpp keeps them"] : []))
    }

    private static func prompts(_ file: ForeignFile) throws(SteeringError) -> [(line: Int, text: String)] {
        var prompts: [(line: Int, text: String)] = []
        for line in try file.lines() where !line.bytes.isEmpty {
            guard let text = String(validating: unescaped(line.bytes), as: UTF8.self) else {
                throw SteeringError(
                    .invalidUTF8,
                    "\(file.path): line \(line.number): its \\x escapes give bytes that are not valid UTF-8",
                    remedy: "write the characters themselves")
            }
            prompts.append((line.number, text))
        }
        return prompts
    }

    /// The escapes that llama.cpp decodes: \n \r \t \' \" \\ and \xHH. A backslash before
    /// anything else stays.
    static func unescaped(_ line: some Collection<UInt8>) -> [UInt8] {
        let line = Array(line)
        var result: [UInt8] = []
        var next = 0
        while next < line.count {
            guard line[next] == UInt8(ascii: "\\"), next + 1 < line.count else {
                result.append(line[next])
                next += 1
                continue
            }
            let escape = line[next + 1]
            next += 2
            switch escape {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"): result.append(escape)
            case UInt8(ascii: "x"):
                let digits = line[next...].prefix(2)
                if digits.count == 2, let high = digit(digits[next]), let low = digit(digits[next + 1]) {
                    result.append(high << 4 | low)
                    next += 2
                } else {
                    result += [UInt8(ascii: "\\"), escape]
                }
            default: result += [UInt8(ascii: "\\"), escape]
            }
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        UInt8(String(UnicodeScalar(byte)), radix: 16)
    }
}
