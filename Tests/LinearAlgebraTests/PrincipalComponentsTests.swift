import COpenBLAS
import Testing

@testable import LinearAlgebra

/// The suites that run BLAS, one test at a time: OpenBLAS's thread count belongs to the process, and two of
/// these tests change it.
@Suite(.serialized) struct OnBLAS {}

/// Numbers of a small linear congruential generator, roughly normal: the same on every machine.
struct PlantedNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> Double {
        var sum = -6.0
        for _ in 0..<12 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            sum += Double(state >> 40) / Double(1 << 24)
        }
        return sum
    }

    mutating func vector(_ count: Int) -> [Double] { (0..<count).map { _ in next() } }

    mutating func matrix(_ rows: Int, _ columns: Int) throws -> Matrix {
        try Matrix(rows: rows, columns: columns, elements: vector(rows * columns).map { Float($0) })
    }
}

extension OnBLAS {
    @Suite struct PrincipalComponentsTests {
        @Test(arguments: [(200, 12), (12, 200), (30, 30), (2, 64), (64, 2)])
        func aPlantedDirectionIsFoundInNoise(rows: Int, columns: Int) throws {
            var numbers = PlantedNumbers(seed: 11)
            let planted = numbers.vector(columns)
            let length = norm(planted)
            let matrix = try Matrix(
                rows: (0..<rows).map { _ in
                    let place = 50 * numbers.next()
                    let noise = numbers.vector(columns)
                    return (0..<columns).map { Float(place * planted[$0] / length + 0.01 * noise[$0]) }
                })
            let found = try PrincipalComponents(of: matrix, about: .origin)
            let agreement = try #require(cosine(found.directions[0], planted))
            #expect(abs(agreement) > 0.99999)
            #expect(found.explainedVarianceRatios[0] > 0.9999)
            #expect(abs(norm(found.directions[0]) - 1) < 1e-14)
        }

        /// Tall rows are multiplied 512 at a time.
        @Test(arguments: [(20, 70), (70, 20), (512, 6), (1100, 6)])
        func rowsThatComeInBlocksGiveTheComponentsOfTheirMatrix(rows: Int, columns: Int) throws {
            var numbers = PlantedNumbers(seed: 5)
            let matrix = try numbers.matrix(rows, columns)
            var largest = 0
            let source = RowSource(rows: rows, columns: columns) { range, target in
                largest = max(largest, range.count)
                for (place, row) in range.enumerated() {
                    for column in 0..<columns {
                        target[place * columns + column] = Double(matrix[row, column])
                    }
                }
            }
            let found = try PrincipalComponents(of: source, count: 3)
            #expect(largest <= 512)
            #expect(try PrincipalComponents(of: matrix, count: 3, about: .origin) == found)
            let elements = matrix.elements
            #expect(abs(found.totalSquaredSum / dot(elements, elements) - 1) < 1e-12)
            for (direction, squaredSum) in zip(found.directions, found.squaredSums) {
                let along = matrix.projections(on: direction)
                #expect(abs(dot(along, along) / squaredSum - 1) < 1e-12)
            }
        }

        @Test func orthogonalRowsOfKnownLengthGiveExactShares() throws {
            // Squared lengths 16, 4 and 1 of 21.
            let matrix = try Matrix(rows: [[0, 4, 0, 0], [0, 0, 0, -2], [1, 0, 0, 0]])
            let found = try PrincipalComponents(of: matrix, count: 3, about: .origin)
            #expect(found.totalSquaredSum == 21)
            let expected = [16.0 / 21, 4.0 / 21, 1.0 / 21]
            #expect(zip(found.explainedVarianceRatios, expected).allSatisfy { abs($0 - $1) < 1e-15 })
            #expect(
                found.directions.map { $0.map { ($0 * 1e12).rounded() / 1e12 } } == [
                    [0, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0],
                ])
        }

        @Test func aboutTheOriginTheCommonPartIsTheSignalAndAboutTheMeanItIsGone() throws {
            // A mean difference of 10 along the first axis, spread of ±1 along the second.
            let matrix = try Matrix(rows: [[10, 1, 0], [10, -1, 0], [10, 1, 0], [10, -1, 0]])
            let origin = try PrincipalComponents(of: matrix, about: .origin)
            let mean = try PrincipalComponents(of: matrix, about: .mean)
            #expect(abs(origin.directions[0][0]) > 1 - 1e-15)
            #expect(abs(mean.directions[0][1]) > 1 - 1e-15)
            #expect(abs(mean.explainedVarianceRatios[0] - 1) < 1e-15)
        }

        @Test(arguments: [(5, 9), (9, 5), (6, 6)], PrincipalComponents.Center.allCases)
        func bothSidesOfTheGramTrickAgree(shape: (Int, Int), center: PrincipalComponents.Center) throws {
            // Zero columns change nothing but make the matrix wide; zero rows, about the
            // origin, make it tall.
            var numbers = PlantedNumbers(seed: 3)
            let matrix = try numbers.matrix(shape.0, shape.1)
            let rows = (0..<matrix.rows).map { Array(matrix[row: $0]) }
            let wide = try Matrix(rows: rows.map { $0 + [Float](repeating: 0, count: 40) })
            let plain = try PrincipalComponents(of: matrix, count: 3, about: center)
            let padded = try PrincipalComponents(of: wide, count: 3, about: center)
            for k in 0..<3 {
                let agreement = try #require(
                    cosine(plain.directions[k], padded.directions[k].prefix(shape.1)))
                #expect(agreement > 1 - 1e-13)
                #expect(abs(plain.squaredSums[k] - padded.squaredSums[k]) <= 1e-13 * plain.squaredSums[0])
            }
        }

        @Test(arguments: PrincipalComponents.Center.allCases)
        func allSharesTogetherAreOne(center: PrincipalComponents.Center) throws {
            var numbers = PlantedNumbers(seed: 8)
            let matrix = try numbers.matrix(30, 8)
            let found = try PrincipalComponents(of: matrix, count: 8, about: center)
            #expect(abs(found.explainedVarianceRatios.reduce(0, +) - 1) < 1e-13)
            #expect(found.squaredSums == found.squaredSums.sorted(by: >))
            for i in 0..<8 {
                for j in 0..<8 {
                    #expect(abs(dot(found.directions[i], found.directions[j]) - (i == j ? 1 : 0)) < 1e-12)
                }
            }
        }

        @Test func theCoefficientOfLargestMagnitudeIsPositive() throws {
            #expect(PrincipalComponents.withLargestCoefficientPositive([0.5, -0.8]) == [-0.5, 0.8])
            #expect(PrincipalComponents.withLargestCoefficientPositive([-0.5, 0.8]) == [-0.5, 0.8])
            #expect(PrincipalComponents.withLargestCoefficientPositive([-0.5, 0.5]) == [0.5, -0.5])
            var numbers = PlantedNumbers(seed: 5)
            for _ in 0..<20 {
                let matrix = try numbers.matrix(10, 6)
                let negated = try Matrix(rows: 10, columns: 6, elements: matrix.elements.map { -$0 })
                let found = try PrincipalComponents(of: matrix, count: 4, about: .origin)
                #expect(found.directions.allSatisfy { $0.max { abs($0) < abs($1) } ?? -1 > 0 })
                #expect(try PrincipalComponents(of: negated, count: 4, about: .origin) == found)
            }
        }

        @Test(arguments: [(60, 130), (130, 60)])
        func theSameBitsComeForEveryThreadSettingAndPlaceInMemory(rows: Int, columns: Int) throws {
            var numbers = PlantedNumbers(seed: 21)
            let matrix = try numbers.matrix(rows, columns)
            let before = openblas_get_num_threads()
            defer { openblas_set_num_threads(before) }
            let first = try PrincipalComponents(of: matrix, count: 3, about: .mean)
            var kept: [[UInt8]] = []
            for run in 0..<8 {
                openblas_set_num_threads(Int32(1 + run % 2))
                kept.append([UInt8](repeating: 0, count: 1000 + 16 * run))
                #expect(try PrincipalComponents(of: matrix, count: 3, about: .mean) == first)
            }
        }

        @Test func theThreadSettingOfTheProcessIsPutBack() throws {
            let before = openblas_get_num_threads()
            let inside = SingleThreadedBLAS.perform {
                SingleThreadedBLAS.perform { openblas_get_num_threads() }
            }
            #expect(inside == 1)
            #expect(openblas_get_num_threads() == before)
        }

        @Test func aSpreadOfFloat32sWholeRangeNeitherOverflowsNorVanishes() throws {
            for size in [Float.greatestFiniteMagnitude, .leastNonzeroMagnitude] {
                let matrix = try Matrix(rows: [[size, 0, 0], [-size, 0, 0]])
                let found = try PrincipalComponents(of: matrix, about: .mean)
                #expect(found.directions == [[1, 0, 0]])
                #expect(abs(found.explainedVarianceRatios[0] - 1) < 1e-15)
            }
        }
    }
}

extension OnBLAS {
    @Suite struct PrincipalComponentsRefusals {
        @Test(arguments: [0, 1]) func fewerThanTwoRows(rows: Int) throws {
            let matrix = try Matrix(rows: Array(repeating: [1, 2, 3], count: rows))
            #expect(throws: LinearAlgebraError.tooFewRows(found: rows)) {
                try PrincipalComponents(of: matrix, about: .origin)
            }
        }

        @Test(arguments: [0, -3]) func noComponents(count: Int) throws {
            let matrix = try Matrix(rows: [[1, 2], [3, 4]])
            #expect(throws: LinearAlgebraError.invalidComponentCount(count)) {
                try PrincipalComponents(of: matrix, count: count, about: .origin)
            }
        }

        @Test(arguments: [Float.nan, .infinity, -.infinity])
        func aNumberThatIsNotFiniteByRowAndColumn(value: Float) throws {
            var matrix = try Matrix(rows: [[1, 2], [3, 4], [5, 6]])
            matrix[2, 1] = value
            #expect(throws: LinearAlgebraError.notFinite(row: 2, column: 1, value: value)) {
                try PrincipalComponents(of: matrix, about: .mean)
            }
            let rows = RowSource(rows: 3, columns: 2) { range, target in
                for (place, row) in range.enumerated() {
                    for column in 0..<2 { target[2 * place + column] = Double(matrix[row, column]) }
                }
            }
            #expect(throws: LinearAlgebraError.notFinite(row: 2, column: 1, value: value)) {
                try PrincipalComponents(of: rows)
            }
        }

        @Test func zeroRowsHaveNoDirection() throws {
            let matrix = try Matrix(rows: 4, columns: 3, elements: [Float](repeating: 0, count: 12))
            for center in PrincipalComponents.Center.allCases {
                #expect(throws: LinearAlgebraError.rankZero(center: center)) {
                    try PrincipalComponents(of: matrix, about: center)
                }
            }
            #expect(throws: LinearAlgebraError.rankZero(center: .origin)) {
                try PrincipalComponents(of: Matrix(rows: [[], []]), about: .origin)
            }
        }

        @Test func equalRowsHaveADirectionAboutTheOriginOnly() throws {
            let matrix = try Matrix(rows: Array(repeating: [0.1, 0.2, -0.7], count: 7))
            let origin = try PrincipalComponents(of: matrix, about: .origin)
            #expect(abs(origin.explainedVarianceRatios[0] - 1) < 1e-14)
            #expect(throws: LinearAlgebraError.rankZero(center: .mean)) {
                try PrincipalComponents(of: matrix, about: .mean)
            }
        }

        @Test(arguments: [(3, 8), (8, 3)])
        func moreComponentsThanTheRowsSpan(rows: Int, columns: Int) throws {
            var numbers = PlantedNumbers(seed: 2)
            let line = numbers.vector(columns)
            // Every row lies on one line through the origin: rank 1.
            let matrix = try Matrix(rows: (1...rows).map { row in line.map { Float(row) * Float($0) } })
            #expect(throws: LinearAlgebraError.moreComponentsThanRank(asked: 2, rank: 1)) {
                try PrincipalComponents(of: matrix, count: 2, about: .origin)
            }
            #expect(throws: LinearAlgebraError.moreComponentsThanRank(asked: 100, rank: 1)) {
                try PrincipalComponents(of: matrix, count: 100, about: .origin)
            }
            let full = try numbers.matrix(rows, columns)
            #expect(throws: LinearAlgebraError.moreComponentsThanRank(asked: 4, rank: 3)) {
                try PrincipalComponents(of: full, count: 4, about: .origin)
            }
            let centredRank = min(rows - 1, columns)
            #expect(throws: LinearAlgebraError.moreComponentsThanRank(asked: 4, rank: centredRank)) {
                try PrincipalComponents(of: full, count: 4, about: .mean)
            }
        }
    }
}
