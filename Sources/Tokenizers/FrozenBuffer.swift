/// A buffer that is filled once and read through a plain pointer from then on.
///
/// `[Element]` would pay a bounds and a uniqueness check at each of the millions of look-ups of a text.
/// `@unchecked Sendable`: nothing writes to the memory after `init`, and it lives as long as this object.
final class FrozenBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    let base: UnsafePointer<Element>
    let count: Int

    /// `count` elements, `initial` all of them, then changed by `fill`.
    init(count: Int, initial: Element, _ fill: (UnsafeMutablePointer<Element>) -> Void) {
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(count, 1))
        memory.initialize(repeating: initial, count: max(count, 1))
        fill(memory)
        base = UnsafePointer(memory)
        self.count = count
    }

    /// A copy of an array.
    init(_ elements: [Element]) {
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
        memory.initialize(from: elements, count: elements.count)
        base = UnsafePointer(memory)
        count = elements.count
    }

    deinit {
        base.deallocate()
    }
}
