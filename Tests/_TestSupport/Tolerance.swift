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
    // Arrays, because generic collections of another module are walked element by element through witnesses.
    let (actual, expected) = (Array(actual), Array(expected))
    let difference = sumOfProducts(zip(actual, expected).map(-), zip(actual, expected).map(-))
    let size = sumOfProducts(expected, expected)
    return size > 0 ? (difference / size).squareRoot() : difference.squareRoot()
}

/// The cosine of two vectors, in float64; not a number where one of them is zero.
public func cosine(_ left: some Collection<Float>, _ right: some Collection<Float>) -> Double {
    let (left, right) = (Array(left), Array(right))
    return sumOfProducts(left, right)
        / (sumOfProducts(left, left) * sumOfProducts(right, right)).squareRoot()
}

private func sumOfProducts(_ left: [Float], _ right: [Float]) -> Double {
    zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}
