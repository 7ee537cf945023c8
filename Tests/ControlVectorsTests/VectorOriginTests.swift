import GGUF
import Terms
import Testing
import _TestSupport

@testable import ControlVectors

@Suite struct VectorOriginTests {
    private func origin(
        _ keys: KeyValuePairs<String, GGUFValue>, zeroLayer: Bool = false, first: Int = 1
    ) throws -> VectorOrigin? {
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .text("controlvector")
        metadata["controlvector.model_hint"] = .text("llama")
        for (key, value) in keys { metadata[key] = value }
        let vector = try ControlVector(
            Planted.file(
                metadata,
                [
                    .init("direction.\(first)", zeroLayer ? [0, 0] : [1, 2]),
                    .init("direction.\(first + 1)", [3, 4]),
                ]))
        return vector.origin
    }

    @Test(arguments: [("repeng.gguf", VectorOrigin.Producer.repeng, 0), ("llamacpp.gguf", .llamaCpp, 1)])
    func realFilesTellWhoMadeThem(name: String, producer: VectorOrigin.Producer, lateness: Int) throws {
        let origin = try ControlVector(path: fixturePath("ControlVectors/\(name)")).origin
        #expect(origin == VectorOrigin(producer))
        #expect(origin?.lateness == lateness)
        #expect(origin?.summary == "made by \(producer.name); unknown: method, model")
        #expect((origin?.displacement == nil) == (lateness == 0))
    }

    @Test func eachToolIsKnownByWhatItWrites() throws {
        let count = "controlvector.layer_count"
        #expect(try origin([count: .uint32(2)])?.producer == .repeng)
        #expect(try origin([count: .int32(2)])?.producer == .llamaCpp)
        #expect(try origin([count: .uint32(32)])?.producer == .jukofyork)
        #expect(try origin([count: .uint32(2)], zeroLayer: true)?.producer == .jukofyork)
        #expect(
            try origin([count: .uint32(2), "controlvector.method": .text("diffmean")])
                == VectorOrigin(.easySteer, method: "diffmean"))
        #expect(
            try origin([count: .int32(2), "controlvector.method": .text("mean")])
                == VectorOrigin(.llamaCpp, method: "mean"))
        #expect(try origin([count: .uint32(2), "glp.mode": .text("add")])?.producer == .glp)
        let unknown = try #require(try origin([:]))
        #expect(unknown.producer == .unknown && unknown.lateness == nil)
        #expect(unknown.unknown == ["method", "model", "layer convention"])
    }

    @Test func onlyEasySteerNumbersFromZero() throws {
        let vector = try origin(["controlvector.method": .text("pca")], first: 0)
        #expect(vector?.producer == .easySteer)
        #expect(throws: ControlVectorError.self) { try origin([:], first: 0) }
    }

    @Test func directionsThatAreToBeProjectedOutAreNotAdded() throws {
        let error = #expect(throws: ControlVectorError.self) { try origin(["glp.mode": .text("project")]) }
        #expect(error?.message.contains("glp.mode: found project") == true)
    }

    @Test func whoMadeAVectorSurvivesShiftingAndWriting() throws {
        let folder = try TemporaryFolder()
        let vector = try ControlVector(path: fixturePath("ControlVectors/llamacpp.gguf"))
        #expect(vector.layersLost(by: -1) == [1])
        let moved = try vector.without([1]).shifted(by: -1)
        #expect(moved.origin == VectorOrigin(.llamaCpp, shift: -1))
        #expect(moved.origin?.lateness == 0 && moved.origin?.displacement == nil)
        try moved.write(to: folder.file("v.gguf"))
        #expect(try ControlVector(path: folder.file("v.gguf")) == moved)
    }

    /// What is written holds the very bits that were read.
    @Test(arguments: ["repeng.gguf", "llamacpp.gguf"]) func foreignFilesKeepTheirBits(name: String) throws {
        let folder = try TemporaryFolder()
        let vector = try ControlVector(path: fixturePath("ControlVectors/\(name)"))
        try vector.write(to: folder.file("v.gguf"))
        let (old, new) = (
            try GGUFFile(path: fixturePath("ControlVectors/\(name)")),
            try GGUFFile(path: folder.file("v.gguf"))
        )
        #expect(Set(old.tensors.map(\.name)) == Set(new.tensors.map(\.name)))
        for tensor in old.tensors {
            let other = try #require(new.tensor(tensor.name))
            #expect(old.bytes(of: tensor).elementsEqual(new.bytes(of: other)))
        }
    }

    @Test func ourOwnVectorsHaveNoForeignOrigin() throws {
        let folder = try TemporaryFolder()
        try Planted.vector(model: Planted.fingerprint()).write(to: folder.file("v.gguf"))
        #expect(try ControlVector(path: folder.file("v.gguf")).origin == nil)
    }

    @Test func validationTellsWhoMadeItAndThatItActsLate() throws {
        let vector = try ControlVector(path: fixturePath("ControlVectors/llamacpp.gguf"))
        let reasons = Compatibility(of: vector, with: Planted.fingerprint()).reasons
        #expect(reasons.contains("made by llama.cpp's cvector-generator; unknown: method, model"))
        #expect(
            reasons.contains { $0.contains("act 1 block after") && $0.contains("tiller shift --layers=-1") })
    }
}
