/// Which of Tiller's files in JSON one is.
public enum SteeringFileKind: Sendable, Equatable {
    /// Prompts.
    case dataset
    /// Rules to steer by.
    case preset
    /// Readout heads.
    case heads

    /// Told by the field that only one of them has. What says nothing of itself is a dataset, whose reader finds what is wrong.
    public init(path: String) {
        self = .dataset
        guard let bytes = try? JSONText.bytes(of: path, form: .dataset),
            let text = try? JSONText(bytes, name: path, form: .dataset),
            let node = try? JSONParser.parse(text), let fields = try? JSONFields(foreign: node, of: text)
        else { return }
        if fields.has("rules") { self = .preset }
        if fields.has("heads") { self = .heads }
    }
}
