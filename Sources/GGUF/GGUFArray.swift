import Terms

/// An array of metadata values, kept as the range of the file that holds it.
///
/// A vocabulary has hundreds of thousands of strings: opening a file checks them in one pass and copies
/// none. Arrays made from Swift values hold the same bytes as the file would, so there is one form.
public struct GGUFArray: Sendable {
    /// The type of every element.
    public let elementType: GGUFValueType
    /// How many elements there are.
    public let count: Int

    /// The elements as they stand in a file, without the type and the count before them. Strings in
    /// `range` have been checked to lie inside it.
    let contents: FileContents
    let range: Range<Int>

    /// The elements' bytes; valid while the array lives.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withExtendedLifetime(contents) {
            body(UnsafeRawBufferPointer(rebasing: contents.bytes[range]))
        }
    }
}

extension GGUFArray: Equatable {
    /// Equal types, counts and bytes.
    public static func == (left: GGUFArray, right: GGUFArray) -> Bool {
        guard left.elementType == right.elementType, left.count == right.count else { return false }
        return left.withBytes { leftBytes in right.withBytes { leftBytes.elementsEqual($0) } }
    }
}
