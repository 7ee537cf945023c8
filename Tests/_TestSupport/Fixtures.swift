public import Foundation

/// The path of a file under Tests/Fixtures.
public func fixturePath(_ name: String, sourceFile: String = #filePath) -> String {
    URL(fileURLWithPath: sourceFile).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").appendingPathComponent(name).path
}

/// The bytes of a file under Tests/Fixtures.
public func fixture(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: fixturePath(name)))
}

/// A JSON file under Tests/Fixtures, decoded.
public func fixture<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: fixture(name))
}

/// Says that a test needs the default model, which is fetched and never kept in git.
public struct MissingModel: Error, CustomStringConvertible {
    /// Where it was looked for.
    public let path: String

    /// What to do.
    public var description: String {
        "no model at \(path): run ./scripts/test, or tiller pull smollm2-135m-instruct"
    }
}

/// The path of SmolLM2-135M-Instruct.Q4_1.gguf in the model cache.
public func smolLM2Path() throws -> String {
    let environment = ProcessInfo.processInfo.environment
    let home =
        environment["TILLER_HOME"] ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.cache/tiller"
    let path = home + "/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"
    guard FileManager.default.fileExists(atPath: path) else { throw MissingModel(path: path) }
    return path
}
