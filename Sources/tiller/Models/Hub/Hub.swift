import Foundation

/// A server that speaks as the Hugging Face hub does.
struct Hub: Sendable {
    /// Where it is: `HF_ENDPOINT`, or the hub itself.
    let endpoint: WebAddress
    /// How it is asked.
    var client: WebClient

    /// The hub that the environment names.
    static func standard() throws(TillerError) -> Hub {
        let endpoint = Terminal.environment("HF_ENDPOINT") ?? "https://huggingface.co"
        return try Hub(endpoint: endpoint, token: Terminal.environment("HF_TOKEN"))
    }

    /// A hub at an address.
    ///
    /// - Parameter token: Sent to this address only, and written nowhere.
    init(endpoint: String, token: String?) throws(TillerError) {
        guard let address = WebAddress(endpoint), !address.path.contains("?") else {
            throw .badUsage(
                message: "HF_ENDPOINT is no address of a server: \(endpoint.onOneLine)",
                remedy: "export HF_ENDPOINT=https://huggingface.co, or unset it")
        }
        // Anything else would end the line that carries it.
        if let token, !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }) {
            throw .badUsage(
                message: "HF_TOKEN has a character in it that no token has",
                remedy: "export HF_TOKEN=hf_… again, without blanks and line breaks")
        }
        self.endpoint = address
        client = WebClient(token: token, tokenOrigin: address.origin)
    }

    /// Where a file of a repository is.
    func address(of file: String, in reference: HubReference) throws -> WebAddress {
        let parts = [reference.owner, reference.name, "resolve", "main"]
        return try address(parts + file.split(separator: "/").map(String.init))
    }

    /// The files that a repository has, sorted; nil where there is none of that name.
    ///
    /// Names that would leave the folder of the model are left out.
    func files(of reference: HubReference) throws -> [String]? {
        let address = try address(["api", "models", reference.owner, reference.name])
        let answer: [UInt8]
        do {
            answer = try client.text(at: address)
        } catch DownloadProblem.serverRefused(_, 404, _) {
            return nil
        }
        guard let listing = try? JSONDecoder().decode(Listing.self, from: Data(answer)) else {
            throw DownloadProblem.badAnswer(
                address: address.shortText, detail: "it does not say which files the repository has")
        }
        return listing.siblings.map(\.rfilename).filter { HubReference.isHarmless(path: $0) }.sorted()
    }

    private func address(_ parts: [String]) throws -> WebAddress {
        guard let address = endpoint.appending(parts) else {
            throw DownloadProblem.badAnswer(
                address: endpoint.shortText,
                detail: "it makes no address with \(parts.joined(separator: "/"))")
        }
        return address
    }

    /// What `/api/models/OWNER/REPO` says, as far as it is of interest.
    private struct Listing: Decodable {
        struct Sibling: Decodable { var rfilename: String }
        var siblings: [Sibling]
    }
}
