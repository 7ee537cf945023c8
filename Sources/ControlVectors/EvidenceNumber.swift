/// The numbers of evidence in sentences, in the form that tables of evidence have.
package enum EvidenceNumber {
    /// A share of a whole in percent: `36%`, with a decimal below 10%.
    package static func percent(_ share: Double) -> String {
        decimal(share * 100, share.magnitude < 0.0995 ? 1 : 0) + "%"
    }

    /// A cosine or an AUC with two decimals: `0.60`.
    package static func hundredths(_ value: Double) -> String { decimal(value, 2) }

    /// Of numbers up to 100; what is beyond or no number keeps Swift's own form.
    private static func decimal(_ value: Double, _ places: Int) -> String {
        guard value.magnitude <= 100 else { return "\(value)" }
        let factor = places == 0 ? 1 : places == 1 ? 10 : 100
        let scaled = Int((value.magnitude * Double(factor)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return sign + "\(scaled)" }
        let fraction = "\(scaled % factor)"
        let zeros = String(repeating: "0", count: places - fraction.count)
        return sign + "\(scaled / factor).\(zeros)\(fraction)"
    }
}
