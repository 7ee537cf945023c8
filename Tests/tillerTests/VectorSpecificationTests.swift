import Steering
import Testing

@testable import tiller

@Suite struct VectorSpecificationTests {
    private func read(_ text: String, files: Set<String> = []) throws -> VectorSpecification {
        try VectorSpecification(parsing: text) { files.contains($0) }
    }

    @Test(arguments: [
        ("happy.gguf", "happy.gguf", 1.0),
        ("happy.gguf:0.5", "happy.gguf", 0.5),
        ("happy.gguf:-1", "happy.gguf", -1),
        ("happy.gguf:+.5", "happy.gguf", 0.5),
        ("a:b/happy.gguf", "a:b/happy.gguf", 1),
        ("a:b/happy.gguf:2", "a:b/happy.gguf", 2),
    ])
    func theLastColonDividesPathAndStrength(_ text: String, _ path: String, _ strength: Double) throws {
        let read = try read(text)
        #expect(read.path == path)
        #expect(read.strength == .number(strength))
    }

    @Test func autoIsAStrength() throws {
        #expect(try read("v.gguf:auto").strength == .automatic(isPositive: true))
        #expect(try read("v.gguf:+auto").strength == .automatic(isPositive: true))
        #expect(try read("a:v.gguf:-auto") == read("a:v.gguf:-auto", files: ["a:v.gguf"]))
        #expect(try read("a:v.gguf:-auto").strength == .automatic(isPositive: false))
        #expect(try read("v:auto", files: ["v:auto"]).path == "v:auto")
    }

    @Test func aFileWhoseNameEndsLikeAStrengthIsThatFile() throws {
        #expect(try read("v:1", files: ["v:1"]).path == "v:1")
        #expect(try read("v:1:2", files: ["v:1"]).strength == .number(2))
    }

    @Test(arguments: [
        "happy.gguf:nan", "happy.gguf:inf", "happy.gguf:0,5", "happy.gguf:", "happy.gguf:1e99",
        "happy.gguf:automatic",
        "happy.gguf:--auto",
    ])
    func aStrengthThatIsNoNumberIsBadUsage(_ text: String) {
        do {
            _ = try read(text, files: ["happy.gguf"])
            Issue.record("\(text) was taken")
        } catch {
            #expect(Failure(error).status == ExitStatus.badUsage)
        }
    }

    @Test(arguments: ["happy.gguf:0.5", "happy.gguf:auto", "happy.gguf@9-12", "happy.gguf:1@9"])
    func whatTakesNoStrengthNamesTheFileAlone(_ text: String) {
        let error = #expect(throws: TillerError.self) {
            try VectorSpecification.plainPath(text, option: "-v", why: "it reads") { $0 == "happy.gguf" }
        }
        #expect(error?.message == "-v \(text): it reads" && error?.remedy == "-v happy.gguf")
    }

    @Test(arguments: ["happy.gguf", "none.gguf:0.5", "none.gguf", "a:b.gguf"])
    func aFileThatIsThereOrNotAtAllIsLeftToItsReader(_ text: String) throws {
        let path = try VectorSpecification.plainPath(text, option: "-v", why: "") { $0 == "happy.gguf" }
        #expect(path == text)
    }

    @Test(arguments: ["", ":1"])
    func aVectorWithoutAPathIsBadUsage(_ text: String) {
        #expect(throws: TillerError.self) { try read(text) }
    }
}
