import GGUF
import Terms
import Testing
import _TestSupport

@testable import ControlVectors

@Suite struct VectorDerivationTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("v.gguf") }

    init() throws { folder = try TemporaryFolder() }

    private static let parents = [
        VectorDerivation.Parent(name: "happy.gguf", digest: "xxh64:01"),
        VectorDerivation.Parent(name: "陽気 🎀.gguf", digest: "xxh64:02"),
    ]

    @Test(arguments: [
        VectorDerivation.sum(
            [.init(parents[0], weight: 0.5), .init(parents[1], weight: -0.1)], isOrthogonalized: true),
        .sum([.init(parents[0], weight: 2)], isOrthogonalized: false), .shift(parents[1], layers: -1),
    ])
    func whatAVectorWasMadeOfComesBack(_ derivation: VectorDerivation) throws {
        var vector = try Planted.vector(model: Planted.fingerprint())
        vector.derivation = derivation
        try vector.write(to: path)
        let read = try ControlVector(path: path)
        #expect(read == vector && read.derivation == derivation)
        try read.write(to: folder.file("again.gguf"))
        #expect(folder.read("again.gguf") == folder.read("v.gguf"))
    }

    @Test func theDigestIsThatOfTheDirectionsAlone() throws {
        let vector = try Planted.vector(model: Planted.fingerprint())
        var calibrated = vector
        calibrated.calibration = CalibratedStrengths(
            negative: StrengthBand(strong: -1), positive: StrengthBand(strong: 1))
        #expect(calibrated.directionsDigest == vector.directionsDigest)
        #expect(try vector.shifted(by: 1).directionsDigest != vector.directionsDigest)
        #expect(try (vector * 0.5).directionsDigest != vector.directionsDigest)
        let parent = VectorDerivation.Parent(vector, path: "a/b/c.gguf")
        #expect(parent == .init(name: "c.gguf", digest: vector.directionsDigest))
    }

    @Test func partsThatDoNotFitEachOtherAreRefusedByKey() throws {
        var vector = try Planted.vector()
        vector.derivation = .sum(
            [.init(Self.parents[0], weight: 1), .init(Self.parents[1], weight: 1)], isOrthogonalized: false)
        try vector.write(to: path)
        let file = try GGUFFile(path: path)
        let changes: [(key: String, value: GGUFValue?)] = [
            ("digests", .array(GGUFArray(["xxh64:01"]))), ("weights", .array(GGUFArray([Float(1)]))),
            ("weights", .array(GGUFArray([Float(1), .nan]))), ("weights", nil),
            ("parents", .array(GGUFArray([String]()))),
        ]
        for (key, value) in changes {
            var metadata = file.metadata
            metadata["tiller.derivation.\(key)"] = value
            if key == "parents" { metadata["tiller.derivation.digests"] = value }
            var writer = GGUFWriter(metadata)
            for tensor in file.tensors { writer.add(tensor, from: file) }
            try writer.write(to: folder.file("damaged.gguf"))
            let error = #expect(throws: ControlVectorError.self) {
                try ControlVector(path: folder.file("damaged.gguf"))
            }
            #expect(error?.message.contains("tiller.derivation.\(key)") == true, "\(error?.message ?? "")")
        }
        var moved = file.metadata
        moved["tiller.derivation.operation"] = .text("shift")
        moved["tiller.derivation.layers"] = .int64(.min)
        var far = GGUFWriter(moved)
        for tensor in file.tensors { far.add(tensor, from: file) }
        try far.write(to: folder.file("far.gguf"))
        let error = #expect(throws: ControlVectorError.self) {
            try ControlVector(path: folder.file("far.gguf"))
        }
        #expect(error?.message.contains("tiller.derivation.layers") == true)
        // What a later version may do is no fault of the file's.
        var metadata = file.metadata
        metadata["tiller.derivation.operation"] = .text("blend")
        var writer = GGUFWriter(metadata)
        for tensor in file.tensors { writer.add(tensor, from: file) }
        try writer.write(to: folder.file("later.gguf"))
        #expect(try ControlVector(path: folder.file("later.gguf")).derivation == nil)
    }
}
