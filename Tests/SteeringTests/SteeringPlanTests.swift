import ControlVectors
import Generation
import Steering
import Terms
import Testing
import Transformer
import _TestSupport

@Suite struct SteeringPlanTests {
    private let model: ModelConfiguration

    init() throws {
        model = try DefaultModel.open().transformer.configuration
    }

    private func vector(_ layers: [LayerIndex], value: Float = 2, width: Int = 576) throws -> ControlVector {
        try ControlVector(
            directions: Dictionary(
                uniqueKeysWithValues: layers.map { ($0, [Float](repeating: value, count: width)) }))
    }

    @Test func strengthMultipliesTheDirectionAtItsLayer() throws {
        let plan = try SteeringPlan([.init(vector([9, 10]), strength: -0.5)], for: model)
        #expect(plan.steeredLayers == [9, 10])
        #expect(
            plan.interventions
                == [9, 10].map {
                    Intervention(at: .residualPost($0), .add([Float](repeating: -1, count: 576)))
                })
    }

    @Test func strengthZeroIsNoInterventionAtAll() throws {
        #expect(try SteeringPlan([.init(vector([9]), strength: 0)], for: model) == .none)
        #expect(try SteeringPlan([], for: model) == .none)
    }

    @Test func vectorsOfOneLayerAreSummed() throws {
        let plan = try SteeringPlan(
            [.init(vector([9, 10]), strength: 1), .init(vector([10, 11], value: 3), strength: -1)], for: model
        )
        #expect(plan.steeredLayers == [9, 10, 11])
        #expect(plan.interventions[1].operation == .add([Float](repeating: -1, count: 576)))
    }

    @Test func whatCancelsIsLeftOut() throws {
        let plan = try SteeringPlan(
            [.init(vector([9]), strength: 1), .init(vector([9]), strength: -1)], for: model)
        #expect(plan == .none)
    }

    @Test func layersCanBeChosen() throws {
        let plan = try SteeringPlan(
            [.init(vector((1...29).map { LayerIndex($0) }), strength: 1, layers: LayerSelection("30%-80%"))],
            for: model)
        #expect(plan.steeredLayers == (9...24).map { LayerIndex($0) })
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e39, 2e38])
    func aStrengthThatIsNotFiniteIsRefused(strength: Double) throws {
        let error = #expect(throws: SteeringError.self) {
            try SteeringPlan([.init(vector([9]), strength: strength)], for: model)
        }
        #expect(error?.kind == .invalidStrength)
    }

    @Test func aVectorOfAnotherShapeIsRefusedAtAnyStrength() throws {
        for (other, words) in [
            (try vector([9], width: 960), "hidden sizes differ (960 vs 576)"), (try vector([30]), "layer 30"),
        ] {
            for strength in [0, 1.0] {
                let error = #expect(throws: SteeringError.self) {
                    try SteeringPlan([.init(other, strength: strength)], for: model)
                }
                #expect(error?.kind == .vectorDoesNotFit)
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test func steeringThatWouldChangeNothingIsRefused() throws {
        for term in [
            SteeringPlan.Term(try vector([9, 10]), strength: 1, layers: try LayerSelection("20-24")),
            SteeringPlan.Term(try vector([9, 10], value: 0), strength: 1),
        ] {
            let error = #expect(throws: SteeringError.self) { try SteeringPlan([term], for: model) }
            #expect(error?.kind == .noSteeredLayer)
            #expect(error?.message.contains("9-10") == true)
        }
        #expect(throws: ControlVectorError.self) {
            try SteeringPlan([.init(vector([9]), strength: 1, layers: LayerSelection("9-40"))], for: model)
        }
    }
}
