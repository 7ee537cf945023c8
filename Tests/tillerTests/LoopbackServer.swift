import Glibc
import Synchronization

/// A small HTTP server on 127.0.0.1 for one test: every request goes to a closure, and every answer may be
/// wrong in the ways in which servers are.
final class LoopbackServer: Sendable {
    /// What was asked for.
    struct Request: Sendable {
        var path: String
        /// Names in lowercase.
        var fields: [String: String]
        /// What was sent after the head.
        var body = ""

        /// The first byte that a `Range` asks for.
        var rangeStart: Int? {
            fields["range"].flatMap { Int($0.dropFirst("bytes=".count).prefix { $0 != "-" }) }
        }
    }

    /// What is sent back.
    struct Answer: Sendable {
        var status = 200
        var fields: [String: String] = [:]
        var body: [UInt8] = []
        /// Bytes of the body after which the connection ends.
        var cutAfter: Int?
        /// What `Content-Length` says where it lies; no field at all where it is -1.
        var announcedByteCount: Int?
    }

    /// What the requests have been, in order.
    var requests: [Request] { log.withLock { $0 } }
    /// `http://127.0.0.1:PORT`
    let endpoint: String

    private let listener: Int32
    private let log = Mutex<[Request]>([])
    private let respond: @Sendable (Request) -> Answer

    init(_ respond: @escaping @Sendable (Request) -> Answer) throws {
        self.respond = respond
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw CannotListen() }
        self.listener = listener
        endpoint = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Loop(server: self, listener: listener)).toOpaque()
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Loop>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, context)
        pthread_detach(thread)
    }

    struct CannotListen: Error {}

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// The server's thread. It holds the server weakly, so that the test's end is the server's.
    private final class Loop {
        weak var server: LoopbackServer?
        let listener: Int32

        init(server: LoopbackServer, listener: Int32) {
            self.server = server
            self.listener = listener
        }

        func run() {
            defer { close(listener) }
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                server?.serve(connection)
                close(connection)
            }
        }
    }

    private func serve(_ connection: Int32) {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while !String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
            let count = read(connection, &block, block.count)
            guard count > 0 else { return }
            bytes += block[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let head = text.split(separator: "\r\n\r\n", maxSplits: 1).first ?? ""
        let lines = head.split(separator: "\r\n").map(String.init)
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1 else { return }
        var body = Array(bytes[(head.utf8.count + 4)...])
        while body.count < fields["content-length"].flatMap({ Int($0) }) ?? 0 {
            let count = read(connection, &block, block.count)
            guard count > 0 else { return }
            body += block[..<count]
        }
        let request = Request(
            path: String(words[1]), fields: fields, body: String(decoding: body, as: UTF8.self))
        log.withLock { $0.append(request) }
        write(respond(request), to: connection)
    }

    private func write(_ answer: Answer, to connection: Int32) {
        var head = "HTTP/1.1 \(answer.status) Said\r\nConnection: close\r\n"
        let announced = answer.announcedByteCount ?? answer.body.count
        if announced >= 0 { head += "Content-Length: \(announced)\r\n" }
        for (name, value) in answer.fields { head += "\(name): \(value)\r\n" }
        let bytes = Array((head + "\r\n").utf8) + answer.body.prefix(answer.cutAfter ?? Int.max)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}

extension LoopbackServer.Answer {
    /// A file, or the rest of it from where the request wants it.
    static func file(
        _ body: [UInt8], for request: LoopbackServer.Request, fields: [String: String] = [:]
    ) -> LoopbackServer.Answer {
        guard let start = request.rangeStart else { return .init(fields: fields, body: body) }
        guard start < body.count else {
            return .init(status: 416, fields: ["Content-Range": "bytes */\(body.count)"])
        }
        let range = "bytes \(start)-\(body.count - 1)/\(body.count)"
        return .init(
            status: 206, fields: fields.merging(["Content-Range": range]) { $1 }, body: Array(body[start...]))
    }
}
