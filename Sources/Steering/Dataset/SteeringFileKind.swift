import ControlVectors

/// Which of Tiller's files in JSON one is.
public enum SteeringFileKind: Sendable, Equatable {
    /// Prompts.
    case dataset
    /// Rules to steer by.
    case preset
    /// Readout heads.
    case heads

    /// Told by the field that only one of them has. What says nothing of itself is a dataset, whose
    /// reader finds what is wrong.
    public init(path: String) {
        self = .dataset
        guard let bytes = try? JSONText.bytes(of: path, form: .dataset),
            let text = try? JSONText(bytes, name: path, form: .dataset),
            let node = try? JSONParser.parse(text), let fields = try? JSONFields(foreign: node, of: text)
        else { return }
        if fields.has("rules") { self = .preset }
        if fields.has("heads") { self = .heads }
    }

    /// Refuses a file of another kind by what it is, before its fields are called unknown.
    static func refuse(_ node: JSONNode, of text: JSONText) throws(SteeringError) {
        guard case .object(let members) = node.value else { return }
        let names = Set(members.map(\.key))
        let kinds: [(form: JSONText.Form, fields: Set<String>)] = [
            (.preset, ["rules"]), (.heads, ["heads"]),
            (.dataset, ["template", "suffixes", "pairs", "instructions", "prompts"]),
        ]
        let found = kinds.filter { !$0.fields.isDisjoint(with: names) }.map { $0.form }
        guard let other = found.first, !found.contains(text.form) else { return }
        let path = ShellCommand.quoted(text.name)
        let use =
            switch other {
            case .preset: "--preset \(path) steers by it"
            case .heads: "--heads \(path) watches with them"
            default: "tiller extract -d \(path) makes a vector of it"
            }
        throw SteeringError(
            .unknownField, "\(text.name): it is \(other.name), and \(text.form.name) is wanted here",
            remedy: "\(use); \(text.form.remedy("datasets/README.md shows how to write a dataset"))")
    }
}
