/// Reading a definition's merges.
extension MergeTable {
    /// The merges of a definition, and how many of them name a token that the vocabulary does not have or
    /// that text may not become. Those are left out, as they could never apply.
    static func build(
        _ merges: MergeList, _ vocabulary: Vocabulary, usesAlphabet: Bool
    ) throws(TokenizerError) -> (table: MergeTable, skipped: Int) {
        if merges.count > Int32.max / 4 {
            throw .vocabularyTooLarge(count: merges.count, bytes: merges.bytes.count)
        }
        for index in 0..<merges.count {
            let start = merges.start(of: index)
            if merges.leftEnds[index] == start || merges.ends[index] == merges.leftEnds[index] {
                throw .malformedMerge(index: index, text: merges.text(index))
            }
        }
        let table = MergeTable(count: merges.count)
        var skipped = 0
        // The two sides lie side by side, also after they are decoded, so that both together are the token
        // they make.
        let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: merges.longest + 1)
        defer { scratch.deallocate() }
        merges.bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            var previous: Int32 = -1
            for index in 0..<merges.count {
                let start = merges.start(of: index)
                var leftCount = merges.leftEnds[index] - start
                var rightCount = merges.ends[index] - merges.leftEnds[index]
                var both = base + start
                if usesAlphabet {
                    leftCount = ByteAlphabet.decode(both, count: leftCount, into: scratch)
                    rightCount = ByteAlphabet.decode(
                        base + merges.leftEnds[index], count: rightCount, into: scratch + leftCount)
                    both = UnsafePointer(scratch)
                }
                let left = vocabulary.findText(both, count: leftCount)
                let right = vocabulary.findText(both + leftCount, count: rightCount)
                // Most vocabularies list the tokens in the order of the merges that make them.
                var result = previous + 1
                if !vocabulary.isText(result, both, count: leftCount + rightCount) {
                    result = vocabulary.findText(both, count: leftCount + rightCount)
                }
                guard left >= 0, right >= 0, result >= 0 else {
                    skipped += 1
                    continue
                }
                previous = result
                table.insert(left: left, right: right, rank: UInt32(index), result: result)
            }
        }
        return (table, skipped)
    }
}
