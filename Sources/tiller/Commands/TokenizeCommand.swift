import ArgumentParser
import Generation
import Terms
import Tokenizers

/// `tiller tokenize`
struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize", abstract: "Show the tokens of a text.",
        discussion:
            "Special tokens in the text, for example <|im_start|>, are parsed unless --no-special is given.")

    @OptionGroup var model: ModelOptions

    @Argument(help: "The text; - reads standard input.")
    var text: String

    @Flag(name: .customLong("no-special"), help: "Special tokens in the text stay text.")
    var ignoresSpecial = false

    @Flag(
        name: .customLong("bos"),
        help: "Begin with the token that the model's file asks for, if it asks for one.")
    var addsBeginning = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let text = try TextInput.text(text)
        let tokenizer = try model.load().tokenizer
        let ids = tokenizer.encode(
            text, special: ignoresSpecial ? .asText : .parsed, addsBeginning: addsBeginning)
        try output.print(
            json: ["ids": .ids(ids), "pieces": .array(ids.map { .string(tokenizer.piece($0)) })],
            text: table(of: ids, tokenizer))
    }

    private func table(of ids: [TokenID], _ tokenizer: Tokenizer) -> String {
        var table = Table(.number("ID"), .text("PIECE"))
        for id in ids {
            let piece = String(validating: tokenizer.bytes(of: id), as: UTF8.self)
            table.append("\(id)", piece ?? bytes(tokenizer.bytes(of: id)))
        }
        return table.rendered(titleStyle: output.titleStyle) + "\(Quantity.counted(ids.count, "token"))\n"
    }

    /// A token that is a part of a character has no text of its own.
    private func bytes(_ bytes: [UInt8]) -> String {
        bytes.map { "<0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) + ">" }.joined()
    }
}
