public import Foundation

/// One line of an audit log.
public struct AuditEntry: Sendable, Equatable, Encodable {
    /// What has happened.
    public enum Event: String, Sendable, Encodable {
        /// An answer begins.
        case begin
        /// A head has fired.
        case fired
        /// The answer has ended.
        case end
    }

    /// When.
    public var time: Date
    /// What.
    public var event: Event
    /// Tells the answers of a log apart.
    public var answer: String
    /// The model's digest, of a beginning.
    public var model: String?
    /// The names of the heads that watch, of a beginning.
    public var heads: [String]?
    /// The head that has fired.
    public var head: String?
    /// The mean over its window.
    public var reading: Double?
    /// Its threshold.
    public var threshold: Double?
    /// On which side of the threshold it fires.
    public var when: HeadDefinition.Side?
    /// What its file says happens now.
    public var action: HeadDefinition.Action?
    /// True where that did not happen, because the answer was over; left out elsewhere.
    public var late: Bool?
    /// The answer's token with which it fired, from 0; of an end, how many tokens the answer has.
    public var token: Int?
    /// The last words of the answer when it fired; of an end, why it ended: a `FinishReason`, or `failed`.
    public var text: String?
    /// Of an end, the heads whose actions did not happen, because the answer was over: those that fired late,
    /// and those with whose last token it turned out to end. Left out where there are none.
    public var lateHeads: [String]?

    /// An answer begins.
    public static func begin(
        _ answer: String, at time: Date, model: String, heads: [HeadDefinition]
    ) -> AuditEntry {
        var entry = AuditEntry(time: time, event: .begin, answer: answer)
        entry.model = model
        entry.heads = heads.map(\.name)
        return entry
    }

    /// A head has fired.
    ///
    /// - Parameter text: The answer up to there; its last words are kept.
    public static func fired(
        _ firing: HeadMonitor.Firing, _ answer: String, at time: Date, text: String
    ) -> AuditEntry {
        var entry = AuditEntry(time: time, event: .fired, answer: answer)
        entry.head = firing.head.name
        entry.reading = firing.reading.isFinite ? firing.reading : nil
        entry.threshold = firing.head.threshold
        entry.when = firing.head.side
        entry.action = firing.head.action
        entry.late = firing.isLate ? true : nil
        entry.token = firing.token
        entry.text = String(text.suffix(longestText))
        return entry
    }

    /// The answer has ended.
    ///
    /// - Parameter lateHeads: The names of the heads whose actions did not happen.
    public static func end(
        _ answer: String, at time: Date, tokens: Int, reason: String, lateHeads: [String] = []
    ) -> AuditEntry {
        var entry = AuditEntry(time: time, event: .end, answer: answer)
        entry.token = tokens
        entry.text = reason
        entry.lateHeads = lateHeads.isEmpty ? nil : lateHeads
        return entry
    }

    private init(time: Date, event: Event, answer: String) {
        self.time = time
        self.event = event
        self.answer = answer
    }

    /// Why an answer has ended that could not be made to its end.
    static let failed = "failed"

    private static let longestText = 200

    /// Whether it must be on the disk before the work goes on.
    var isFinal: Bool { event == .end || action?.endsAnswer == true }

    /// One line of JSON, keys in alphabetical order, with its line break.
    func line() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
}
