import Testing

@testable import ChatTemplates

@Suite struct TextTests {
    static let mixed = Text("ab").appending(Text(input: "cdé")).appending(Text("f")).appending(
        Text(input: "g"))

    @Test func aTextKnowsItsInput() {
        #expect(Self.mixed.string == "abcdéfg")
        #expect(Self.mixed.origin == .mixed([2..<6, 7..<8]))
        #expect(Text("a").appending(Text("b")).origin == .template)
        #expect(Text(input: "a").appending(Text(input: "b")).origin == .input)
        #expect(Text.empty.appending(Text(input: "a")).origin == .input)
        #expect(Self.mixed.touchesInput)
        #expect(!Text("a").touchesInput)
    }

    @Test func everyPartKeepsItsInput() {
        let isInput = Self.mixed.bytes.indices.map { (2..<6).contains($0) || $0 == 7 }
        for start in 0...8 {
            for end in start...8 where ![5].contains(start) && ![5].contains(end) {
                let part = Self.mixed[start..<end]
                let ranges = part.inputRanges(in: 0..<part.bytes.count)
                for offset in part.bytes.indices {
                    #expect(ranges.contains { $0.contains(offset) } == isInput[start + offset])
                }
            }
        }
    }

    @Test func scalarsAreCountedAndCut() {
        let text = Text("aé日🎉")
        #expect(text.scalarCount == 4)
        #expect((0...4).map { text.scalarOffsets[$0] } == [0, 1, 3, 6, 10])
        #expect(text.scalars().map(\.string) == ["a", "é", "日", "🎉"])
        #expect((0...2).map { Text("ab").scalarOffsets[$0] } == [0, 1, 2])
        #expect(UTF8Scan.scalar(in: text.bytes, before: 10).0 == "🎉")
        #expect(UTF8Scan.scalar(in: text.bytes, before: 6).0 == "日")
    }
}
