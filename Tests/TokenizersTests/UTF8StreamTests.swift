import Terms
import Testing
import Tokenizers

@Suite struct UTF8StreamTests {
    static let texts: [[UInt8]] = [
        Array("plain".utf8),
        Array("日本語 🙂👩‍👩‍👧‍👦 é".utf8),
        [0xFF, 0x41, 0xC3],
        [0xE3, 0x81, 0x41, 0xE3, 0x81, 0x82],
        [0xC0, 0x80, 0xC1, 0xBF],
        [0xED, 0xA0, 0x80, 0xED, 0x9F, 0xBF],
        [0xF0, 0x9F, 0x99, 0x82, 0xF0, 0x9F, 0x99],
        [0xF4, 0x90, 0x80, 0x80, 0xF4, 0x8F, 0xBF, 0xBF],
        [0xE0, 0x80, 0x80, 0xF0, 0x80, 0x80, 0x80],
        [0x80, 0x80, 0xBF, 0xF8, 0x88, 0x80, 0x80, 0x80],
        [0xF0, 0x9F, 0x41], [0xE2, 0x82], [0xE2, 0x82, 0x28],
    ]

    @Test(arguments: texts, 1...4)
    func allPiecesTogetherAreTheTextDecodedAtOnce(bytes: [UInt8], step: Int) {
        var stream = UTF8Stream()
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: step) {
            text += stream.append(bytes[start..<min(start + step, bytes.count)])
        }
        text += stream.finish()
        #expect(Array(text.utf8) == Array(String(decoding: bytes, as: UTF8.self).utf8))
    }

    @Test func randomBytesInRandomPiecesGiveTheSameText() {
        var random = RandomSource(seed: 3)
        for _ in 0..<300 {
            let bytes = (0..<40).map { _ in random.byte(favouring: [0xE3, 0x81, 0xF0, 0x9F, 0xED, 0xC3]) }
            var stream = UTF8Stream()
            var text = ""
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int(random.next() % 5)
                text += stream.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            text += stream.finish()
            #expect(Array(text.utf8) == Array(String(decoding: bytes, as: UTF8.self).utf8))
        }
    }

    @Test func anIncompleteCharacterIsHeldBackUntilItIsComplete() {
        var stream = UTF8Stream()
        #expect(stream.append([0x41, 0xF0, 0x9F]) == "A")
        #expect(stream.append([0x99]).isEmpty)
        #expect(stream.append([0x82, 0xE3]) == "🙂")
        #expect(stream.finish() == "\u{FFFD}")
        #expect(stream.finish().isEmpty)
        #expect(stream.append([0x41, 0xE3, 0x81]) == "A")
        #expect(stream.finish(isCut: true).isEmpty && stream.isBetweenCharacters)
    }

    @Test(
        arguments: [
            ([], [0x41], true), ([], [0xE3], true), ([], [0x81], false), ([], [], true),
            ([0xE3], [0x81], true), ([0xE3], [0x81, 0x82, 0x41, 0xF0], true), ([0xE3], [0x41], false),
            ([0xE3], [0x81, 0x41], false), ([0xE3, 0x81], [], true), ([0xED], [0xA0], false),
            ([0xF0, 0x9F], [0x99, 0x82, 0x80], false), ([0xF0], [0x80], false), ([0xF4], [0x90], false),
        ] as [([UInt8], [UInt8], Bool)])
    func whatWouldBreakACharacterIsNotAccepted(before: [UInt8], bytes: [UInt8], isAccepted: Bool) {
        var stream = UTF8Stream()
        _ = stream.append(before)
        #expect(stream.isBetweenCharacters == before.isEmpty)
        #expect(stream.accepts(bytes) == isAccepted)
    }

    @Test func bytesAreAcceptedAsLongAsTheyBecomeText() {
        var random = RandomSource(seed: 5)
        var acceptedCount = 0
        for _ in 0..<3000 {
            var stream = UTF8Stream()
            var isText = true
            while isText {
                let bytes = (0..<random.next() % 3).map { _ in
                    random.byte(favouring: [0xE3, 0x81, 0xF0, 0x9F, 0x41])
                }
                isText = stream.accepts(bytes)
                acceptedCount += isText ? 1 : 0
                // What is refused becomes U+FFFD now, or is held back and can only become it.
                #expect(stream.append(bytes).unicodeScalars.contains("\u{FFFD}") == !isText)
            }
        }
        #expect(acceptedCount > 3000)
    }
}

extension RandomSource {
    /// Any byte, half of the time one of a few.
    mutating func byte(favouring few: [UInt8]) -> UInt8 {
        let number = next()
        return number & 1 == 0 ? UInt8(truncatingIfNeeded: number >> 8) : few[Int(number >> 8) % few.count]
    }
}
