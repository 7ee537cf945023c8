public import Transformer

/// What changes the hidden states of a text, token by token: rules, in the order in which they act.
public struct SteeringProgram: Sendable, Codable, Equatable {
    /// The rules; at one place an earlier one acts before a later one.
    public var rules: [SteeringRule]

    /// Rules in their order.
    public init(_ rules: [SteeringRule] = []) {
        self.rules = rules
    }

    /// Interventions that are in force at every token.
    public init(always interventions: [Intervention]) {
        rules = interventions.isEmpty ? [] : [SteeringRule(interventions)]
    }

    /// Whether nothing is ever changed.
    public var isEmpty: Bool { rules.allSatisfy(\.interventions.isEmpty) }

    /// Whether a rule depends on what is read of the text: its prompt may then be computed twice,
    /// without the rule and under it.
    public var readsStates: Bool { rules.contains { !$0.readings.isEmpty } }

    /// What is in force where each rule acts with a share of its strength. `levels`: [rules], in 64ths
    func interventions(at levels: [Int]) -> [Intervention] {
        zip(rules, levels).flatMap { rule, level in
            level == 0
                ? [] : rule.interventions.map { $0.scaled(by: Float(level) / Float(SteeringSchedule.steps)) }
        }
    }

    /// Refuses what cannot be run on a model, before anything is computed.
    ///
    /// - Throws: `GenerationError.invalidSetting` or `TransformerError`.
    func check(_ model: TransformerModel) throws {
        for rule in rules {
            try rule.schedule.check()
            try rule.condition?.check(model)
            try rule.hold?.check(model)
            for intervention in rule.interventions { try model.check(intervention) }
        }
    }
}

/// Interventions that act together, and when.
public struct SteeringRule: Sendable, Codable, Equatable {
    /// What is changed, in this order.
    public var interventions: [Intervention]
    /// At which tokens, and how strongly.
    public var schedule: SteeringSchedule
    /// Under which condition; nil for none.
    public var condition: SteeringCondition?
    /// Which reading they hold at a target, with no more of their strength than that
    /// takes; nil for all of it.
    public var hold: SteeringHold?

    /// Interventions that act by a schedule, at every token where none is given.
    public init(
        _ interventions: [Intervention], schedule: SteeringSchedule = .always,
        condition: SteeringCondition? = nil, hold: SteeringHold? = nil
    ) {
        self.interventions = interventions
        self.schedule = schedule
        self.condition = condition
        self.hold = hold
    }

    /// What has to be read for the rule.
    var readings: [StateReading] { [condition?.reading, hold?.reading].compactMap { $0 } }
}
