import Glibc
import Testing

@testable import tiller

@Suite struct CurlTests {
    private func request(_ address: String) throws -> Curl.Request {
        Curl.Request(address: try #require(WebAddress(address)))
    }

    @Test func whoHasAWholeTimeMayBeSilentUntilItsEnd() throws {
        var request = try request("http://127.0.0.1:1/")
        #expect(Curl.lines(for: request).contains("speed-time = 60"))
        request.secondsInAll = 120
        let lines = Curl.lines(for: request)
        #expect(lines.contains("max-time = 120") && !lines.contains("speed-"))
    }

    @Test(arguments: [
        ("\nasked after 0.000000", false), ("curl: (28) late\n\nasked after 0.000000\n", false),
        ("curl: (28) late\nasked after 0.00", false), ("\nasked after 0,000000", false),
        ("asked after 0.000000\nand more words", false), ("\nasked after 0.000431", true),
        ("\nasked after 10.000000", true), ("curl: asked after 0.000000\nasked after 1.5", true), ("", true),
    ])
    func whetherItHasAskedIsTheNumberThatItSaysLast(_ words: String, _ hasAsked: Bool) {
        #expect(Curl.hasAsked(words) == hasAsked)
    }

    /// A queue of connections that is full answers nobody, as a machine behind a firewall does.
    @Test func aConnectionThatIsNotMadeInTimeIsUnreachable() throws {
        var open: [Int32] = []
        defer { for descriptor in open { close(descriptor) } }
        func makeSocket(_ further: Int32 = 0) -> Int32 {
            open.append(
                socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | further, 0))
            return open[open.count - 1]
        }
        let listener = makeSocket()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, length)
                _ = listen(listener, 0)
                _ = getsockname(listener, $0, &length)
                for _ in 0..<4 { _ = connect(makeSocket(Int32(SOCK_NONBLOCK.rawValue)), $0, length) }
            }
        }
        var request = try request("http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/")
        request.secondsToConnect = 1
        let end = try Curl.send(request, onHead: { _ in .goOn }, onBody: { _ in .goOn })
        guard case .unreachable(let words) = end else {
            Issue.record("expected it to be unreachable, not \(end)")
            return
        }
        #expect(!words.contains("asked after"), "\(words)")
    }
}
