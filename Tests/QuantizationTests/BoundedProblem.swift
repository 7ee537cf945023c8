import CKernels
import Quantization
import Testing

/// A type in two parts: the integers that its weights are, and of how many neighbouring ones the first part says one thing.
struct BoundedCoding {
    let type: TensorType
    let least: Int
    let most: Int
    let cells: Int

    init(_ type: TensorType) {
        self.type = type
        (least, most, cells) = type == .q8_0 ? (-128, 127, 18) : (-2047, 2047, 274)
    }

    func kernels(_ instructions: Int32) throws -> tl_parted_kernels {
        try #require(tl_parted_kernels_for(type.rawValue, instructions)).pointee
    }
}

/// Rows of weights, in whole groups of eight, and one column of activations.
struct BoundedProblem {
    let coding: BoundedCoding
    let count: Int
    /// The rows in the type's own bytes.
    private let rows: [[UInt8]]
    /// The integers that they are coded as, and the scale of each 32. [rows, count], [rows, count / 32]
    private var integers: [[Int]] = []
    private var scales: [[Double]] = []
    private var quants: [Int8]
    private var quants16: [Int16]
    private var activationScales: [Float]
    private var activationScales16: [Float]

    /// - Parameter weights: Integers between the least and the most of the type.
    /// - Parameter scales: Of each 32 weights, for Q8_0; those of fixed point follow from the weights.
    init(_ coding: BoundedCoding, weights: [[Int]], scales given: [[Float16]]? = nil, activations: [Float]) {
        self.coding = coding
        count = activations.count
        let groups = count / 32
        quants = [Int8](repeating: 0, count: count)
        quants16 = [Int16](repeating: 0, count: count)
        activationScales = [Float](repeating: 0, count: groups)
        activationScales16 = activationScales
        var sums = [Int16](repeating: 0, count: 2 * groups)
        tl_quantize_activations(activations, &quants, &activationScales, &sums, count)
        tl_quantize_activations16(activations, &quants16, &activationScales16, count)
        if coding.type == .q8_0 {
            let halves = given ?? weights.map { _ in .init(repeating: 0.01, count: groups) }
            rows = zip(weights, halves).map { row, halves in
                (0..<groups).flatMap { group -> [UInt8] in
                    Self.bytes(halves[group].bitPattern)
                        + row[32 * group..<32 * group + 32].map { UInt8(bitPattern: Int8($0)) }
                }
            }
            integers = weights
            scales = halves.map { $0.map(Double.init) }
        } else {
            let isHalf = coding.type == .f16
            let values = weights.map { row in
                row.map { weight -> Float in
                    let value = Float(weight) / 2048
                    return isHalf ? value : Float(bitPattern: value.bitPattern & 0xFFFF_0000)
                }
            }
            rows = values.map { row in
                row.flatMap {
                    Self.bytes(isHalf ? Float16($0).bitPattern : UInt16($0.bitPattern >> 16))
                }
            }
            for row in values {
                let coded = FixedPoint.scales(row).map { ($0 ?? .nan) / 2048 }
                integers.append(
                    zip(FixedPoint.weights(row), row.indices).map { Int(($0 / coded[$1 / 32]).rounded()) }
                )
                scales.append(coded)
            }
        }
    }

    private static func bytes(_ word: UInt16) -> [UInt8] { [UInt8(word & 0xFF), UInt8(word >> 8)] }

    private func packed(_ kernels: tl_parted_kernels) -> (groups: Int, high: [UInt8], rest: [UInt8]) {
        let groups = rows.count / 8
        var high = [UInt8](repeating: 0xAA, count: (groups + 1) / 2 * 2 * kernels.high_size(count))
        var rest = [UInt8](repeating: 0xAA, count: groups * kernels.rest_size(count))
        for group in 0..<groups {
            let bytes = rows[8 * group..<8 * group + 8].flatMap { $0 }
            kernels.pack(bytes, rows[0].count, 8, &high, &rest, group, count)
        }
        return (groups, high, rest)
    }

    /// Products as the kernels compute them, their bounds by the first part, and the closer ones. [rows]
    func results(_ kernels: tl_parted_kernels) -> (products: [Float], bounds: [Float], closer: [Float]) {
        let (groups, high, rest) = packed(kernels)
        var products = [Float](repeating: .nan, count: 8 * groups)
        var (bounds, closer) = (products, products)
        withColumn { memory, column in
            kernels.multiply(high, rest, 0, groups, count, column, 1, &products, 8 * groups, 0)
            let reach = memory.room(for: Float.self, count / 32 * Int(TL_REACH))
            kernels.prepare(count, column, reach)
            let known = memory.copy([Float](repeating: 0, count: 8 * groups))
            kernels.bound(memory.copy(high), 0, groups, count, column, reach, known, 0, &bounds)
            kernels.bound_closer(
                memory.copy(high), memory.copy(rest), 0, groups, count, column, reach, known, 0, &closer)
        }
        return (products, bounds, closer)
    }

    /// What is left of a column without its share of another, and what bounds become by it.
    struct Centred {
        var share: Float = 0
        /// The integers of what is left, and the scale of each 32. [count], [count / 32]
        var quants: [Int] = []
        var scales: [Double] = []
        /// Of the rows: products with the column, and their bounds. [rows]
        var products: [Float]
        var bounds: [Float]
        var closer: [Float]
    }

    func centred(on mean: BoundedProblem, _ kernels: tl_parted_kernels) -> Centred {
        let (groups, high, rest) = packed(kernels)
        let nothing = [Float](repeating: .nan, count: 8 * groups)
        var found = Centred(products: nothing, bounds: nothing, closer: nothing)
        var known = nothing
        withColumn { memory, column in
            mean.withColumn { _, mean in
                kernels.multiply(high, rest, 0, groups, count, column, 1, &found.products, 8 * groups, 0)
                kernels.multiply(high, rest, 0, groups, count, mean, 1, &known, 8 * groups, 0)
                let reach = memory.room(for: Float.self, count / 32 * Int(TL_REACH))
                let room = memory.room(for: Float.self, count / 32 * Int(TL_CENTRED))
                let left = kernels.centre(count, column, mean, room, reach, &found.share)
                let isInt8 = coding.type == .q8_0
                found.quants = (0..<count).map { isInt8 ? Int(left.quants[$0]) : Int(left.quants16[$0]) }
                found.scales = (0..<count / 32).map { Double((isInt8 ? left.scales : left.scales16)[$0]) }
                let products = memory.copy(known)
                kernels.bound(
                    memory.copy(high), 0, groups, count, left, reach, products, found.share, &found.bounds)
                kernels.bound_closer(
                    memory.copy(high), memory.copy(rest), 0, groups, count, left, reach, products,
                    found.share, &found.closer)
            }
        }
        return found
    }

    /// A value of the column.
    func activation(_ index: Int) -> Double {
        coding.type == .q8_0
            ? Double(quants[index]) * Double(activationScales[index / 32])
            : Double(quants16[index]) * Double(activationScales16[index / 32])
    }

    /// The product of a row with the column, by its definition.
    func product(row: Int) -> Double {
        (0..<count).reduce(0) {
            $0 + activation($1) * scales[row][$1 / 32] * Double(integers[row][$1])
        }
    }

    /// The same rows with another column.
    func with(activations: [Float]) -> BoundedProblem {
        var other = self
        let integer = BoundedProblem(
            BoundedCoding(.q8_0), weights: [[Int](repeating: 0, count: count)], activations: activations)
        other.quants = integer.quants
        other.quants16 = integer.quants16
        other.activationScales = integer.activationScales
        other.activationScales16 = integer.activationScales16
        return other
    }

    /// What was drawn for each column: what one activation of 1 among 32 owes says it.
    func dither(_ kernels: tl_parted_kernels) -> [Int] {
        var drawn = [Int](repeating: -1, count: count)
        for place in 0..<32 {
            var ones = self
            ones.quants = (0..<count).map { $0 % 32 == place ? 1 : 0 }
            ones.quants16 = ones.quants.map(Int16.init)
            ones.activationScales = .init(repeating: 1, count: count / 32)
            ones.activationScales16 = ones.activationScales
            var reach = [Float](repeating: .nan, count: count / 32 * Int(TL_REACH))
            ones.withColumn { kernels.prepare(count, $1, &reach) }
            for group in 0..<count / 32 {
                let owed = Double(reach[group * 4])
                drawn[32 * group + place] = Int(Double(coding.cells - 1) / 2 - owed) + coding.least
            }
        }
        return drawn
    }

    func scale(_ row: Int, _ index: Int) -> Double { scales[row][index / 32] }

    /// What a weight is taken for where it is known but for so many neighbouring values.
    func taken(_ row: Int, _ index: Int, cells: Int, dither: [Int]) -> Double {
        let known = (integers[row][index] - coding.least + dither[index]) / cells * cells
        return Double(known) + Double(cells - 1) / 2 - Double(dither[index] - coding.least)
    }

    /// By their definition: a product, the middle of what it can be where weights are known but for so many neighbouring values, and how far
    /// it deviates from that.
    func expected(
        row: Int, cells: Int, dither: [Int]
    ) -> (product: Double, middle: Double, deviation: Double) {
        var (product, middle, square) = (0.0, 0.0, 0.0)
        for index in 0..<count {
            let scale = scales[row][index / 32]
            let activation = activation(index)
            product += activation * scale * Double(integers[row][index])
            middle += activation * scale * taken(row, index, cells: cells, dither: dither)
            square += activation * activation * scale * scale
        }
        return (product, middle, (square * Double(cells * cells - 1) / 12).squareRoot())
    }

    private func withColumn(_ body: (GuardedMemory, tl_columns) -> Void) {
        let sums = (0..<count / 32).map { group in
            quants[32 * group..<32 * group + 32].reduce(Int32(0)) { $0 + Int32($1) }
        }
        GuardedMemory.with { memory in
            let column = tl_columns(
                values: memory.copy(quants.map(Float.init)), quants: memory.copy(quants),
                scales: memory.copy(activationScales),
                totals: memory.copy(zip(activationScales, sums).map { $0 * Float($1) }),
                shifts: memory.copy(sums.map { -128 * $0 }),
                sums: memory.room(for: Int16.self, count / 16),
                quants16: memory.copy(quants16), scales16: memory.copy(activationScales16), width: count)
            body(memory, column)
        }
    }

    /// Rows and a column of which nothing is known.
    static func random(
        _ coding: BoundedCoding, rows: Int, _ count: Int, _ numbers: inout SeededNumbers
    ) -> BoundedProblem {
        BoundedProblem(
            coding,
            weights: (0..<rows).map { _ in
                (0..<count).map { _ in Int.random(in: coding.least...coding.most, using: &numbers) }
            },
            scales: (0..<rows).map { _ in
                (0..<count / 32).map { _ in Float16(Float.random(in: -0.1...0.1, using: &numbers)) }
            },
            activations: numbers.normal(count, scale: 2))
    }
}

/// Weights that lend rounding no chance of their own: all alike, few different ones, and such whose missing bits, were they cut off as they
/// are, would all push the product one way. Errors spread as their deviation says all the same.
enum BoundedWeights: CaseIterable {
    case random, alike, few, upperEnds, extremes

    /// A row of a kind, against a column.
    func row(_ coding: BoundedCoding, pushing column: [Float], _ numbers: inout SeededNumbers) -> [Int] {
        let (least, most, cells) = (coding.least, coding.most, coding.cells)
        let start = Int.random(in: least...most, using: &numbers)
        return column.indices.map { index -> Int in
            // Makes a scale of 1 in each 32 of fixed point.
            if coding.type != .q8_0, index % 32 == 0 { return 2045 }
            let isUp = column[index] > 0
            let any = Int.random(in: least...most, using: &numbers)
            let cut = (any - least) / cells * cells + least
            return switch self {
            case .random: any
            case .alike: start
            case .few: cut
            case .upperEnds: min(most, cut + (isUp ? cells - 1 : 0))
            case .extremes: isUp ? most : least
            }
        }
    }
}
