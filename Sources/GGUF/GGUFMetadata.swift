/// The keys and values of a GGUF file, in their order.
public struct GGUFMetadata: Sendable {
    /// One key with its value.
    public struct Entry: Sendable, Equatable {
        /// The key, for example `general.name`.
        public let key: String
        /// What it is set to.
        public internal(set) var value: GGUFValue
    }

    /// All entries in the order of the file, or in which they were set.
    public private(set) var entries: [Entry] = []
    private var positions: [String: Int] = [:]

    /// The file that this was read from, for messages.
    var path: String

    /// No entries yet.
    public init() {
        path = "metadata"
    }

    /// No entries yet; messages name `path`.
    public init(path: String) {
        self.path = path
    }

    /// The keys in order.
    public var keys: [String] { entries.map(\.key) }

    /// The value of a key: set it to replace or append, set it to nil to remove.
    public subscript(key: String) -> GGUFValue? {
        get { positions[key].map { entries[$0].value } }
        set {
            switch (positions[key], newValue) {
            case (let position?, let value?):
                entries[position].value = value
            case (nil, let value?):
                positions[key] = entries.count
                entries.append(Entry(key: key, value: value))
            case (let position?, nil):
                entries.remove(at: position)
                positions[key] = nil
                for later in position..<entries.count { positions[entries[later].key] = later }
            case (nil, nil):
                break
            }
        }
    }
}

extension GGUFMetadata: Equatable {
    /// The same keys in the same order with the same values.
    public static func == (left: GGUFMetadata, right: GGUFMetadata) -> Bool {
        left.entries == right.entries
    }
}
