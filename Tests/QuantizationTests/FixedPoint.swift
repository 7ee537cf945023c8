/// What interleaved F16 and BF16 rows and their activations are rounded to, in double and
/// straight from its definition.
enum FixedPoint {
    /// The smallest bfloat16 that none of each 32 weights reaches more than 2047 / 2048 of;
    /// nil where one is not finite.
    static func scales(_ values: [Float]) -> [Double?] {
        groups(values).map { group in
            guard group.allSatisfy(\.isFinite) else { return nil }
            let largest = group.reduce(0) { max($0, $1.magnitude) }
            guard largest >= 0x1p-110 else { return 0 }
            // Rounded up to eight significant bits.
            let wanted = Double(largest * (2048.0 / 2047.0))
            let unit = wanted.binade / 128
            let scale = (wanted / unit).rounded(.up) * unit
            return scale < 0x1p128 ? scale : nil
        }
    }

    /// Weights as q / 2048 of their scales.
    static func weights(_ values: [Float]) -> [Double] {
        zip(groups(values), scales(values)).flatMap { group, scale -> [Double] in
            guard let scale else { return group.map { _ in .nan } }
            guard scale > 0 else { return group.map { _ in 0 } }
            return group.map { (Double($0) / scale * 2048).rounded(.toNearestOrEven) * scale / 2048 }
        }
    }

    /// Activations as quants and their scales make them.
    static func activations(quants: [Int16], scales: [Float]) -> [Double] {
        quants.indices.map { Double(quants[$0]) * Double(scales[$0 / 32]) }
    }

    /// How far a product of `weights` and `x` may be from that of what they are rounded to: half a step of a
    /// weight, whose scale may be 1/128 above the group's largest, and half a step of an activation.
    static func error(weights: [Float], x: [Float]) -> Double {
        stride(from: 0, to: weights.count, by: 32).reduce(0) { sum, start in
            let range = start..<min(start + 32, weights.count)
            let weightStep =
                range.reduce(0) { max($0, Double(weights[$1]).magnitude) } * (1 + 1 / 100.0) / 2047
            let xStep = range.reduce(0) { max($0, Double(x[$1]).magnitude) } / 32639
            return range.reduce(sum) { sum, index in
                sum + (weightStep * Double(x[index]).magnitude + xStep * Double(weights[index]).magnitude)
                    * 0.501
                    + 0.25 * weightStep * xStep
            }
        }
    }

    private static func groups(_ values: [Float]) -> [ArraySlice<Float>] {
        stride(from: 0, to: values.count, by: 32).map { values[$0..<min($0 + 32, values.count)] }
    }
}
