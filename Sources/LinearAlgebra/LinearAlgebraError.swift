public import Terms

/// What can be wrong with the numbers given to this module, or with what LAPACK made of them.
public enum LinearAlgebraError: ExplainedError, Equatable {
    /// The element count is not rows × columns.
    case wrongElementCount(rows: Int, columns: Int, found: Int)
    /// A row is longer or shorter than the first one.
    case raggedRows(row: Int, expected: Int, found: Int)
    /// A NaN or an infinity, in a place counted from 0.
    case notFinite(row: Int, column: Int, value: Float)
    /// Principal components need at least two rows.
    case tooFewRows(found: Int)
    /// Fewer than one component was asked for.
    case invalidComponentCount(Int)
    /// Every row is zero, or equals the mean: there is no direction to find.
    case rankZero(center: PrincipalComponents.Center)
    /// The rows span fewer directions than were asked for.
    case moreComponentsThanRank(asked: Int, rank: Int)
    /// A side of the matrix does not fit LAPACK's 32-bit integers.
    case tooLarge(rows: Int, columns: Int)
    /// A LAPACK routine reported that it failed: INFO < 0 is argument −INFO, INFO > 0 no convergence.
    case lapack(routine: String, info: Int)

    /// Equal when they say the same: two NaNs at one place are the same fault.
    public static func == (left: LinearAlgebraError, right: LinearAlgebraError) -> Bool {
        left.code == right.code && left.message == right.message
    }
}

extension LinearAlgebraError {
    /// A stable name for scripts.
    public var code: String {
        switch self {
        case .wrongElementCount: "wrongElementCount"
        case .raggedRows: "raggedRows"
        case .notFinite: "notFinite"
        case .tooFewRows: "tooFewRows"
        case .invalidComponentCount: "invalidComponentCount"
        case .rankZero: "rankZero"
        case .moreComponentsThanRank: "moreComponentsThanRank"
        case .tooLarge: "matrixTooLarge"
        case .lapack: "lapackFailed"
        }
    }

    /// What was expected, what was found, and at which row and column.
    public var message: String {
        switch self {
        case .wrongElementCount(let rows, let columns, let found):
            "a matrix of \(rows) rows × \(columns) columns was given \(found) elements"
        case .raggedRows(let row, let expected, let found):
            "row \(row) has \(found) elements, the rows before it have \(expected)"
        case .notFinite(let row, let column, let value):
            "the element at row \(row), column \(column) is \(value), not a finite number"
        case .tooFewRows(let found):
            "principal components need at least 2 rows, found \(found)"
        case .invalidComponentCount(let count):
            "\(count) principal components were asked for, at least 1 is needed"
        case .rankZero(.origin):
            "every row is zero: there is no direction to find"
        case .rankZero(.mean):
            "all rows are equal: around their mean there is no direction to find"
        case .moreComponentsThanRank(let asked, let rank):
            "\(asked) principal components were asked for, the rows span \(rank)"
        case .tooLarge(let rows, let columns):
            "a matrix of \(rows) rows × \(columns) columns is larger than LAPACK can address"
        case .lapack(let routine, let info):
            info < 0
                ? "LAPACK's \(routine) refused its argument \(-info) (INFO \(info))"
                : "LAPACK's \(routine) did not converge (INFO \(info))"
        }
    }

    /// What a caller can change.
    public var remedy: String? {
        switch self {
        case .tooFewRows: "give at least two examples"
        case .rankZero: "give examples whose two sides differ"
        case .moreComponentsThanRank(_, let rank): "ask for at most \(rank)"
        case .invalidComponentCount: "ask for at least 1"
        case .wrongElementCount, .raggedRows, .notFinite, .tooLarge, .lapack: nil
        }
    }
}
