import Foundation
import Terms

/// The files under Tests/Fixtures/tokenizers.
enum Fixture {
    static func data(_ name: String, file: String = #filePath) throws -> Data {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
        return try Data(contentsOf: folder.appendingPathComponent("Fixtures/tokenizers/\(name)"))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
        try JSONDecoder().decode(type, from: data(name))
    }
}

extension [TokenID] {
    /// The plain numbers, as golden files have them.
    var numbers: [Int] { map(\.index) }
}
