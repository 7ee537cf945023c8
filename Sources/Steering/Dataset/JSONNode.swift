/// One value of a JSON text, and the byte at which it starts.
struct JSONNode {
    enum Value {
        case null
        case boolean(Bool)
        case number(String)
        case string(String)
        case array([JSONNode])
        case object([Member])
    }

    struct Member {
        let key: String
        let keyOffset: Int
        let node: JSONNode
    }

    let offset: Int
    let value: Value

    /// The name of its kind, for messages.
    var kind: String {
        switch value {
        case .null: "null"
        case .boolean: "true or false"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}
