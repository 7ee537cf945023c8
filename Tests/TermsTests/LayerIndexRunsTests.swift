import Terms
import Testing

@Suite struct LayerIndexRunsTests {
    @Test(arguments: [
        ([], ""), ([7], "7"), ([9, 10, 11], "9-11"), ([1, 2, 5, 7, 8], "1-2, 5, 7-8"),
    ])
    func neighboursAreWrittenAsOneRange(_ layers: [Int], _ words: String) {
        #expect(layers.map { LayerIndex($0) }.runs == words)
    }
}
