import Foundation

/// Unicode's normal form C, for the tokenizers whose makers ask for it.
enum Composition {
    /// The composed form of some UTF-8, or nil if it is the same.
    ///
    /// No character below U+0300 composes with the one before it, and most text has none above.
    static func composed(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.contains(where: { $0 >= 0xCC }) else { return nil }
        let string = String(decoding: text, as: UTF8.self)
        let composed = Array(string.precomposedStringWithCanonicalMapping.utf8)
        return composed.elementsEqual(text) ? nil : composed
    }
}
