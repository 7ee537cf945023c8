import Foundation

/// Arrays whose last byte stands right before a page that may not be touched: a kernel that reads or writes
/// one byte too many ends the test run.
final class GuardedMemory {
    private var mappings: [UnsafeMutableRawBufferPointer] = []

    /// Memory that lives as long as the closure runs.
    static func with<Result>(_ body: (GuardedMemory) throws -> Result) rethrows -> Result {
        let memory = GuardedMemory()
        defer { withExtendedLifetime(memory) {} }
        return try body(memory)
    }

    private init() {}

    deinit {
        for mapping in mappings { munmap(mapping.baseAddress, mapping.count) }
    }

    /// Room for elements whose size divides the page size.
    func room<Element: BitwiseCopyable>(
        for _: Element.Type = Element.self, _ count: Int
    ) -> UnsafeMutablePointer<Element> {
        let byteCount = count * MemoryLayout<Element>.stride
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let body = (byteCount + page - 1) / page * page
        guard
            let mapped = mmap(
                nil, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            mapped != MAP_FAILED, mprotect(mapped + body, page, PROT_NONE) == 0
        else { fatalError("mmap failed") }
        mappings.append(UnsafeMutableRawBufferPointer(start: mapped, count: body + page))
        return (mapped + body - byteCount).bindMemory(to: Element.self, capacity: count)
    }

    /// A guarded copy of an array.
    func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
        let target = room(for: Element.self, elements.count)
        target.initialize(from: elements, count: elements.count)
        return target
    }
}

extension Array {
    /// What stands at a pointer.
    init(_ pointer: UnsafePointer<Element>, count: Int) {
        self.init(UnsafeBufferPointer(start: pointer, count: count))
    }
}
