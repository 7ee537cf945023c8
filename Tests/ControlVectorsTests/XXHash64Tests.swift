import Testing
import _TestSupport

@testable import ControlVectors

/// Values of the `xxhash` wheel; made by `scripts/goldens/control_vectors.py`.
@Suite struct XXHash64Tests {
    private struct Row: Decodable {
        let length: Int
        let digest: String

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            length = try container.decode(Int.self)
            digest = try container.decode(String.self)
        }
    }

    private let rows: [Row]

    init() throws { rows = try fixture("ControlVectors/xxh64.json", as: [Row].self) }

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }

    @Test func everyLengthGivesTheReferenceValue() {
        #expect(rows.count == 76)
        for row in rows {
            let text = XXHash64.text { hash in bytes(row.length).withUnsafeBytes { hash.update($0) } }
            #expect(text == "xxh64:" + row.digest, "\(row.length) bytes")
        }
    }

    @Test(arguments: [1, 3, 7, 8, 31, 32, 33, 64, 100]) func howTheBytesAreCutDoesNotMatter(piece: Int) {
        for row in rows {
            let all = bytes(row.length)
            let text = XXHash64.text { hash in
                for start in stride(from: 0, to: all.count, by: piece) {
                    all[start..<min(start + piece, all.count)].withUnsafeBytes { hash.update($0) }
                }
            }
            #expect(text == "xxh64:" + row.digest, "\(row.length) bytes by \(piece)")
        }
    }

    @Test func fieldsSayWhereTheyEnd() {
        let one = XXHash64.text { hash in
            hash.add("ab")
            hash.add("c")
        }
        let other = XXHash64.text { hash in
            hash.add("a")
            hash.add("bc")
        }
        #expect(one != other)
    }

    @Test func aHashHasSixteenDigits() {
        #expect(XXHash64.hexadecimal(0) == "0000000000000000")
        #expect(XXHash64.hexadecimal(0xAB) == "00000000000000ab")
        #expect(XXHash64.hexadecimal(.max) == "ffffffffffffffff")
    }
}
