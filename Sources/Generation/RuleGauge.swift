import Transformer

/// What is read for one rule, and whether and how strongly it acts for that.
struct RuleGauge {
    let rule: SteeringRule
    private var conditionValues: [Double] = []
    private var holdValues: [Double] = []
    /// Whether the condition is met; a rule without one always acts.
    private var isOpen: Bool
    /// What the condition came to at the prompt's end; nil without one, and before.
    private(set) var outcome: SteeringCondition.Outcome?
    /// The share of the strength that the hold has come to; all of it without one.
    private var share: Double

    /// A rule of which nothing has been read: one that depends on a reading does not act.
    init(_ rule: SteeringRule) {
        self.rule = rule
        isOpen = rule.condition == nil
        share = rule.hold == nil ? 1 : 0
    }

    /// A schedule's level with the condition and the hold, in 64ths.
    func level(_ scheduled: Int) -> Int {
        isOpen ? Int((Double(scheduled) * share).rounded()) : 0
    }

    /// Whether it acts now, and would not if nothing had been read.
    var actsByReading: Bool {
        !rule.readings.isEmpty && !rule.interventions.isEmpty && level(SteeringSchedule.steps) > 0
    }

    /// Takes the readings of a token.
    mutating func append(_ states: [HookPoint: HiddenStates], row: Int) {
        func add(_ reading: StateReading?, to values: inout [Double]) {
            guard let reading else { return }
            if values.count == reading.window { values.removeFirst() }
            values.append(reading.value(of: states, row: row))
        }
        add(rule.condition?.reading, to: &conditionValues)
        add(rule.hold?.reading, to: &holdValues)
    }

    /// Decides by the readings so far.
    ///
    /// - Parameter atPromptEnd: Whether conditions that hold for a whole answer are decided too.
    mutating func decide(atPromptEnd: Bool) {
        if let condition = rule.condition, atPromptEnd || condition.moment == .token, !conditionValues.isEmpty
        {
            let reading = Self.mean(conditionValues)
            isOpen = condition.isMet(by: reading)
            if atPromptEnd { outcome = SteeringCondition.Outcome(reading: reading, isMet: isOpen) }
        }
        if let hold = rule.hold, !holdValues.isEmpty {
            share = hold.share(after: Self.mean(holdValues), from: share)
        }
    }

    /// Forgets the readings, and keeps what followed from them.
    mutating func forgetReadings() {
        conditionValues = []
        holdValues = []
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
