import Safetensors
import Terms

/// A file of a header text and data, with whatever is wrong in them.
struct RawSafetensors {
    var header: [UInt8]
    var length: UInt64?
    var data: [UInt8] = []

    init(_ header: String, data count: Int = 0) {
        self.header = Array(header.utf8)
        data = (0..<count).map { UInt8(truncatingIfNeeded: $0 &+ 1) }
    }

    /// A header with one tensor `a` of 24 bytes, and the data for it.
    static let valid = RawSafetensors(
        #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}  "#,
        data: 24)

    var bytes: [UInt8] {
        let length = length ?? UInt64(header.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header + data
    }

    func open() throws(SafetensorsError) -> SafetensorsFile {
        try SafetensorsFile(FileContents(copying: bytes, path: "raw.safetensors"))
    }
}
