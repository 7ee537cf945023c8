import CKernels
import Quantization
import Testing

/// A type in two parts: the integers that its weights are, of how many neighbouring ones the first part says
/// one thing, and how many weights have a scale in common.
struct BoundedCoding {
    let type: TensorType
    let least: Int
    let most: Int
    let cells: Int
    let width: Int

    init(_ type: TensorType) {
        self.type = type
        (least, most, cells, width) =
            switch type {
            case .q8_0: (-128, 127, 18, 32)
            case .q6_K: (-32, 31, 5, 16)
            default: (-2047, 2047, 274, 32)
            }
    }

    var isFixedPoint: Bool { type == .f16 || type == .bf16 }
    /// Weights of a block of the type.
    var blockSize: Int { type == .q6_K ? 256 : 32 }
    /// The largest magnitude that a weight can have.
    var largest: Double { isFixedPoint ? 2048 : Double(-least) }
    /// Lengths of rows to try.
    var counts: [Int] { type == .q6_K ? [256, 512, 2048] : [32, 64, 608, 2080] }

    /// A length of whole blocks.
    func whole(_ count: Int) -> Int { (count + blockSize - 1) / blockSize * blockSize }

    /// How many neighbouring integers a weight can be, at the most, where the first part is known, or the
    /// beginning of the second, too.
    func left(isCloser: Bool) -> Int { isCloser ? (cells + 1) / 2 : cells }

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
    /// The integers that they are coded as, and the scales. [rows, count], [rows, count / width]
    private var integers: [[Int]] = []
    private var scales: [[Double]] = []
    private var quants: [Int8]
    private var quants16: [Int16]
    private var activationScales: [Float]
    private var activationScales16: [Float]

    /// - Parameter weights: Integers between the least and the most of the type.
    /// - Parameter scales: Of each block, for Q8_0 and Q6_K; those of fixed point follow from the weights.
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
        if coding.type == .q6_K {
            // With random scales of blocks random ones of sixteen weights, too.
            let blocks = activations.count / 256
            let halves = given ?? weights.map { _ in .init(repeating: 0.01, count: blocks) }
            let parts = halves.indices.map { row in
                (0..<16 * blocks).map {
                    given == nil ? Int8(64) : Int8(truncatingIfNeeded: 37 * $0 + 11 * row)
                }
            }
            rows = weights.indices.map { row in
                (0..<blocks).flatMap { block in
                    Self.superblock(
                        weights[row][256 * block..<256 * block + 256].map { UInt8($0 + 32) },
                        parts[row][16 * block..<16 * block + 16], halves[row][block])
                }
            }
            integers = weights
            scales = halves.indices.map { row in
                parts[row].indices.map { Double(halves[row][$0 / 16]) * Double(parts[row][$0]) }
            }
        } else if coding.type == .q8_0 {
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

    /// A block of Q6_K. `quants`: [256], 0 ... 63
    private static func superblock(
        _ quants: [UInt8], _ parts: ArraySlice<Int8>, _ scale: Float16
    ) -> [UInt8] {
        var (low, high) = ([UInt8](repeating: 0, count: 128), [UInt8](repeating: 0, count: 64))
        for (place, quant) in quants.enumerated() {
            let (half, quarter, column) = (place / 128, place % 128 / 32, place % 32)
            low[64 * half + quarter % 2 * 32 + column] |= (quant & 15) << UInt8(quarter / 2 * 4)
            high[32 * half + column] |= (quant >> 4) << UInt8(2 * quarter)
        }
        return low + high + parts.map { UInt8(bitPattern: $0) } + bytes(scale.bitPattern)
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
                let isInt8 = !coding.isFixedPoint
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
        coding.isFixedPoint
            ? Double(quants16[index]) * Double(activationScales16[index / 32])
            : Double(quants[index]) * Double(activationScales[index / 32])
    }

    /// The product of a row with the column, by its definition.
    func product(row: Int) -> Double {
        (0..<count).reduce(0) {
            $0 + activation($1) * scale(row, $1) * Double(integers[row][$1])
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

    /// What was drawn for each column: what one activation of 1 among those of a scale owes says it.
    func dither(_ kernels: tl_parted_kernels) -> [Int] {
        var drawn = [Int](repeating: -1, count: count)
        for place in 0..<coding.width {
            var ones = self
            ones.quants = (0..<count).map { $0 % coding.width == place ? 1 : 0 }
            ones.quants16 = ones.quants.map(Int16.init)
            ones.activationScales = .init(repeating: 1, count: count / 32)
            ones.activationScales16 = ones.activationScales
            var reach = [Float](repeating: .nan, count: count / 32 * Int(TL_REACH))
            ones.withColumn { kernels.prepare(count, $1, &reach) }
            for group in 0..<count / coding.width {
                let owed = Double(reach[group * 4])
                drawn[coding.width * group + place] = Int(Double(coding.cells - 1) / 2 - owed) + coding.least
            }
        }
        return drawn
    }

    func scale(_ row: Int, _ index: Int) -> Double { scales[row][index / coding.width] }

    /// What a weight is taken for where the first part is known, or the beginning of the second,
    /// too, which halves its cells.
    func taken(_ row: Int, _ index: Int, isCloser: Bool, dither: [Int]) -> Double {
        let parts = isCloser ? 2 : 1
        let known = parts * (integers[row][index] - coding.least + dither[index]) / coding.cells
        return Double(known) * Double(coding.cells) / Double(parts)
            + Double(coding.left(isCloser: isCloser) - 1) / 2 - Double(dither[index] - coding.least)
    }

    /// By their definition: a product, the middle of what it can be where so much of the weights is known,
    /// and how far it deviates from that.
    func expected(
        row: Int, isCloser: Bool, dither: [Int]
    ) -> (product: Double, middle: Double, deviation: Double) {
        var (product, middle, square) = (0.0, 0.0, 0.0)
        for index in 0..<count {
            let scale = scale(row, index)
            let activation = activation(index)
            product += activation * scale * Double(integers[row][index])
            middle += activation * scale * taken(row, index, isCloser: isCloser, dither: dither)
            square += activation * activation * scale * scale
        }
        let left = coding.left(isCloser: isCloser)
        return (product, middle, (square * Double(left * left - 1) / 12).squareRoot())
    }

    private func withColumn(_ body: (GuardedMemory, tl_columns) -> Void) {
        let halves = (0..<count / 16).map { half in
            quants[16 * half..<16 * half + 16].reduce(Int16(0)) { $0 + Int16($1) }
        }
        let sums = (0..<count / 32).map { Int32(halves[2 * $0]) + Int32(halves[2 * $0 + 1]) }
        GuardedMemory.with { memory in
            let column = tl_columns(
                values: memory.copy(quants.map(Float.init)), quants: memory.copy(quants),
                scales: memory.copy(activationScales),
                totals: memory.copy(zip(activationScales, sums).map { $0 * Float($1) }),
                shifts: memory.copy(sums.map { -128 * $0 }),
                sums: memory.copy(halves), owed: memory.copy(halves.map { -32 * Int32($0) }),
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
                (0..<count / coding.blockSize).map { _ in
                    Float16(Float.random(in: -0.1...0.1, using: &numbers))
                }
            },
            activations: numbers.normal(count, scale: 2))
    }
}

/// Weights that lend rounding no chance of their own: all alike, few different ones, and such whose missing
/// bits, were they cut off as they are, would all push the product one way. Errors spread as their
/// deviation says all the same.
enum BoundedWeights: CaseIterable {
    case random, alike, few, upperEnds, extremes

    /// A row of a kind, against a column.
    func row(_ coding: BoundedCoding, pushing column: [Float], _ numbers: inout SeededNumbers) -> [Int] {
        let (least, most, cells) = (coding.least, coding.most, coding.cells)
        let start = Int.random(in: least...most, using: &numbers)
        return column.indices.map { index -> Int in
            // Makes a scale of 1 in each 32 of fixed point.
            if coding.isFixedPoint, index % 32 == 0 { return 2045 }
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
