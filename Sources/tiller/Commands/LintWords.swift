import Steering

/// How findings about a dataset are said.
enum LintWords {
    /// For scripts.
    static func json(_ findings: [LintFinding]) -> JSONValue {
        .array(
            findings.map { finding in
                var numbers: JSONValue = .object([])
                for number in finding.numbers { numbers.append(number.name, .number(number.value)) }
                return [
                    "rule": .string(finding.rule.rawValue), "severity": .string(finding.severity.rawValue),
                    "message": .string(finding.message), "remedy": .string(finding.remedy),
                    "numbers": numbers,
                ]
            })
    }

    /// For people: a row each, and what repairs it below.
    static func text(_ findings: [LintFinding], titleStyle: TextStyle?) -> String {
        var table = Table(.text("SEVERITY"), .text("RULE"), .wrapped("FINDING"))
        for finding in findings {
            table.append(finding.severity.rawValue, finding.rule.rawValue, finding.message)
            table.append("", "", "→ " + finding.remedy)
        }
        return table.rendered(width: Terminal.current.width, titleStyle: titleStyle)
    }

    /// Says what is more than a note on standard error, as a command does that goes on all the same.
    static func warn(_ findings: [LintFinding]) {
        for finding in findings where finding.severity >= .warning {
            tiller.warn("\(finding.message.onOneLine) (\(finding.remedy.onOneLine))")
        }
    }
}
