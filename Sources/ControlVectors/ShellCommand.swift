/// Words of commands that people paste into a shell.
public enum ShellCommand {
    /// The word as a POSIX shell reads it back: plain where it can be, else in single quotes. A path that
    /// begins with a dash gets `./` before it, so that no program takes it for an option.
    public static func quoted(_ word: String) -> String {
        let word = word.utf8.first == UInt8(ascii: "-") ? "./" + word : word
        guard word.isEmpty || !word.utf8.allSatisfy(isPlain) else { return word }
        // Within single quotes nothing is special but the single quote itself.
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            + "'"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "_@%+=:,./-".utf8.contains(byte)
        }
    }
}
