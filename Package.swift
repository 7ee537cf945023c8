// swift-tools-version: 6.2

import PackageDescription

/// Warnings of our own code are errors where CI asks for it; a user's newer compiler may warn.
let strictness: [SwiftSetting] =
    Context.environment["TILLER_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// One language mode and one set of upcoming features for every Swift target.
let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + strictness

/// A library target, its module page, and the modules that it may import: `scripts/check-arrows` holds the
/// sources to exactly this list.
func module(_ name: String, imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, exclude: ["README.md"], swiftSettings: swiftSettings)
}

/// The test target of a module; the module and `_TestSupport` come with it.
func tests(_ name: String, imports: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: Set([name, "Terms", "_TestSupport"] + imports).sorted().map { .byName(name: $0) },
        swiftSettings: swiftSettings
    )
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let orderedCollections: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")

let package = Package(
    name: "tiller",
    products: [
        .executable(name: "tiller", targets: ["tiller"]),
        .library(name: "Steering", targets: ["Steering"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    ],
    targets: [
        // MARK: - System libraries and C
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CLAPACKE", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(
            name: "CKernels",
            exclude: ["README.md"],
            cSettings: [.define("NDEBUG", .when(configuration: .release))]
                + (Context.environment["TILLER_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]),
            linkerSettings: [.linkedLibrary("m")]
        ),

        // MARK: - Words
        module("Terms"),

        // MARK: - Bytes
        module("Quantization", imports: ["Terms", "CKernels"]),
        module("GGUF", imports: ["Terms", "Quantization"]),
        module("Safetensors", imports: ["Terms"]),

        // MARK: - Text
        module("Tokenizers", imports: ["Terms", heap]),
        module("ChatTemplates", imports: ["Terms", orderedCollections]),

        // MARK: - Numbers
        module("LinearAlgebra", imports: ["Terms", "CKernels", "CLAPACKE", "COpenBLAS"]),

        // MARK: - The model
        module("Transformer", imports: ["Terms", "Quantization", "CKernels", "GGUF"]),
        module(
            "Generation", imports: ["Terms", "Transformer", "GGUF", "Tokenizers", "ChatTemplates"]),

        // MARK: - Other formats
        module(
            "Conversion", imports: ["Terms", "GGUF", "Quantization", "Safetensors", "Tokenizers"]),

        // MARK: - Steering
        module("ControlVectors", imports: ["Terms", "GGUF", "Quantization"]),
        module(
            "Steering",
            imports: [
                "Terms", "Generation", "Transformer", "Tokenizers", "ControlVectors", "LinearAlgebra",
            ]),

        // MARK: - What is kept of sweeps
        module("Runs", imports: ["Terms", "Steering", "ControlVectors", "CSQLite"]),

        // MARK: - The command line
        .executableTarget(
            name: "tiller",
            dependencies: [
                "Terms", "Steering", "Runs", "Generation", "Transformer", "Tokenizers", "ChatTemplates",
                "ControlVectors", "Conversion", "GGUF", "LinearAlgebra", "Quantization", "Safetensors",
                argumentParser,
            ],
            exclude: ["README.md"],
            swiftSettings: swiftSettings
        ),

        // MARK: - Tests
        .target(
            name: "_TestSupport", dependencies: ["Terms", "GGUF"], path: "Tests/_TestSupport",
            exclude: ["README.md"], swiftSettings: swiftSettings),
        tests("Terms"),
        tests("Quantization", imports: ["CKernels"]),
        tests("GGUF", imports: ["Quantization"]),
        tests("Safetensors"),
        tests("Tokenizers"),
        tests("ChatTemplates"),
        tests("LinearAlgebra", imports: ["COpenBLAS"]),
        tests("Transformer", imports: ["CKernels", "Conversion", "GGUF", "Quantization", "Safetensors"]),
        tests(
            "Generation", imports: ["Conversion", "Transformer", "Tokenizers", "ChatTemplates", "GGUF"]),
        tests(
            "Conversion",
            imports: ["GGUF", "Quantization", "Safetensors", "Tokenizers", "Generation", "Transformer"]),
        tests("ControlVectors", imports: ["Conversion", "GGUF", "Quantization"]),
        tests(
            "Steering",
            imports: [
                "Transformer", "Generation", "ControlVectors", "LinearAlgebra", "Tokenizers", "Safetensors",
                "ChatTemplates", "GGUF", "Quantization",
            ]),
        tests("Runs", imports: ["Steering", "Generation"]),
        tests(
            "tiller",
            imports: [
                "ControlVectors", "Conversion", "GGUF", "Generation", "Quantization", "Steering", "Runs",
                "Transformer",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
