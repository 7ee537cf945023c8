public import ControlVectors
public import Foundation
public import Generation
import Terms
public import Transformer

/// Reads an answer while it is made: meters for people, heads that act, and the log of what these did.
public final class AnswerWatch {
    /// A head with its meter and with what it adds where it steers.
    public struct Head: Sendable {
        /// What its file says.
        public let definition: HeadDefinition
        /// What it reads with.
        public let meter: Meter
        fileprivate let interventions: [Intervention]

        /// A head over its vector.
        ///
        /// - Throws: as `Meter` and `SteeringPlan` do.
        public init(
            _ definition: HeadDefinition, vector: ControlVector, for model: ModelConfiguration
        ) throws {
            self.definition = definition
            meter = try Meter(vector, name: definition.name, layers: definition.layers, for: model)
            guard definition.action == .steer else {
                interventions = []
                return
            }
            let term = SteeringPlan.Term(
                vector, strength: definition.strength, layers: definition.layers)
            interventions = try SteeringPlan([term], for: model).interventions
        }
    }

    /// Where an answer's log goes.
    public struct Journal {
        let log: AuditLog
        let answer: String
        let now: () -> Date

        /// Entries for one answer.
        ///
        /// - Parameters:
        ///   - answer: Tells the answers of a log apart.
        ///   - now: The clock.
        public init(_ log: AuditLog, answer: String, now: @escaping () -> Date = { Date() }) {
            self.log = log
            self.answer = answer
            self.now = now
        }
    }

    /// The meters whose readings are kept.
    public let meters: [Meter]
    private let interventions: [String: [Intervention]]
    private var monitor: HeadMonitor
    private let journal: Journal?
    private let model: String
    private let heads: [HeadDefinition]
    private var hasBegun = false
    /// Why the answer has ended; nil until then, and where it could not be made to its end.
    public private(set) var finishReason: FinishReason?
    /// Whether a head's decision has ended it. It may have been over by then: somebody else has
    /// ended it with the same token.
    private var isEndedByHead = false
    private var hasEnded = false
    private var ids: [TokenID] = []
    private var readings: [[MeterReading]]
    private var text = ""

    /// A watch over an answer that may yet be refused: nothing is in the log before it begins.
    ///
    /// - Parameter model: The model's digest, for the log.
    public init(meters: [Meter], heads: [Head] = [], journal: Journal? = nil, model: String = "") {
        self.meters = meters
        self.journal = journal
        self.model = model
        self.heads = heads.map(\.definition)
        monitor = HeadMonitor(heads.map { ($0.definition, $0.meter) })
        interventions = heads.reduce(into: [:]) { $0[$1.definition.name] = $1.interventions }
        readings = meters.map { _ in [] }
    }

    /// Makes answers, each with its watch, between its beginning and its end in the log: as soon as
    /// nothing speaks against them, and before anything of them is computed. One that fails meanwhile
    /// has an end, too, as `failed`.
    ///
    /// - Parameter generate: Gives one answer for each watch.
    /// - Throws: `auditFailed`, or what `generate` throws.
    public static func reading(
        by watches: [AnswerWatch?], _ generate: () throws -> [Generation]
    ) throws -> [Generation] {
        do {
            for watch in watches { try watch?.begin() }
            let answers = try generate()
            for (answer, watch) in zip(answers, watches) { try watch?.finish(answer.finishReason) }
            return answers
        } catch {
            for watch in watches { watch?.fail() }
            throw error
        }
    }

    /// Says in the log that the answer begins, once.
    private func begin() throws(SteeringError) {
        guard !hasBegun else { return }
        if let journal {
            try journal.log.append(.begin(journal.answer, at: journal.now(), model: model, heads: heads))
        }
        hasBegun = true
    }

    /// What a forward pass has to capture.
    public var hooks: Set<HookPoint> {
        (meters + monitor.meters).reduce(into: []) { $0.formUnion($1.hooks) }
    }

    /// What has fired, in order.
    public var firings: [HeadMonitor.Firing] { monitor.firings }

    /// The head that ends answers and has fired first, at their end too; nil where none has.
    public var ending: HeadDefinition? { monitor.ending }

    /// Whether a head wants a person to look at the answer.
    public var isEscalated: Bool { monitor.isEscalated }

    /// What the first meter says of the last token that has been read.
    public var lastReading: MeterReading? { readings.first?.last }

    /// What the meters say of the tokens that have been read.
    public var metered: MeteredText {
        MeteredText(tokens: ids, readings: readings, counted: 0..<ids.count)
    }

    /// Reads a token, and decides how the answer goes on.
    ///
    /// - Throws: `auditFailed`: what is not in the log must not go on unseen.
    public func read(_ token: AnswerToken) throws(SteeringError) -> AnswerDecision {
        func reading(_ meter: Meter) -> MeterReading { meter.reading { token[.residualPost($0)] } }
        try begin()
        ids.append(token.id)
        text += token.text
        for index in meters.indices { readings[index].append(reading(meters[index])) }
        let fired = monitor.read(monitor.meters.map { reading($0).value })
        try note(fired)
        if ending != nil {
            isEndedByHead = !token.isAnswerOver
            return .end
        }
        let begun = fired.flatMap { interventions[$0.head.name] ?? [] }
        return begun.isEmpty ? .goOn : .steer(begun)
    }

    /// The answer has ended: heads whose windows it has not filled read it now.
    private func finish(_ reason: FinishReason) throws(SteeringError) {
        finishReason = reason
        try note(monitor.finish(endedByHead: isEndedByHead))
        try end(reason.rawValue)
    }

    /// The answer could not be made to its end. Why is said by the error, which a log that
    /// cannot be written must not hide.
    private func fail() {
        guard hasBegun, !hasEnded else { return }
        try? end(AuditEntry.failed)
    }

    private func end(_ reason: String) throws(SteeringError) {
        hasEnded = true
        guard let journal else { return }
        try journal.log.append(
            .end(
                journal.answer, at: journal.now(), tokens: ids.count, reason: reason,
                lateHeads: firings.filter(\.isLate).map(\.head.name)))
    }

    private func note(_ fired: [HeadMonitor.Firing]) throws(SteeringError) {
        guard let journal else { return }
        for firing in fired {
            try journal.log.append(.fired(firing, journal.answer, at: journal.now(), text: text))
        }
    }
}
