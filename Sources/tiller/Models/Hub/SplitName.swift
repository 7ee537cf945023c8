/// The name of one part of a model in several GGUF files: `model-00002-of-00003.gguf`.
struct SplitName: Equatable {
    /// What comes before the number.
    var stem: String
    /// Which part it is, from 1.
    var number: Int
    /// How many parts there are.
    var count: Int

    /// Reads a name, with its folders; nil where it is a whole model's.
    init?(_ file: String) {
        let ending = "-00001-of-00001.gguf"
        let tail = Array(file.utf8.suffix(ending.utf8.count))
        guard tail.count == ending.utf8.count, file.utf8.count > tail.count else { return nil }
        for (found, pattern) in zip(tail, ending.utf8) {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(pattern)
            guard isDigit ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(found) : found == pattern else {
                return nil
            }
        }
        guard let number = Int(String(decoding: tail[1..<6], as: UTF8.self)),
            let count = Int(String(decoding: tail[10..<15], as: UTF8.self)), (1...count + 1).contains(number),
            number <= count
        else { return nil }
        stem = String(decoding: file.utf8.dropLast(ending.utf8.count), as: UTF8.self)
        self.number = number
        self.count = count
    }

    /// The names of all parts, in order.
    var all: [String] { (1...count).map { "\(stem)-\(Self.five($0))-of-\(Self.five(count)).gguf" } }

    private static func five(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
