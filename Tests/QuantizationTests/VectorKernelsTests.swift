import CKernels
import Foundation
import Testing
import _TestSupport

/// Vector kernels against float64, at awkward lengths, inputs and outputs against guard pages.
@Suite struct VectorKernelsTests {
    @Test(arguments: InstructionSet.available, awkwardLengths)
    func sumsAndProducts(set: InstructionSet, length: Int) throws {
        let kernels = try set.vectors()
        var numbers = SeededNumbers(seed: UInt64(length))
        let (x, y) = (numbers.normal(length), numbers.normal(length))
        let products = zip(x, y).map { Double($0) * Double($1) }
        let dot = GuardedMemory.with { kernels.dot($0.copy(x), $0.copy(y), length) }
        let size = products.reduce(0) { $0 + $1.magnitude }
        #expect((Double(dot) - products.reduce(0, +)).magnitude <= 3e-7 * size)

        func changed(_ body: (UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void) -> [Float] {
            GuardedMemory.with { memory in
                let target = memory.copy(x)
                body(target, memory.copy(y))
                return Array(target, count: length)
            }
        }
        #expect(changed { kernels.add($0, $1, length) } == zip(x, y).map { $0 + $1 })
        // The product is rounded before it is added, in every instruction set.
        #expect(
            changed { kernels.add_scaled($0, $1, 0.37, length) } == zip(x, y).map { $0 + Float(0.37) * $1 })
        #expect(changed { kernels.add_scaled($0, $1, 0, length) } == x)
        #expect(changed { target, _ in kernels.scale(target, -1.3, length) } == x.map { $0 * -1.3 })
    }

    @Test(arguments: InstructionSet.available, awkwardLengths)
    func firstThatIsNotBelow(set: InstructionSet, length: Int) throws {
        let first = try set.vectors().first_not_below
        for place in Set([0, length / 2, length - 1]) where (0..<length).contains(place) {
            for reaching in [Float(1), 2, .infinity, .nan] {
                var values = (0..<length).map { $0 % 3 == 0 ? -Float.infinity : Float($0 % 7) / 8 }
                values[place] = reaching
                #expect(GuardedMemory.with { first($0.copy(values), 1, length) } == place)
            }
        }
        let below = [Float](repeating: 0.5, count: length)
        #expect(GuardedMemory.with { first($0.copy(below), 1, length) } == length)
    }

    @Test(arguments: InstructionSet.available, awkwardLengths)
    func rootMeanSquareNorm(set: InstructionSet, length: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(length) + 100)
        let (x, weight) = (numbers.normal(length, scale: 5), numbers.normal(length))
        let mean = x.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(length, 1))
        let factor = 1 / (mean + 1e-5).squareRoot()
        let expected = zip(x, weight).map { Float(Double($0) * factor * Double($1)) }
        let norm = try set.vectors().rms_norm
        let result = GuardedMemory.with { memory in
            let target = memory.copy(x)  // in place: `out` is `x`
            norm(target, memory.copy(weight), target, length, 1e-5)
            return Array(target, count: length)
        }
        expectClose(result, expected, relativeError: 3e-7)
    }

    @Test(arguments: InstructionSet.available, awkwardLengths)
    func layerNorm(set: InstructionSet, length: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(length) + 200)
        let x = numbers.normal(length, scale: 5).map { $0 + 3 }
        let (gain, bias) = (numbers.normal(length), numbers.normal(length))
        let count = Double(max(length, 1))
        let mean = x.reduce(0) { $0 + Double($1) } / count
        let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        let factor = 1 / (variance + 1e-5).squareRoot()
        let expected = (0..<length).map {
            Float((Double(x[$0]) - mean) * factor * Double(gain[$0]) + Double(bias[$0]))
        }
        let norm = try set.vectors().layer_norm
        let result = GuardedMemory.with { memory in
            let target = memory.copy(x)  // in place: `out` is `x`
            norm(target, memory.copy(gain), memory.copy(bias), target, length, 1e-5)
            return Array(target, count: length)
        }
        expectClose(result, expected, relativeError: 2e-6)
    }

    @Test(arguments: InstructionSet.available, awkwardLengths)
    func softCapsAndPlainGELU(set: InstructionSet, length: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(length) + 300)
        let x = numbers.normal(length, scale: 40)
        let kernels = try set.vectors()
        let (capped, activated) = GuardedMemory.with { memory in
            let (target, output) = (memory.copy(x), memory.room(for: Float.self, length))
            kernels.soft_cap(target, 30, length)
            kernels.gelu_tanh(memory.copy(x), output, length)
            return (Array(target, count: length), Array(output, count: length))
        }
        for (input, (cap, gelu)) in zip(x.map(Double.init), zip(capped, activated)) {
            #expect((Double(cap) - 30 * Foundation.tanh(input / 30)).magnitude <= 30 * 3e-7)
            let tanh = Foundation.tanh(
                (2 / Double.pi).squareRoot() * (input + 0.044715 * input * input * input))
            #expect((Double(gelu) - 0.5 * input * (1 + tanh)).magnitude <= 2e-6 * max(1, input.magnitude))
        }
    }

    @Test(arguments: InstructionSet.available)
    func theNormOfZerosIsZeros(set: InstructionSet) throws {
        var x = [Float](repeating: 0, count: 19)
        let ones = [Float](repeating: 1, count: 19)
        try set.vectors().rms_norm(ones.map { $0 - 1 }, ones, &x, 19, 1e-5)
        #expect(x.allSatisfy { $0 == 0 })
    }

    @Test(arguments: InstructionSet.available)
    func theExponentialIsWithinTwoMillionths(set: InstructionSet) throws {
        let kernels = try set.vectors()
        let count = 200_003
        let x = (0..<count).map { Float(-87.336 + 176.056 * Double($0) / Double(count - 1)) }
        var y = [Float](repeating: 0, count: count)
        kernels.exp(x, &y, count)
        var largest = 0.0
        for (input, output) in zip(x, y) {
            let exact = Foundation.exp(Double(input))
            largest = max(largest, (Double(output) - exact).magnitude / exact)
        }
        #expect(largest <= 2e-6, "largest relative error \(largest)")
    }

    @Test(arguments: InstructionSet.available, awkwardLengths)
    func theExponentialAtEveryLengthAndAtItsEnds(set: InstructionSet, length: Int) throws {
        let ends: [(Float, ClosedRange<Float>)] = [
            (0, 1...1), (-0.0, 1...1), (-.infinity, 0...0), (.infinity, .infinity ... .infinity),
            (-200, 0...0), (-87.5, 0...1.2e-38), (89, .infinity ... .infinity),
            (1e38, .infinity ... .infinity),
            (88.72, 3.3e38...Float.greatestFiniteMagnitude), (-1e38, 0...0),
        ]
        let input = (0..<length).map { ends[$0 % ends.count].0 }
        let exponential = try set.vectors().exp
        let output = GuardedMemory.with { memory in
            let output = memory.room(for: Float.self, length)
            exponential(memory.copy(input), output, length)
            return Array(output, count: length)
        }
        for (index, value) in output.enumerated() {
            #expect(ends[index % ends.count].1.contains(value), "exp(\(input[index])) = \(value)")
        }
        var notANumber: Float = 0
        try set.vectors().exp([.nan], &notANumber, 1)
        #expect(notANumber.isNaN)
    }

    @Test(arguments: InstructionSet.available, awkwardLengths)
    func softmaxOfScoresAndMasks(set: InstructionSet, length: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(length) + 200)
        var x = numbers.normal(length, scale: 10)
        for index in stride(from: 1, to: length, by: 4) { x[index] = -.infinity }
        let largest = Double(x.max() ?? 0)
        let powers = x.map { Foundation.exp(Double($0) - largest) }
        let total = powers.reduce(0, +)
        let softmax = try set.vectors().softmax
        let result = GuardedMemory.with { memory in
            let target = memory.copy(x)
            softmax(target, length)
            return Array(target, count: length)
        }
        expectClose(result, powers.map { Float($0 / total) }, relativeError: 2e-6)
        #expect(zip(x, result).allSatisfy { $0 > -.infinity || $1 == 0 })
    }

    @Test(arguments: InstructionSet.available)
    func softmaxOfLargeScoresDoesNotOverflow(set: InstructionSet) throws {
        var x: [Float] = [3e38, 3e38, -3e38, 0]
        try set.vectors().softmax(&x, 4)
        #expect(x == [0.5, 0.5, 0, 0])
    }

    @Test(arguments: InstructionSet.available, [1, 7, 8, 9, 40])
    func softmaxNeverHidesANaN(set: InstructionSet, length: Int) throws {
        for place in 0..<length {
            var x = (0..<length).map { Float($0) }
            x[place] = .nan
            try set.vectors().softmax(&x, length)
            #expect(x.allSatisfy { $0.isNaN })
        }
        var masked = [Float](repeating: -.infinity, count: length)
        try set.vectors().softmax(&masked, length)
        #expect(masked.allSatisfy { $0.isNaN })
    }

    @Test(arguments: InstructionSet.available, awkwardLengths)
    func gatedActivations(set: InstructionSet, length: Int) throws {
        let kernels = try set.vectors()
        var numbers = SeededNumbers(seed: UInt64(length) + 300)
        let gate = numbers.normal(length, scale: 6)
        let up = numbers.normal(length)
        let silu = zip(gate, up).map { Float(Double($0) / (1 + Foundation.exp(-Double($0))) * Double($1)) }
        let gelu = zip(gate, up).map { gate, up in
            let g = Double(gate)
            let inner = (2 / Double.pi).squareRoot() * (g + 0.044715 * g * g * g)
            return Float(0.5 * g * (1 + tanh(inner)) * Double(up))
        }
        for (kernel, expected) in [(kernels.silu_mul, silu), (kernels.gelu_tanh_mul, gelu)] {
            let result = GuardedMemory.with { memory in
                let target = memory.copy(gate)  // in place
                kernel(target, memory.copy(up), target, length)
                return Array(target, count: length)
            }
            expectClose(result, expected, relativeError: 1e-6)
        }
    }

    @Test(arguments: InstructionSet.available)
    func gatedActivationsAtTheEnds(set: InstructionSet) throws {
        let kernels = try set.vectors()
        let gate: [Float] = [0, 100, -100, 1e20, -1e20, 1e37, -1e37, .nan]
        let up = [Float](repeating: 2, count: gate.count)
        for kernel in [kernels.silu_mul, kernels.gelu_tanh_mul] {
            var out = [Float](repeating: 7, count: gate.count)
            kernel(gate, up, &out, gate.count)
            #expect(out[0] == 0)
            #expect(out[1] == 200)
            #expect(out[2].magnitude < 0x1p-130)
            #expect(out[3] == 2e20)
            #expect(out[4] == 0)
            #expect(out[5] == 2e37)
            #expect(out[6] == 0)
            #expect(out[7].isNaN)
        }
    }

    @Test(arguments: InstructionSet.available)
    func everyFloat16IsExact(set: InstructionSet) throws {
        let halves = (0...UInt16.max).map { $0 }
        var floats = [Float](repeating: 0, count: halves.count)
        try set.vectors().float_from_half(halves, &floats, halves.count)
        #expect(floats.identity == halves.map { Float(Float16(bitPattern: $0)) }.identity)
        var back = [UInt16](repeating: 0, count: halves.count)
        try set.vectors().half_from_float(floats, &back, floats.count)
        #expect(zip(halves, back).allSatisfy { $0 == $1 || Float16(bitPattern: $0).isNaN })
        #expect(zip(floats, back).allSatisfy { $0.isNaN == Float16(bitPattern: $1).isNaN })
    }

    @Test(arguments: InstructionSet.available)
    func float16RoundsToTheNearestOrEven(set: InstructionSet) throws {
        // Between each float16 and the next: the middle, and the float32 numbers on both sides of it.
        let floats = (0..<UInt16(0x7bff)).flatMap { bits -> [Float] in
            let low = Float(Float16(bitPattern: bits))
            let middle = (low + Float(Float16(bitPattern: bits + 1))) / 2
            return [middle.nextDown, middle, middle.nextUp, -middle]
        }
        let edge: [Float] = [65519.996, 65520, -65520, 1e30, 1e-30, -1e-30, .infinity, 0x1p-25]
        let input = floats + edge + [1]
        var output = [UInt16](repeating: 0, count: input.count)
        try set.vectors().half_from_float(input, &output, input.count)
        #expect(output == input.map { Float16($0).bitPattern })
    }

    @Test(arguments: InstructionSet.available, awkwardLengths)
    func float16AtEveryLength(set: InstructionSet, length: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(length) + 400)
        let x = numbers.normal(length)
        let kernels = try set.vectors()
        GuardedMemory.with { memory in
            let halves = memory.room(for: UInt16.self, length)
            kernels.half_from_float(memory.copy(x), halves, length)
            #expect(Array(halves, count: length) == x.map { Float16($0).bitPattern })
            let floats = memory.room(for: Float.self, length)
            kernels.float_from_half(halves, floats, length)
            #expect(Array(floats, count: length) == x.map { Float(Float16($0)) })
        }
    }
}
