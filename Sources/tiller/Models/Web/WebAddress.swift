/// An address of the web: `http` or `https`, a host, a path.
struct WebAddress: Sendable, Equatable {
    /// `http` or `https`.
    let scheme: String
    /// The host in lowercase, with its port where one is given.
    let authority: String
    /// The path and the query; begins with a slash.
    let path: String

    /// Reads an address; nil where the text is none, or has a user's name or a character
    /// in it that no address has.
    init?(_ text: String) {
        let scheme = text.prefix { $0.isASCII && $0.isLetter }.lowercased()
        guard text.dropFirst(scheme.count).hasPrefix("://") else { return nil }
        let rest = text.dropFirst(scheme.count + 3)
        let authority = rest.prefix { !"/?#".contains($0) }
        var path = String(rest[authority.endIndex...].prefix { $0 != "#" })
        if !path.hasPrefix("/") { path = "/" + path }
        self.init(scheme: scheme, authority: authority.lowercased(), path: path)
    }

    private init?(scheme: String, authority: String, path: String) {
        guard scheme == "http" || scheme == "https", !authority.isEmpty, !authority.contains("@"),
            !authority.hasPrefix(":"),
            // These would end the quoted word in curl's settings, or the line.
            (authority + path).utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x5C })
        else { return nil }
        self.scheme = scheme
        self.authority = authority
        self.path = path
    }

    /// The whole address.
    var text: String { "\(scheme)://\(authority)\(path)" }

    /// The address without its query, which may hold a signature: for messages.
    var shortText: String { "\(scheme)://\(authority)\(path.prefix { $0 != "?" })" }

    /// Scheme, host and port: what a secret is meant for.
    var origin: String {
        let defaultPort = scheme == "https" ? ":443" : ":80"
        let hasPort =
            authority.drop { $0 != "]" }.contains(":") || (authority.first != "[" && authority.contains(":"))
        return "\(scheme)://\(authority)\(hasPort ? "" : defaultPort)"
    }

    /// The address that a `Location` names, seen from this one.
    func resolving(_ location: String) -> WebAddress? {
        let word = location.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        if !word.isEmpty, location.dropFirst(word.count).first == ":" { return WebAddress(location) }
        if location.hasPrefix("//") { return WebAddress("\(scheme):\(location)") }
        let location = String(location.prefix { $0 != "#" })
        if location.hasPrefix("/") { return WebAddress(scheme: scheme, authority: authority, path: location) }
        let base = path.prefix { $0 != "?" }
        // Another query of the same path.
        if location.hasPrefix("?") {
            return WebAddress(scheme: scheme, authority: authority, path: base + location)
        }
        guard let slash = base.lastIndex(of: "/"), !location.isEmpty else { return nil }
        return WebAddress(scheme: scheme, authority: authority, path: base[...slash] + location)
    }

    /// The address of something below this one.
    func appending(_ components: [String]) -> WebAddress? {
        let base = path.hasSuffix("/") ? String(path.dropLast()) : path
        let tail = components.map { "/" + Self.percentEncoded($0) }.joined()
        return WebAddress(scheme: scheme, authority: authority, path: base + tail)
    }

    /// A piece of a path with all but letters, digits and `-._~` as `%XX` of its UTF-8.
    static func percentEncoded(_ component: String) -> String {
        var encoded = ""
        for byte in component.utf8 {
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
                encoded.append(character)
            } else {
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
