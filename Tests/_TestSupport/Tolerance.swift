public import Testing

/// Checks that two runs of numbers agree, and prints the error that it found.
///
/// The error is ‖actual − expected‖ / ‖expected‖, or ‖actual‖ where the expected values are all zero.
/// Numbers that are not finite never agree.
public func expectClose(
    _ actual: some Collection<Float>,
    _ expected: some Collection<Float>,
    relativeError bound: Double,
    _ label: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual.count == expected.count else {
        Issue.record(
            "\(label): \(actual.count) values against \(expected.count)", sourceLocation: sourceLocation)
        return
    }
    let error = relativeError(actual, expected)
    #expect(
        error.isFinite && error <= bound, "\(label): relative error \(error), allowed \(bound)",
        sourceLocation: sourceLocation)
}

/// ‖actual − expected‖ / ‖expected‖ in float64; ‖actual‖ where the expected values are all zero.
public func relativeError(_ actual: some Collection<Float>, _ expected: some Collection<Float>) -> Double {
    var difference = 0.0
    var size = 0.0
    for (a, e) in zip(actual, expected) {
        let distance = Double(a) - Double(e)
        difference += distance * distance
        size += Double(e) * Double(e)
    }
    return size > 0 ? (difference / size).squareRoot() : difference.squareRoot()
}

/// The cosine of two vectors, in float64; not a number where one of them is zero.
public func cosine(_ left: some Collection<Float>, _ right: some Collection<Float>) -> Double {
    var product = 0.0
    var leftSize = 0.0
    var rightSize = 0.0
    for (a, b) in zip(left, right) {
        product += Double(a) * Double(b)
        leftSize += Double(a) * Double(a)
        rightSize += Double(b) * Double(b)
    }
    return product / (leftSize * rightSize).squareRoot()
}
