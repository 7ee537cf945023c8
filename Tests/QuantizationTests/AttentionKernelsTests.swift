import CKernels
import Testing
import _TestSupport

/// Attention and panel products against plain C.
@Suite struct AttentionKernelsTests {
    @Test(arguments: [1, 2, 3, 5, 16], [1, 3, 4, 5, 9, 33, 65])
    func scoresAndMixesEqualTheScalarOnes(queries: Int, keys: Int) throws {
        for set in InstructionSet.interleaving {
            try scoresAndMixesEqualTheScalarOnes(queries: queries, keys: keys, set: set)
        }
    }

    private func scoresAndMixesEqualTheScalarOnes(queries: Int, keys: Int, set: Int32) throws {
        let scalar = try #require(tl_attention_kernels_for(0)).pointee
        let best = try #require(tl_attention_kernels_for(set)).pointee
        var numbers = SeededNumbers(seed: 5)
        for size in [1, 7, 8, 12, 32, 40, 64, 80, 128, 256] {
            let q = numbers.normal(queries * size)
            let k = numbers.normal(keys * size)
            let stride = keys + 2
            var expected = [Float](repeating: 3, count: queries * stride)
            var found = expected
            scalar.scores(q, queries, k, 0, keys, size, &expected, stride)
            best.scores(q, queries, k, 0, keys, size, &found, stride)
            expectClose(found, expected, relativeError: 2e-6, "scores, head size \(size)")
            var mixed = numbers.normal(queries * size)
            var mixedBest = mixed
            scalar.mix(expected, stride, queries, k, 0, keys, size, &mixed)
            best.mix(expected, stride, queries, k, 0, keys, size, &mixedBest)
            expectClose(mixedBest, mixed, relativeError: 2e-6, "mix, head size \(size)")

            var halves = [UInt16](repeating: 0, count: k.count)
            try #require(tl_vector_kernels_for(0)).pointee.half_from_float(k, &halves, k.count)
            scalar.scores(q, queries, halves, 1, keys, size, &expected, stride)
            best.scores(q, queries, halves, 1, keys, size, &found, stride)
            expectClose(found, expected, relativeError: 2e-6, "scores of float16, head size \(size)")
            scalar.mix(expected, stride, queries, halves, 1, keys, size, &mixed)
            best.mix(expected, stride, queries, halves, 1, keys, size, &mixedBest)
            expectClose(mixedBest, mixed, relativeError: 2e-6, "mix of float16, head size \(size)")
        }
    }

    @Test(arguments: InstructionSet.interleaving)
    func aScoreHasTheSameBitsAloneAndInCompany(set: Int32) throws {
        let best = try #require(tl_attention_kernels_for(set)).pointee
        var numbers = SeededNumbers(seed: 6)
        for size in [64, 80, 12] {
            let q = numbers.normal(5 * size)
            let k = numbers.normal(9 * size)
            var together = [Float](repeating: 0, count: 45)
            best.scores(q, 5, k, 0, 9, size, &together, 9)
            for query in 0..<5 {
                for key in 0..<9 {
                    var alone: Float = 0
                    best.scores(
                        Array(q[(query * size)...]), 1, Array(k[(key * size)...]), 0, 1, size, &alone, 1)
                    #expect(alone == together[query * 9 + key])
                }
            }
        }
    }
}

@Suite struct PanelKernelsTests {
    @Test(arguments: [1, 2, 5, 6, 7, 13], [1, 7, 8, 9, 64, 255, 256, 257, 576])
    func productsEqualTheScalarOnes(columns: Int, count: Int) throws {
        let scalar = try #require(tl_panel_kernels_for(0)).pointee
        let best = try #require(tl_panel_kernels_for(tl_best_instruction_set())).pointee
        let height = Int(TL_PANEL_ROWS)
        var numbers = SeededNumbers(seed: UInt64(columns * 1000 + count))
        let rows = numbers.normal(height * count)
        var panel = [Float](repeating: 0, count: height * count)
        var bestPanel = panel
        scalar.pack(rows, &panel, count)
        best.pack(rows, &bestPanel, count)
        #expect(panel == bestPanel)
        let x = numbers.normal(columns * (count + 3))
        for accumulates: Int32 in [0, 1] {
            let start = numbers.normal(columns * (height + 5))
            var (expected, found) = (start, start)
            scalar.multiply(panel, count, x, count + 3, columns, &expected, height + 5, accumulates)
            best.multiply(panel, count, x, count + 3, columns, &found, height + 5, accumulates)
            expectClose(found, expected, relativeError: 2e-6, "accumulates \(accumulates)")
            // Every faster set adds up in the same order.
            for set in InstructionSet.interleaving {
                var other = start
                try #require(tl_panel_kernels_for(set)).pointee
                    .multiply(panel, count, x, count + 3, columns, &other, height + 5, accumulates)
                #expect(other == found, "set \(set)")
                // Two panels together give what each gives alone.
                var two = [Float](repeating: 1, count: columns * 2 * height)
                var one = [Float](repeating: 1, count: columns * height)
                let kernels = try #require(tl_panel_kernels_for(set)).pointee
                kernels.multiply_two(
                    panel + panel.reversed(), count, x, count + 3, columns, &two, 2 * height, accumulates)
                kernels.multiply(
                    panel.reversed(), count, x, count + 3, columns, &one, height, accumulates)
                for column in 0..<columns {
                    #expect(
                        two[(2 * column + 1) * height..<(2 * column + 2) * height]
                            == one[column * height..<(column + 1) * height])
                }
            }
        }
    }

    @Test func aColumnHasTheSameBitsAloneAndInCompany() throws {
        let best = try #require(tl_panel_kernels_for(tl_best_instruction_set())).pointee
        let height = Int(TL_PANEL_ROWS)
        let count = 300
        var numbers = SeededNumbers(seed: 9)
        let panel = numbers.normal(height * count)
        let x = numbers.normal(13 * count)
        var together = [Float](repeating: 0, count: 13 * height)
        best.multiply(panel, count, x, count, 13, &together, height, 0)
        for column in 0..<13 {
            var alone = [Float](repeating: 0, count: height)
            best.multiply(panel, count, Array(x[(column * count)...]), count, 1, &alone, height, 0)
            #expect(alone == Array(together[column * height..<(column + 1) * height]))
        }
    }
}
