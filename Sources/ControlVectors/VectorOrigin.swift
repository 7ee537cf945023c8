/// Which tool made a vector that is not ours, and what its file says: tools write the same tensor names and
/// mean two different layers by them, so who wrote a file decides where its directions belong.
public struct VectorOrigin: Sendable, Equatable {
    /// The tool, as far as the keys of the file tell.
    public enum Producer: String, Sendable, CaseIterable {
        /// vgel's repeng: `direction.N` is measured and added at block N.
        case repeng
        /// llama.cpp's cvector-generator: what it measured at block i stands as `direction.(i+1)`.
        case llamaCpp = "llama.cpp"
        /// jukofyork's control-vectors: the same step as llama.cpp's generator.
        case jukofyork
        /// EasySteer: measured and added at block N, from block 0.
        case easySteer = "EasySteer"
        /// Files of the GLP specification: `direction.N` belongs to block N.
        case glp = "GLP"
        /// Another tool, or one of these without its marks.
        case unknown

        /// How many blocks after the one that was measured the direction stands in the
        /// file; nil where nobody knows.
        public var lateness: Int? {
            switch self {
            case .repeng, .easySteer, .glp: 0
            case .llamaCpp, .jukofyork: 1
            case .unknown: nil
            }
        }

        /// Its name in a sentence.
        public var name: String {
            switch self {
            case .llamaCpp: "llama.cpp's cvector-generator"
            case .jukofyork: "jukofyork's control-vectors"
            case .glp: "a tool of the GLP specification"
            case .unknown: "an unknown tool"
            case .repeng, .easySteer: rawValue
            }
        }
    }

    /// Who made it.
    public var producer: Producer

    /// The method, where the file says it.
    public var method: String?

    /// By how many layers it has been moved since (`shifted(by:)`).
    public var shift: Int

    /// Keeps the parts.
    public init(_ producer: Producer, method: String? = nil, shift: Int = 0) {
        self.producer = producer
        self.method = method
        self.shift = shift
    }

    /// How many blocks late the directions now act; nil where nobody knows.
    public var lateness: Int? { producer.lateness.map { $0 + shift } }

    /// What a person would want to know and the file does not say.
    public var unknown: [String] {
        (method == nil ? ["method"] : []) + ["model"] + (lateness == nil ? ["layer convention"] : [])
    }

    /// "made by repeng; unknown: method, model"
    public var summary: String {
        "made by \(producer.name)" + (method.map { " (\($0))" } ?? "")
            + (shift == 0 ? "" : ", moved by \(shift) layer\(abs(shift) == 1 ? "" : "s")")
            + "; unknown: \(unknown.joined(separator: ", "))"
    }

    /// That the vector acts at other blocks than it was measured at; nil where it does not, or nobody knows.
    public var displacement: String? { lateness.flatMap(Self.displacement) }

    /// The same of a vector that acts so many blocks late.
    static func displacement(_ lateness: Int) -> String? {
        guard lateness != 0 else { return nil }
        return "its directions act \(abs(lateness)) block\(abs(lateness) == 1 ? "" : "s") "
            + "\(lateness > 0 ? "after" : "before") the one where they were measured: "
            + "tiller shift --layers=\(-lateness) puts them back"
    }
}
