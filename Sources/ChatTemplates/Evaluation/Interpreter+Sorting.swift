/// Sorting.
extension Interpreter {
    /// A stable merge sort whose comparisons may fail and are counted.
    func sorted<Item>(
        _ items: [Item], by isLess: (Item, Item) throws(ChatTemplateError) -> Bool
    ) throws(ChatTemplateError) -> [Item] {
        var source = items
        var width = 1
        while width < source.count {
            var merged: [Item] = []
            merged.reserveCapacity(source.count)
            for start in Swift.stride(from: 0, to: source.count, by: 2 * width) {
                let middle = min(start + width, source.count)
                let end = min(start + 2 * width, source.count)
                var (left, right) = (start, middle)
                while left < middle || right < end {
                    try step()
                    let takesRight: Bool
                    if left == middle || right == end {
                        takesRight = left == middle
                    } else {
                        takesRight = try isLess(source[right], source[left])
                    }
                    merged.append(source[takesRight ? right : left])
                    if takesRight { right += 1 } else { left += 1 }
                }
            }
            source = merged
            width *= 2
        }
        return source
    }
}
