import Foundation

/// Values as the texts that the tables hold.
enum RunCoding {
    /// JSON with sorted keys: equal values have equal texts.
    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The value of a text, or why it does not read, as what another version has written may not.
    static func decode<Value: Decodable>(
        _ type: Value.Type, _ text: String
    ) -> Result<Value, UnreadableText> {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return Result { try decoder.decode(type, from: Data(text.utf8)) }.mapError(UnreadableText.init)
    }
}

/// Why a text of the tables gives no value, in words that follow a colon.
struct UnreadableText: Error {
    let reason: String

    init(_ error: any Error) {
        func place(_ keys: [any CodingKey]) -> String {
            keys.isEmpty
                ? "it" : keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        reason =
            switch error {
            case DecodingError.keyNotFound(let key, let context):
                "there is no \(place(context.codingPath + [key]))"
            case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
                "\(place(context.codingPath)) is of another kind"
            case DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty:
                "it is no JSON"
            case DecodingError.dataCorrupted(let context):
                "\(place(context.codingPath)) makes no sense"
            default: "it makes no sense"
            }
    }
}
