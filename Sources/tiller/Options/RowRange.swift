/// Rows of a tensor as a person writes them: `0-3`, `7`.
struct RowRange: Sendable, Equatable {
    /// The first and the last row; both belong to it.
    var first: Int
    var last: Int

    /// Reads a range; both ends belong to it.
    init(parsing text: String) throws(TillerError) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first >= 0,
            first <= last
        else {
            throw .badUsage(
                message: "--rows is \(text), expected a row or a range of rows",
                remedy: "for example --rows 0-3")
        }
        (self.first, self.last) = (first, last)
    }

    /// The rows that a tensor has of these.
    func clamped(rowCount: Int, tensor: String) throws(TillerError) -> Range<Int> {
        guard first < rowCount else {
            throw .badUsage(
                message: "--rows is \(first)-\(last), and \(tensor) has \(Quantity.counted(rowCount, "row"))",
                remedy: rowCount > 0 ? "--rows 0-\(rowCount - 1) is all of it" : nil)
        }
        return first..<min(last, rowCount - 1) + 1
    }
}
