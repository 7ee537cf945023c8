import Generation
import Steering

/// What ends a command one of whose answers a person has to look at: whatever went wrong besides is said, and
/// does not decide the status.
struct Escalated: Error {
    var problem: (any Error)?
}

/// What is said of heads that have fired.
enum HeadWords {
    /// One object for each.
    static func json(_ firings: [HeadMonitor.Firing]) -> JSONValue {
        .array(
            firings.map {
                [
                    "head": .string($0.head.name), "action": .string($0.head.action.rawValue),
                    "reading": .number($0.reading), "threshold": .number($0.head.threshold),
                    "when": .string($0.head.side.rawValue), "token": .integer($0.token),
                    "late": .bool($0.isLate),
                ]
            })
    }

    /// One line for each that has fired at an answer; none where nobody watches it.
    static func lines(of watch: AnswerWatch?) -> [String] {
        guard let watch else { return [] }
        // Its length may have ended it, another head, or whoever reads it.
        let over =
            watch.finishReason == .stop
            ? "the answer had come to its own end" : "the answer was over already"
        return watch.firings.map { firing in
            let head = firing.head
            let what =
                switch (head.action, firing.isLate) {
                case (.warn, _): "look at the answer"
                case (.steer, false): "steered by \(Quantity.strength(Float(head.strength))) from here on"
                case (.steer, true): "the answer ends here, so that nothing more was steered"
                case (.stop, false): "the answer was ended"
                case (.stop, true): over
                case (.escalate, false): "the answer was ended; a person has to look at it"
                case (.escalate, true): "\(over); a person has to look at it"
                }
            return "\(head.name): \(Quantity.decimal(firing.reading, 2)) is \(head.side.rawValue) "
                + "\(Quantity.decimal(head.threshold, 2)) at token \(firing.token + 1): \(what)"
        }
    }
}
