import Glibc

/// What Linux says of this process in `/proc/self/status`.
enum ProcessStatus {
    /// The most memory that this process has had in RAM, the mapped model included.
    ///
    /// `getrusage` is asked only where the file does not say: its peak begins at that of the
    /// program that started this one.
    static func peakResidentBytes() -> Int {
        if let words = field("VmHWM", in: text())?.split(separator: " "), words.count == 2, words[1] == "kB",
            let kilobytes = Int(words[0])
        {
            return kilobytes * 1024
        }
        var usage = rusage()
        return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss * 1024 : 0
    }

    /// The file as it is now; empty where there is none.
    static func text() -> String {
        String(decoding: (try? FileSystem.head(of: "/proc/self/status", count: 1 << 14)) ?? [], as: UTF8.self)
    }

    /// What stands behind a name; nil where there is no such line.
    static func field(_ name: String, in status: String) -> Substring? {
        status.split(separator: "\n").first { $0.hasPrefix(name + ":") }.map { line in
            let value = line.dropFirst(name.count + 1)
            return value.drop { $0 == " " || $0 == "\t" }
        }
    }
}
