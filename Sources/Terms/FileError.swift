/// Why a file could not be opened, mapped or written.
public struct FileError: ExplainedError, Equatable {
    /// What went wrong; the raw value is the stable code.
    public enum Kind: String, Sendable, CaseIterable {
        /// There is no file of that name.
        case fileNotFound
        /// A pipe, a device, a socket: its size means nothing, and reading it may never end.
        case notARegularFile
        /// A folder stands where a file was expected.
        case isAFolder
        /// `-`, which is no file's name without a folder before it.
        case notAName
        /// The folder of the target does not exist.
        case missingFolder
        /// The system does not allow it.
        case notPermitted
        /// The file that was to be written is one that is being read.
        case wouldReplaceInput
        /// The file that was to be written takes what the process prints.
        case wouldReplaceStream
        /// The disk, or the share of it that this user may fill, is full.
        case diskFull
        /// The file is larger than this process, or the file system, may make one.
        case fileTooLarge
        /// The name, or the whole path, is longer than the system takes.
        case nameTooLong
        /// A symbolic link that leads to itself, also by way of others.
        case linkLoop
        /// The system, or the share of it that this process may have, has no memory left.
        case outOfMemory
        /// The process, or the system, has as many files open as it may.
        case tooManyOpenFiles
        /// Any other failed system call.
        case systemCall
    }

    /// What went wrong.
    public var kind: Kind
    /// The file, as the caller wrote it.
    public var path: String
    /// What was being done and what the system said.
    public var detail: String

    /// Describes a failure.
    public init(_ kind: Kind, path: String, detail: String) {
        self.kind = kind
        self.path = path
        self.detail = detail
    }

    /// A path that can be none was typed by someone.
    public var category: ErrorCategory { kind == .notAName ? .usage : .failure }

    /// The kind's name.
    public var code: String { kind.rawValue }

    /// The file and what happened to it.
    public var message: String { "\(path): \(detail)" }

    /// What to do about it, where that is not already said.
    public var remedy: String? {
        switch kind {
        case .fileNotFound: "check the path"
        case .notARegularFile: "give the path of a file on a disk"
        case .isAFolder: "give the path of a file inside it"
        case .notAName: "name a file; the one that is called - is ./-"
        case .missingFolder: "make the folder first, or choose another one"
        case .notPermitted: "change the permissions, or choose another folder"
        case .wouldReplaceInput, .wouldReplaceStream: "write to another path"
        case .diskFull: "free some space, or write to another disk"
        case .fileTooLarge: "raise the limit, ulimit -f unlimited, or write to a disk that takes larger files"
        case .nameTooLong: "give it a shorter name"
        case .linkLoop: "the link leads to itself: give the path of the file"
        case .outOfMemory: "close other programs, raise ulimit -v, or take a smaller file"
        case .tooManyOpenFiles: "raise the limit: ulimit -n 1024"
        case .systemCall: nil
        }
    }
}
