import ControlVectors
import Foundation
import Generation
import Terms
import Testing
import _TestSupport

@testable import Steering
@testable import Transformer

@Suite struct SteeringPresetTests {
    private static let everything = """
        {"name": "gentle", "description": "all there is", "rules": [
          {"operation": "add", "vector": "a.gguf", "strength": -0.5, "layers": "9-10", "weights": {"10": 0.5},
           "when": {"part": "answer", "from": 2, "tokens": 100, "ramp": 8, "halfLife": 30.5, "pauses": ["code", "thinking"]}},
          {"operation": "addKeepingNorm", "vector": "a.gguf"},
          {"operation": "projectOut", "vectors": ["a.gguf", "b.gguf"], "amount": 0.5},
          {"operation": "clamp", "vector": "a.gguf", "least": -1, "most": 2.5,
           "if": {"vector": "b.gguf", "layers": 9, "window": 4, "below": 0.25, "decided": "token"}},
          {"operation": "rotate", "vectors": ["a.gguf", "b.gguf"], "degrees": 30,
           "hold": {"vector": "b.gguf", "target": 0.75, "gain": -0.5}}]}
        """

    private let model: ModelConfiguration

    init() throws { model = try DefaultModel.open().transformer.configuration }

    private func preset(_ text: String) throws -> SteeringPreset {
        try SteeringPreset(json: text.utf8, file: "p.json")
    }

    private func vector(_ name: String) throws -> ControlVector {
        func direction(_ places: [Int: Float]) -> [Float] { (0..<576).map { places[$0] ?? 0 } }
        var vector =
            name == "a.gguf"
            ? try ControlVector(directions: [9: direction([0: 2]), 10: direction([1: 4])])
            : try ControlVector(directions: [
                9: direction([1: 1]), 10: direction([2: 1]), 11: direction([3: 1]),
            ])
        if name == "c.gguf" { vector.components = [9: [direction([2: 1]), direction([3: 1])]] }
        return vector
    }

    private func program(_ text: String) throws -> SteeringProgram {
        try preset(text).program(for: model, vector: vector)
    }

    @Test func aPresetAsLargeAsADatasetIsRefusedWithoutBeingRead() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([UInt8](repeating: 0x20, count: 1 << 20 + 1), to: "p.json")
        for read in [
            { _ = try SteeringPreset(path: path) }, { _ = try HeadDefinition.read(path: path) },
        ] {
            let error = #expect(throws: SteeringError.self) { try read() }
            #expect(error?.kind == .fileTooLarge)
            #expect(error?.message.contains("dataset") == false && error?.remedy?.contains("{") == true)
        }
    }

    @Test func everyRuleIsReadWithItsPlacesAndTimes() throws {
        let preset = try preset(Self.everything)
        #expect(preset.name == "gentle" && preset.rules.count == 5)
        #expect(preset.vectorPaths == ["a.gguf", "b.gguf"] && preset.additionPaths == ["a.gguf", "a.gguf"])
        #expect(
            preset.rules[0].schedule
                == SteeringSchedule(
                    part: .answer, first: 2, count: 100, ramp: 8, halfLife: 30.5, pauses: [.code, .thinking]))
        #expect(preset.rules[1].operation == .addKeepingNorm(strength: 1))
        #expect(preset.rules[3].condition?.threshold == 0.25 && preset.rules[3].condition?.side == .below)
        #expect(preset.rules[3].condition?.probe.layers == (try LayerSelection("9")))
        #expect(preset.rules[4].hold?.gain == -0.5)
    }

    @Test func aPresetIsReadBackFromItsOwnText() throws {
        let preset = try preset(Self.everything)
        let text = try JSONEncoder().encode(preset)
        #expect(try SteeringPreset(json: text, file: "again.json") == preset)
    }

    @Test func rulesBecomeOperationsInTheirOrder() throws {
        let rules = try program(Self.everything).rules
        #expect(rules[0].interventions.map(\.hook) == [.residualPost(9), .residualPost(10)])
        guard case .add(let first) = rules[0].interventions[0].operation,
            case .add(let second) = rules[0].interventions[1].operation,
            case .projectOut(let span, let amount) = rules[2].interventions[0].operation,
            case .clamp(let axis, let bounds, _) = rules[3].interventions[1].operation,
            case .rotate(_, let rotation) = rules[4].interventions[0].operation
        else {
            Issue.record("other operations: \(rules)")
            return
        }
        // Strength −0.5, and half of that at layer 10.
        #expect(first[0] == -1 && second[1] == -1)
        #expect(span.dimension == 2 && amount == 0.5)
        #expect(axis.basis[0][1] == 1 && bounds == ProjectionBounds(lower: -1, upper: 2.5))
        #expect(abs(rotation.generator[0] - .pi / 6) < 1e-12)
        #expect(
            rules[3].condition?.moment == .token && rules[3].condition?.reading.layers.map(\.index) == [9])
        #expect(rules[4].hold?.target == 0.75)
        // What has no direction at a layer in one of the vectors is not turned there.
        #expect(rules[4].interventions.compactMap(\.hook.layer) == [9, 10])
    }

    private static let calibrated = """
        {"rules": [{"operation": "add", "vector": "a.gguf", "strength": "auto", "weights": {"10": 0.5}},
                   {"operation": "addKeepingNorm", "vector": "a.gguf", "strength": "-auto"}]}
        """

    @Test func autoIsTheStrengthOfTheVectorsCalibration() throws {
        let preset = try preset(Self.calibrated)
        #expect(
            preset.rules.map(\.operation) == [
                .add(strength: .automatic(isPositive: true)),
                .addKeepingNorm(strength: .automatic(isPositive: false)),
            ])
        #expect(try SteeringPreset(json: JSONEncoder().encode(preset), file: "again.json") == preset)
        func calibrated(_ name: String) throws -> ControlVector {
            var vector = try vector(name)
            vector.calibration = CalibratedStrengths(
                negative: StrengthBand(strong: -0.25), positive: StrengthBand(strong: 0.75))
            return vector
        }
        let rules = try preset.program(for: model, vector: calibrated).rules
        guard case .add(let first) = rules[0].interventions[0].operation,
            case .add(let second) = rules[0].interventions[1].operation,
            case .addKeepingNorm(let third) = rules[1].interventions[0].operation
        else {
            Issue.record("other operations: \(rules)")
            return
        }
        // Directions of length 2 and 4, and half of the strength at layer 10.
        #expect(first[0] == 1.5 && second[1] == 1.5 && third[0] == -0.5)
        #expect(try preset.additions(vector: calibrated).map(\.strength) == [0.75, -0.25])
        let numbered = try preset.withStrengths { strength, path in
            try 2 * strength.number(for: calibrated(path), named: path)
        }
        #expect(numbered.rules.map(\.operation) == [.add(strength: 1.5), .addKeepingNorm(strength: -0.5)])
    }

    @Test func everyFieldStandsInTheTableOfFields() throws {
        let page = try String(
            contentsOfFile: fixturePath("../../Sources/Steering/README.md"), encoding: .utf8)
        let rows = try #require(page.firstRange(of: "\n| Of | Field |")).lowerBound
        let table = page[rows...].prefix(upTo: try #require(page[rows...].firstRange(of: "\n\n")).lowerBound)
        let fields =
            SteeringPreset.Rule.fields + SteeringSchedule.fields + SteeringPreset.Condition.fields
            + SteeringPreset.Hold.fields
        for field in fields + SteeringOperation.names {
            #expect(table.contains("`\(field)`"), "\(field)")
        }
    }

    @Test func aWeightWhereTheRuleDoesNothingIsRefused() throws {
        func rule(_ weights: String) -> String {
            #"{"rules": [{"operation": "add", "vector": "b.gguf", "layers": "9-10", "weights": {\#(weights)}}]}"#
        }
        let error = #expect(throws: SteeringError.self) { try program(rule(#""9": 0.5, "11": 0.5"#)) }
        #expect(error?.kind == .noSteeredLayer)
        #expect(
            error?.message
                == "rules[0]: weights: 11 is outside of the layers in which the rule acts, 9-10")
        // A range that reaches beyond them says something of those that are there.
        #expect(try program(rule(#""10-20": 0.5"#)).rules[0].interventions.count == 2)
    }

    @Test func theCommandThatCalibratesCanBePasted() {
        #expect(
            VectorStrength.calibration(of: "sp ace/v.gguf", modelPath: "my model.gguf")
                == "tiller calibrate -m 'my model.gguf' -v 'sp ace/v.gguf' --write")
    }

    @Test func autoWithoutACalibrationIsAnErrorWithTheCommandThatMakesOne() throws {
        let error = #expect(throws: SteeringError.self) { try program(Self.calibrated) }
        #expect(error?.kind == .notCalibrated && error?.message.hasPrefix("rules[0]: a.gguf:auto: ") == true)
        #expect(error?.remedy == "tiller calibrate -m MODEL -v a.gguf --write")
        let named = #expect(throws: SteeringError.self) {
            try preset(Self.calibrated).program(for: model, file: "calm.json", vector: vector)
        }
        #expect(named?.message.hasPrefix("calm.json: rules[0]: a.gguf:auto: ") == true)
        let nothing = #expect(throws: SteeringError.self) {
            try preset(Self.calibrated).program(for: model) { name in
                var vector = try vector(name)
                vector.calibration = CalibratedStrengths(
                    negative: StrengthBand(strong: 0), positive: StrengthBand(strong: 0.5))
                return vector
            }
        }
        #expect(nothing?.kind == .notCalibrated && nothing?.message.contains("against the trait") == true)
    }

    @Test func aClampReadsLikeTheMeterWhereTheSidesAreKnown() throws {
        let directions: [LayerIndex: [Float]] = [9: (0..<576).map { $0 == 0 ? 8 : 0 }]
        let sides = SideProjections(negativeMean: -2, positiveMean: 6, spread: 1)
        let vector = try ControlVector(
            directions: directions,
            extraction: ExtractionRecord(
                toolVersion: "1", method: "mean", readout: "last", scale: .natural, layers: .standard,
                evidence: [9: LayerEvidence(sides: sides)]))
        let text = #"{"rules": [{"operation": "clamp", "vector": "v", "least": 0.5, "most": 1}]}"#
        let rules = try preset(text).program(for: model) { _ in vector }.rules
        guard case .clamp(_, let bounds, _) = rules[0].interventions[0].operation else {
            Issue.record("\(rules)")
            return
        }
        #expect(bounds == ProjectionBounds(lower: 2, upper: 6))
    }

    @Test func aRotationTakesAVectorsComponents() throws {
        let text =
            #"{"rules": [{"operation": "rotate", "vector": "c.gguf", "layers": "9", "degrees": [10, 0, 20]}]}"#
        guard case .rotate(let span, let rotation) = try program(text).rules[0].interventions[0].operation
        else {
            Issue.record("no rotation")
            return
        }
        #expect(span.dimension == 3 && rotation.dimension == 3 && rotation.orthogonalityError < 1e-14)
    }

    @Test(arguments: ["add\", \"strength\": 0", "projectOut\", \"amount\": 0", "rotate\", \"degrees\": 0"])
    func nothingOfAnOperationIsNoIntervention(_ rule: String) throws {
        let vectors = rule.hasPrefix("rotate") ? "[\"a.gguf\", \"b.gguf\"]" : "[\"a.gguf\"]"
        let program = try program("{\"rules\": [{\"operation\": \"\(rule), \"vectors\": \(vectors)}]}")
        #expect(program.isEmpty)
    }

    @Test(arguments: [
        ("{}", SteeringError.Kind.missingField, "rules"), (#"{"rules": []}"#, .invalidValue, "0 rules"),
        (#"{"rules": [{}]}"#, .missingField, "operation"),
        (#"{"rules": [{"operation": "ad", "vector": "a"}]}"#, .invalidValue, "addKeepingNorm"),
        (#"{"rules": [{"operation": "add"}]}"#, .missingField, "vector"),
        (#"{"rules": [{"operation": "add", "vectors": ["a", "b"]}]}"#, .invalidValue, "takes one"),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "strength": 1e9}]}"#, .invalidStrength,
            "1,000,000"
        ),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "strength": "0.5"}]}"#, .invalidValue,
            #"a number, "auto" or "-auto""#
        ),
        (
            #"{"rules": [{"operation": "projectOut", "vector": "a", "amount": "auto"}]}"#, .wrongType,
            "a number"
        ),
        (#"{"rules": [{"operation": "add", "vector": "a", "amount": 1}]}"#, .invalidValue, "no use"),
        (#"{"rules": [{"operation": "add", "vector": "a", "layers": "24-9"}]}"#, .invalidValue, "layers"),
        (#"{"rules": [{"operation": "add", "vector": "a", "wen": {}}]}"#, .unknownField, "wen"),
        (#"{"rules": [{"operation": "clamp", "vector": "a"}]}"#, .missingField, "least"),
        (
            #"{"rules": [{"operation": "clamp", "vector": "a", "least": 2, "most": 1}]}"#, .invalidValue,
            "most"
        ),
        (#"{"rules": [{"operation": "rotate", "vector": "a"}]}"#, .missingField, "degrees"),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "when": {"part": "question"}}]}"#, .invalidValue,
            "prompt, answer"
        ),
        (#"{"rules": [{"operation": "add", "vector": "a", "when": {"from": -1}}]}"#, .invalidValue, "-1"),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "when": {"halfLife": 0}}]}"#, .invalidValue,
            "rules[0].when: the half-life"
        ),
        (#"{"rules": [{"operation": "add", "vector": "a", "if": {"vector": "b"}}]}"#, .missingField, "above"),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "if": {"vector": "b", "above": 1, "below": 2}}]}"#,
            .missingField, "above"
        ),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "if": {"vector": "b", "above": 0, "below": 1}}]}"#,
            .missingField, #"rules[0].if.below: it stands beside "above""#
        ),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "when": {"from": 2.5}}]}"#, .wrongType,
            "rules[0].when.from: expected a whole number, in digits alone, found 2.5"
        ),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "when": {"from": 1e30}}]}"#, .wrongType,
            "found 1e30"
        ),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "when": {"from": 99999999999999999999}}]}"#,
            .wrongType,
            "a number from -9223372036854775808 to 9223372036854775807, found 99999999999999999999"
        ),
        (#"{"rules": [{"operation": "add", "vector": ""}]}"#, .invalidValue, "rules[0].vector: it is empty"),
        (
            #"{"rules": [{"operation": "rotate", "vectors": ["a", ""], "degrees": 5}]}"#, .invalidValue,
            "rules[0].vectors: it is empty"
        ),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "if": {"vector": "", "above": 0}}]}"#,
            .invalidValue, "rules[0].if.vector: it is empty"
        ),
        (
            #"{"rules": [{"operation": "add", "vector": "a", "hold": {"vector": "b", "target": 1e999}}]}"#,
            .invalidValue, "too large"
        ),
        (#"{"rules": [3]}"#, .wrongType, "an object"),
        (#"{"rules": "# + String(repeating: "[", count: 40), .tooDeep, "nested deeper"),
    ])
    func aPresetThatCannotBeMeantIsRefusedWithItsPlace(
        _ text: String, _ kind: SteeringError.Kind, _ words: String
    ) throws {
        let error = #expect(throws: SteeringError.self) { try preset(text) }
        #expect(error?.kind == kind, "\(String(describing: error))")
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        #expect(error?.message.contains("p.json: line 1") == true)
        #expect(error?.remedy?.contains("datasets/") != true)
    }

    @Test(arguments: [
        (
            #"{"operation": "rotate", "vectors": ["a.gguf", "b.gguf"], "degrees": [1, 2]}"#,
            "degrees: 2 angles"
        ),
        (#"{"operation": "rotate", "vector": "a.gguf", "degrees": 5}"#, "degrees: 1 angles for 1"),
        (#"{"operation": "clamp", "vector": "a.gguf", "least": 1e300}"#, "a clamp at 1e+300"),
        (#"{"operation": "projectOut", "vectors": ["a.gguf", "a.gguf"]}"#, "span"),
        (#"{"operation": "add", "vector": "a.gguf", "layers": "20-24"}"#, "no direction"),
        (
            #"{"operation": "add", "vector": "a.gguf", "if": {"vector": "b.gguf", "layers": 20, "above": 0}}"#,
            "no direction"
        ),
    ])
    func aRuleThatDoesNotFitItsVectorsIsRefusedByNumber(_ rule: String, _ words: String) throws {
        let error = #expect(throws: SteeringError.self) { try program("{\"rules\": [\(rule)]}") }
        #expect(error?.message.hasPrefix("rules[0]: ") == true, "\(String(describing: error))")
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }
}
