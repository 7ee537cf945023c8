import ControlVectors
import Foundation
import LinearAlgebra
import Terms
import Testing
import Tokenizers
import Transformer
import _TestSupport

@testable import Generation
@testable import Steering

@Suite struct MeterTests {
    private let model: LanguageModel

    init() throws { model = try DefaultModel.open() }

    /// Directions along the first axis, with sides at −2 and 6 in layer 3, at 10 and 11 in layer 5.
    private func vector(sides: Bool = true) throws -> ControlVector {
        func direction(_ length: Float) -> [Float] { [length] + [Float](repeating: 0, count: 575) }
        let evidence: [LayerIndex: LayerEvidence] = [
            3: LayerEvidence(sides: SideProjections(negativeMean: -2, positiveMean: 6, spread: 2)),
            5: LayerEvidence(sides: SideProjections(negativeMean: 10, positiveMean: 11, spread: 1)),
        ]
        return try ControlVector(
            directions: [3: direction(8), 5: direction(0.5)],
            extraction: ExtractionRecord(
                toolVersion: "1", method: "mean", readout: "last", scale: .natural, layers: .standard,
                evidence: sides ? evidence : [:]))
    }

    private func state(_ first: Float) -> ArraySlice<Float> {
        ([first] + [Float](repeating: 7, count: 575))[...]
    }

    @Test(arguments: [(-2.0, 10.0, 0.0), (6, 11, 1), (2, 10.5, 0.5), (14, 12, 2)])
    func zeroIsTheNegativeSideAndOneThePositiveSide(
        _ third: Double, _ fifth: Double, _ expected: Double
    )
        throws
    {
        let meter = try Meter(try vector(), name: "m", for: model.transformer.configuration)
        #expect(meter.scale == .sides)
        let reading = meter.reading { $0 == 3 ? state(Float(third)) : state(Float(fifth)) }
        #expect(abs(reading.value - expected) < 1e-12)
        #expect(reading.layerValues == [expected, expected])
    }

    @Test func aLayerCountsByTheSquareOfItsSeparationInSpreads() throws {
        let meter = try Meter(try vector(), name: "m", for: model.transformer.configuration)
        // 8/2 = 4 and 1/1 = 1: 16 parts to 1.
        #expect(abs(try #require(meter.shares[3]) - 16.0 / 17) < 1e-12)
        let reading = meter.reading { $0 == 3 ? state(6) : state(10) }
        #expect(abs(reading.value - 16.0 / 17) < 1e-12)
    }

    /// A threshold that was fitted to the meter's readings is compared with the condition's.
    @Test(arguments: [true, false]) func aConditionReadsWhatTheMeterReads(sides: Bool) throws {
        let path = fixturePath("../../vectors/smollm2-135m-instruct/happy.gguf")
        var vector = try ControlVector(path: path)
        if !sides { vector.extraction = nil }
        let meter = try Meter(vector, name: "happy", for: model.transformer.configuration)
        let context = try InferenceContext(model.transformer, capacity: 16, threads: 2, precision: .fast)
        let tokens = model.tokenizer.encode("I am so happy today!", special: .asText)
        let states = try context.forward(.chain(tokens, captures: meter.hooks)).states
        let last = try #require(meter.readings(of: states).last)
        let found = meter.stateReading().value(of: states, row: tokens.count - 1)
        // The parts of which it is the sum may be large beside it.
        let size = zip(last.layerValues, meter.layers).reduce(1) {
            $0 + abs($1.0) * (meter.shares[$1.1] ?? 0)
        }
        #expect(abs(found - last.value) <= 1e-10 * size, "\(found) for \(last.value)")
    }

    @Test func withoutSidesAReadingIsTheMeanProjectionOnTheUnitDirections() throws {
        let meter = try Meter(try vector(sides: false), name: "m", for: model.transformer.configuration)
        #expect(meter.scale == .projection)
        #expect(meter.reading { $0 == 3 ? state(3) : state(5) }.value == 4)
    }

    @Test func aStateThatIsMissingOrNoNumberReadsAsNoNumber() throws {
        let meter = try Meter(try vector(), name: "m", for: model.transformer.configuration)
        #expect(meter.reading { $0 == 3 ? state(3) : nil }.value.isNaN)
        #expect(meter.reading { _ in state(.nan) }.value.isNaN)
    }

    @Test func layersThatTheVectorOrTheModelHasNotAreRefused() throws {
        let configuration = model.transformer.configuration
        let meter = try Meter(
            try vector(), name: "m", layers: try LayerSelection("5-9"), for: configuration)
        #expect(meter.layers == [5])
        #expect(throws: SteeringError.self) {
            try Meter(try vector(), name: "m", layers: try LayerSelection("7-9"), for: configuration)
        }
        let foreign = try ControlVector(directions: [3: [1, 2]])
        #expect(throws: SteeringError.self) { try Meter(foreign, name: "m", for: configuration) }
        let deep = try ControlVector(directions: [30: [Float](repeating: 1, count: 576)])
        #expect(throws: SteeringError.self) { try Meter(deep, name: "m", for: configuration) }
    }

    // MARK: - On a model

    private struct HeldOut: Decodable {
        var happy: [String]
        var sad: [String]
    }

    private func happyMeter() throws -> Meter {
        let path = fixturePath("../../vectors/smollm2-135m-instruct/happy.gguf")
        return try Meter(
            try ControlVector(path: path), name: "happy", for: model.transformer.configuration)
    }

    @Test func theMeterOfTheShippedVectorTellsUnseenHappyAndSadTextsApart() throws {
        let texts = try fixture("meters/held-out.json", as: HeldOut.self)
        let beginning = try model.chatTokens(user: "Tell me something.")
        let all = (texts.happy + texts.sad).map { model.tokenizer.encode($0, special: .asText) }
        let context = try InferenceContext(
            model.transformer, capacity: 2048, threads: 2, precision: .fast)
        let read = try MeteredText.read(all, after: beginning, with: [try happyMeter()], in: context)
        let means = try read.map { try #require($0.mean(of: 0)) }
        let area = areaUnderCurve(Array(means[..<20]), Array(means[20...]))
        #expect(area >= 0.95, "AUC \(area)")
        // The scale is the dataset's: half way between the sides lies between the texts.
        #expect(means[..<20].reduce(0, +) / 20 > 0.5)
        #expect(means[20...].reduce(0, +) / 20 < 0.5)
    }

    private func areaUnderCurve(_ positive: [Double], _ negative: [Double]) -> Double {
        var wins = 0.0
        for left in positive { for right in negative { wins += left > right ? 1 : left == right ? 0.5 : 0 } }
        return wins / Double(positive.count * negative.count)
    }
}
