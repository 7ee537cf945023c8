import CSQLite

/// A value as it goes into a statement.
enum DatabaseValue {
    case null
    case integer(Int)
    case number(Double)
    case text(String)
}

/// A prepared statement, and the row at which it stands.
final class Statement {
    private let handle: OpaquePointer

    /// Takes over a statement.
    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { sqlite3_finalize(handle) }

    /// Lets go of the rows and of the values.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Goes on to the next row.
    func step() -> Int32 { sqlite3_step(handle) }

    /// Puts a value into its place, counted from 0.
    func bind(_ value: DatabaseValue, at index: Int) -> Int32 {
        let place = Int32(index + 1)
        switch value {
        case .null: return sqlite3_bind_null(handle, place)
        case .integer(let number): return sqlite3_bind_int64(handle, place, sqlite3_int64(number))
        case .number(let number): return sqlite3_bind_double(handle, place, number)
        case .text(var text):
            // SQLITE_TRANSIENT, which Swift cannot import: the text is copied. The length counts, so that
            // zero bytes in an answer end nothing.
            let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    // An empty text may have no address, which would be null.
                    guard let start = characters.baseAddress else {
                        return sqlite3_bind_zeroblob(handle, place, 0)
                    }
                    return sqlite3_bind_text64(
                        handle, place, start, sqlite3_uint64(characters.count), copied, UInt8(SQLITE_UTF8))
                }
            }
        }
    }

    /// A whole number of the row.
    func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(handle, column)) }

    /// A number of the row; nil where it is null.
    func number(_ column: Int32) -> Double? {
        isNull(column) ? nil : sqlite3_column_double(handle, column)
    }

    /// Whether the row has nothing there.
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    /// A text of the row.
    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
        return String(decoding: bytes, as: UTF8.self)
    }
}
