/// Rows in aligned columns, for people.
struct Table: Sendable {
    /// On which side a column's text stands.
    enum Alignment: Sendable { case left, right }

    /// One column of a table.
    struct Column: Sendable {
        var title: String
        var alignment: Alignment
        /// Whether the column is wrapped to what the terminal has left; one column of a table at the most.
        var isWrapped: Bool

        /// A column of words.
        static func text(_ title: String) -> Column {
            Column(title: title, alignment: .left, isWrapped: false)
        }

        /// A column of numbers.
        static func number(_ title: String) -> Column {
            Column(title: title, alignment: .right, isWrapped: false)
        }

        /// A column of running text.
        static func wrapped(_ title: String) -> Column {
            Column(title: title, alignment: .left, isWrapped: true)
        }
    }

    /// The columns, from left to right.
    let columns: [Column]
    private var rows: [[String]] = []

    /// A table without rows.
    init(_ columns: Column...) {
        self.init(columns)
    }

    /// A table without rows.
    init(_ columns: [Column]) {
        self.columns = columns.map { column in
            var column = column
            column.title = column.title.onOneLine
            return column
        }
    }

    /// Adds a row; cells that are missing are empty.
    mutating func append(_ cells: String...) {
        append(cells)
    }

    /// Adds a row; cells that are missing are empty. Each is one line, whatever a file
    /// says in it, and has no style.
    mutating func append(_ cells: [String]) {
        append(texts: cells.map(\.onOneLine))
    }

    /// Adds a row of running texts, whose line breaks stay.
    mutating func append(texts: [String]) {
        rows.append(columns.indices.map { $0 < texts.count ? texts[$0].withoutTerminalControls : "" })
    }

    private static let gap = 2
    /// A wrapped column is never narrower than this.
    private static let narrowest = 20

    /// The table as text, a line break after every line.
    ///
    /// - Parameters:
    ///   - width: Columns of the terminal; nil to wrap nothing.
    ///   - titleStyle: How the titles stand out; nil for plain text.
    func rendered(width: Int? = nil, titleStyle: TextStyle? = nil) -> String {
        var widths = columns.indices.map { column in
            ([columns[column].title] + rows.map { $0[column] }).map { widestLine(of: $0) }.max() ?? 0
        }
        if let width, let wrapped = columns.firstIndex(where: \.isWrapped) {
            let others = widths.enumerated().reduce(0) {
                $1.offset == wrapped ? $0 : $0 + $1.element + Self.gap
            }
            widths[wrapped] = min(widths[wrapped], max(Self.narrowest, width - others))
        }
        var text = ""
        if columns.contains(where: { !$0.title.isEmpty }) {
            for line in lines(of: columns.map(\.title), widths: widths) {
                text += (titleStyle?.applied(to: line, if: true) ?? line) + "\n"
            }
        }
        for row in rows {
            for line in lines(of: row, widths: widths) { text += line + "\n" }
        }
        return text
    }

    private func widestLine(of cell: String) -> Int {
        cell.split(separator: "\n").map { DisplayWidth.columns(of: $0) }.max() ?? 0
    }

    /// A row takes as many lines as its highest cell.
    private func lines(of cells: [String], widths: [Int]) -> [String] {
        let parts = zip(cells, widths).map { DisplayWidth.wrapped($0, to: max($1, 2)) }
        let height = parts.map(\.count).max() ?? 0
        return (0..<height).map { line in
            var text = ""
            for column in columns.indices {
                let part = line < parts[column].count ? parts[column][line] : ""
                text += DisplayWidth.padded(part, to: widths[column], alignment: columns[column].alignment)
                if column < columns.count - 1 { text += String(repeating: " ", count: Self.gap) }
            }
            while text.last == " " { text.removeLast() }
            return text
        }
    }
}
