/// Other files that are often found under a model's name, known by their first bytes.
enum LookAlike: String, CaseIterable {
    case webPage = "a web page"
    case pointer = "a Git LFS pointer"
    case gzip = "a gzip archive"
    case zip = "a zip archive (a PyTorch checkpoint?)"
    case safetensors = "a safetensors file"
    case json = "a JSON text"
    case oldGGML = "a file of the formats before GGUF"
    case zeros = "zeros"
    case other = "other bytes"

    /// What a file that begins like this is.
    init(_ bytes: UnsafeRawBufferPointer) {
        let head = bytes.prefix(512)
        func begins(_ text: String) -> Bool { head.starts(with: text.utf8) }
        let firstVisible = head.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
        if begins("version https://git-lfs") {
            self = .pointer
        } else if head.starts(with: [0x1f, 0x8b]) {
            self = .gzip
        } else if begins("PK\u{3}\u{4}") {
            self = .zip
        } else if head.count > 8, head[8] == UInt8(ascii: "{"), head[4..<8].allSatisfy({ $0 == 0 }) {
            self = .safetensors
        } else if ["lmgg", "tjgg", "fmgg", "algg"].contains(where: begins) {
            self = .oldGGML
        } else if firstVisible == UInt8(ascii: "<") {
            self = .webPage
        } else if firstVisible == UInt8(ascii: "{") || firstVisible == UInt8(ascii: "[") {
            self = .json
        } else if head.allSatisfy({ $0 == 0 }) {
            self = .zeros
        } else {
            self = .other
        }
    }

    /// What to do with a file whose first bytes were described as `found`.
    static func remedy(_ found: String) -> String {
        switch Self(rawValue: found) {
        case .webPage: "the server answered with a page instead of the model: check the address"
        case .json:
            "give the path of a GGUF file: a JSON text may be a dataset, a preset or a server's answer"
        case .pointer: "run `git lfs pull` in the repository that it came from"
        case .gzip, .zip: "unpack it first; a PyTorch checkpoint must be converted"
        case .safetensors:
            "give the path of a GGUF file, or of a checkpoint's whole folder; captured states are neither"
        case .oldGGML: "convert the model again with a current llama.cpp"
        case .zeros: "the download never finished: fetch the file again"
        case .other, nil: "give the path of a GGUF file"
        }
    }
}
