import GGUF
import Quantization
import Terms
import Testing
import _TestSupport

@testable import ControlVectors

@Suite struct ControlVectorReadingTests {
    private func direction(_ layer: Int) -> [Float] {
        [Float(layer) + 0.5, Float(-layer), 0.25, 1.0 / 3]
    }

    @Test(arguments: [("repeng.gguf", "mistral", [1, 2, 30]), ("llamacpp.gguf", "llama", [1, 2, 3])])
    func filesOfOtherToolsLoadWithWhatIsKnownAboutThem(name: String, hint: String, layers: [Int]) throws {
        let vector = try ControlVector(path: fixturePath("ControlVectors/\(name)"))
        #expect(vector.layers.map(\.rawValue) == layers)
        #expect(
            vector.directions
                == Dictionary(uniqueKeysWithValues: layers.map { (LayerIndex($0), direction($0)) }))
        #expect(vector.modelHint == hint)
        #expect(vector.fingerprint == nil && vector.extraction == nil && vector.calibration == nil)
    }

    @Test func allKeysMayBeMissing() throws {
        let vector = try ControlVector(Planted.file([.init("direction.3", [1, 2])]))
        #expect(vector.directions == [3: [1, 2]] && vector.modelHint == nil)
    }

    @Test(arguments: [
        "direction.0", "direction.-1", "direction.", "direction.1x", "direction.x1", "direction.+1",
        "direction.01",
        "direction. 1", "direction.1.0", "direction.1024", "direction.536870912", "direction.4294967297",
        "direction.99999999999999999999999", "direction.١",
    ])
    func anIndexThatIsNoLayerIsRefusedByName(name: String) throws {
        let file = try Planted.file([.init("direction.1", [1]), .init(name, [1])])
        #expect(throws: ControlVectorError.badDirectionIndex(path: file.path, name: name)) {
            try ControlVector(file)
        }
    }

    @Test func theLastLayerThatAFileMayNameIsTaken() throws {
        #expect(try ControlVector(Planted.file([.init("direction.1023", [1])])).layers == [1023])
    }

    @Test(arguments: ["Direction.1", "directions.1", "blk.0.attn_q.weight", "direction"])
    func aTensorOfAnotherNameIsRefused(name: String) throws {
        let file = try Planted.file([.init("direction.1", [1]), .init(name, [1])])
        #expect(throws: ControlVectorError.unexpectedTensor(path: file.path, name: name)) {
            try ControlVector(file)
        }
    }

    @Test(arguments: [(TensorType.f16, 64), (.bf16, 64), (.q8_0, 34), (.f64, 256), (.i32, 128)])
    func onlyFloat32IsADirection(type: TensorType, byteCount: Int) throws {
        let file = try Planted.file([.init("direction.1", type: type, shape: [32], byteCount: byteCount)])
        #expect(throws: ControlVectorError.notFloat32(path: file.path, name: "direction.1", type: type.name))
        {
            try ControlVector(file)
        }
    }

    @Test func onlyOneDimensionIsADirection() throws {
        let file = try Planted.file([.init("direction.1", [1, 2, 3, 4], shape: [2, 2])])
        #expect(
            throws: ControlVectorError.notOneDimensional(path: file.path, name: "direction.1", shape: [2, 2])
        ) {
            try ControlVector(file)
        }
    }

    @Test func directionsOfDifferentLengthsAreRefused() throws {
        let file = try Planted.file([.init("direction.9", [1, 2, 3]), .init("direction.2", [1, 2])])
        #expect(
            throws: ControlVectorError.sizeMismatch(
                path: file.path, layer: 9, found: 3, first: 2, expected: 2)
        ) { try ControlVector(file) }
    }

    @Test func aDirectionWithoutElementsIsRefused() throws {
        let file = try Planted.file([.init("direction.1", [])])
        #expect(throws: ControlVectorError.emptyDirection(path: file.path, layer: 1)) {
            try ControlVector(file)
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func numbersThatAreNotFiniteAreRefusedByLayerAndElement(value: Float) throws {
        let file = try Planted.file([.init("direction.1", [1, 2]), .init("direction.2", [0, value])])
        #expect(throws: ControlVectorError.notFinite(path: file.path, layer: 2, index: 1, value: value)) {
            try ControlVector(file)
        }
    }

    @Test func aFileWithoutDirectionsIsRefused() throws {
        let file = try Planted.file([])
        #expect(throws: ControlVectorError.empty(path: file.path)) { try ControlVector(file) }
    }

    @Test func aModelIsNoVector() throws {
        var metadata = GGUFMetadata()
        metadata["general.architecture"] = .text("llama")
        let file = try Planted.file(metadata, [.init("direction.1", [1])])
        #expect(throws: ControlVectorError.notAControlVector(path: file.path, architecture: "llama")) {
            try ControlVector(file)
        }
    }

    @Test func aFileThatIsNoGGUFKeepsTheContainersWords() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("<!DOCTYPE html>".utf8, to: "happy.gguf")
        do throws(ControlVectorError) {
            _ = try ControlVector(path: path)
            Issue.record("no error")
        } catch {
            #expect(error.code == "notGGUF" && error.message.contains(path))
        }
        do throws(ControlVectorError) {
            _ = try ControlVector(path: folder.file("absent.gguf"))
            Issue.record("no error")
        } catch {
            #expect(error.code == "fileNotFound")
        }
    }

    @Test func aSecondTensorOfOneNameIsRefusedByTheContainer() throws {
        // The writer refuses it too, so the name is changed in the finished file.
        let folder = try TemporaryFolder()
        try Planted.vector([1: [1], 2: [2]]).write(to: folder.file("v.gguf"))
        var bytes = try #require(folder.read("v.gguf"))
        let name = Array("direction.2".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
        bytes[place + name.count - 1] = UInt8(ascii: "1")
        let path = try folder.write(bytes, to: "twice.gguf")
        do throws(ControlVectorError) {
            _ = try ControlVector(path: path)
            Issue.record("no error")
        } catch {
            #expect(error.code == "duplicateTensor")
        }
    }

    @Test func everyTruncationIsAnErrorOrLosesOnlyPadding() throws {
        let folder = try TemporaryFolder()
        let vector = try Planted.vector(model: Planted.fingerprint(), recipe: "{}")
        try vector.write(to: folder.file("v.gguf"))
        let bytes = try #require(folder.read("v.gguf"))
        for count in 0..<bytes.count {
            let file = try? GGUFFile(FileContents(copying: bytes.prefix(count)))
            let read = try? file.map { file throws(ControlVectorError) in try ControlVector(file) }
            // The last tensor has 16 bytes of 32.
            #expect(count >= bytes.count - 16 ? read == vector : read == nil, "\(count) bytes")
        }
    }

    @Test func everySingleSpoiltByteGivesAVectorOrATypedError() throws {
        let folder = try TemporaryFolder()
        try Planted.vector(model: Planted.fingerprint(), recipe: "{}").write(to: folder.file("v.gguf"))
        let bytes = try #require(folder.read("v.gguf"))
        var refused = 0
        for index in bytes.indices {
            for value in [0, 0xff, bytes[index] ^ 1, bytes[index] ^ 0x80] where value != bytes[index] {
                var spoilt = bytes
                spoilt[index] = value
                guard let file = try? GGUFFile(FileContents(copying: spoilt)) else {
                    refused += 1
                    continue
                }
                do throws(ControlVectorError) {
                    let vector = try ControlVector(file)
                    #expect(vector.directions.values.allSatisfy { $0.allSatisfy(\.isFinite) })
                } catch {
                    refused += 1
                    #expect(!error.message.isEmpty)
                }
            }
        }
        #expect(refused > 0)
    }
}

extension Planted {
    fileprivate static func file(_ tensors: [Tensor]) throws -> GGUFFile {
        try file(GGUFMetadata(), tensors)
    }
}
