import CKernels
import Terms
import Testing

@testable import Transformer

@Suite struct HighestBoundsTests {
    /// Against sorting all: values of which many are alike, and some that are not numbers.
    @Test(arguments: [1, 2, 7, 40, 300]) func keepsTheHighestOfAll(limit: Int) throws {
        let vector = try #require(tl_vector_kernels_for(tl_best_instruction_set())).pointee
        var random = RandomSource(seed: UInt64(limit))
        let bounds = (0..<5000).map { index in
            index % 97 == 5 ? Float.nan : index % 101 == 3 ? .infinity : Float(Int(random.nextUnit() * 400))
        }
        for count in [limit - 1, limit, 5000] {
            let memory = try HighestBounds.Memory(capacity: limit)
            var highest = HighestBounds(limit: limit, in: memory)
            // In parts, as workers take them.
            for start in stride(from: 0, to: count, by: 333) {
                highest.keep(start..<min(start + 333, count), of: bounds, vector)
            }
            let found = (0..<highest.count).map { highest[$0] }
            let expected = bounds[..<count].filter { !$0.isNaN }.sorted(by: >).prefix(limit)
            #expect(found.map(\.bound).sorted(by: >) == Array(expected))
            #expect(Set(found.map(\.token)).count == found.count)
            #expect(found.allSatisfy { bounds[$0.token] == $0.bound })
        }
    }
}
