import Testing

@testable import tiller

@Suite struct WebAddressTests {
    @Test(arguments: [
        ("https://Hub.example/a?b=c#d", "https://hub.example/a?b=c", "https://hub.example:443"),
        ("http://127.0.0.1:81", "http://127.0.0.1:81/", "http://127.0.0.1:81"),
        ("http://[::1]/x", "http://[::1]/x", "http://[::1]:80"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x", "http://[::1]:8080"),
    ])
    func anAddressHasAnOrigin(_ text: String, _ canonical: String, _ origin: String) {
        #expect(WebAddress(text)?.text == canonical)
        #expect(WebAddress(text)?.origin == origin)
    }

    @Test(arguments: [
        "", "hub.example", "ftp://x/", "file:///etc/passwd", "http://", "http://a b/", "http://a/\"x",
        "http://a/\nheader", "http://u:p@a/", "http://a/\\",
    ])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect(WebAddress(text) == nil)
    }

    @Test(arguments: [
        ("https://other/x", "https://other/x"), ("//other/x", "http://other/x"), ("/x?y", "http://a/x?y"),
        ("x", "http://a/b/x"), ("?x", "http://a/b/c?x"), ("?x#y", "http://a/b/c?x"),
    ])
    func aLocationIsSeenFromWhereItWasSaid(_ location: String, _ expected: String) {
        #expect(WebAddress("http://a/b/c?d/e")?.resolving(location)?.text == expected)
    }

    @Test func piecesOfAPathAreEncoded() {
        #expect(
            WebAddress("http://a/b/")?.appending(["c d", "é#?%/"])?.text
                == "http://a/b/c%20d/%C3%A9%23%3F%25%2F")
    }

    @Test func aHeadIsReadWithEitherEndOfLine() {
        for end in ["\r\n", "\n"] {
            let head = HTTPHead(
                ["HTTP/2 206 ", "Content-Range: bytes 5-9/10", "etag:\t\"x\" "].joined(separator: end))
            #expect(head?.status == 206)
            #expect(head?.contentRange?.start == 5)
            #expect(head?.contentRange?.total == 10)
            #expect(head?["etag"] == "\"x\"")
        }
        for text in ["", "HTTP/1.1", "HTTP/1.1 abc", "SSH-2.0-x", "HTTP/1.1 99"] {
            #expect(HTTPHead(text) == nil)
        }
    }

    @Test(arguments: [
        "hf:o", "hf:o/", "hf:/r", "hf:o/r/", "hf:o/r/../x", "hf:o/../x", "hf:../r/x", "hf:o/r//x",
        "hf:o/r/a\\b",
        "hf:o/r/.x", "hf:o r/x", "hf:o/r/a\u{0}b", "hf:", "hf:o/r/a\nb",
    ])
    func aReferenceThatLeavesItsFolderIsRefused(_ text: String) {
        #expect(#expect(throws: TillerError.self) { try HubReference(text) }?.code == "badReference")
    }

    @Test func aSplitNameNamesItsSiblings() {
        #expect(
            SplitName("a/b-00002-of-00002.gguf")?.all == [
                "a/b-00001-of-00002.gguf", "a/b-00002-of-00002.gguf",
            ])
        for name in [
            "b.gguf", "b-00003-of-00002.gguf", "b-00000-of-00002.gguf", "-00001-of-00002.gguf",
            "b-1-of-2.gguf",
        ] {
            #expect(SplitName(name) == nil)
        }
    }

    @Test(arguments: [
        ("\"DIGEST\"", true), ("W/\"DIGEST\"", true), ("DIGEST", true), ("sha256:DIGEST", true),
        ("\"DIGEST-2\"", false),
        ("\"abc\"", false),
    ])
    func onlyAWholeDigestIsOne(_ form: String, _ isDigest: Bool) {
        let digest = String(repeating: "0aF9", count: 16)
        let text = form.split(separator: "DIGEST", omittingEmptySubsequences: false).joined(separator: digest)
        #expect(SHA256.digest(in: text) == (isDigest ? digest.lowercased() : nil))
    }
}
