import Terms
import Testing

@testable import ControlVectors

@Suite struct RefusalTests {
    private func refusal(
        _ vector: ControlVector, _ model: ModelFingerprint, vectorPath: String = "happy.gguf",
        modelPath: String = "qwen14b.gguf", forced: Bool = false
    ) throws -> ControlVectorError? {
        do throws(ControlVectorError) {
            try vector.checkFit(to: model, modelPath: modelPath, vectorPath: vectorPath, forced: forced)
            return nil
        } catch {
            return error
        }
    }

    private let smaller = Planted.fingerprint {
        $0.layerCount = 48
        $0.hiddenSize = 5120
        $0.name = "Qwen2.5-14B-Instruct"
    }

    private func vector(recipe: String? = "{}") throws -> ControlVector {
        try Planted.vector(model: Planted.fingerprint { $0.hiddenSize = 5120 }, recipe: recipe)
    }

    @Test func bothSidesTheReasonAndTheRepairStandInColumns() throws {
        let error = try #require(try refusal(vector(), smaller))
        #expect(error.code == "incompatibleVector")
        #expect(
            error.description == """
                this vector does not fit this model
                  vector  happy.gguf    qwen2, 64 layers × 5120   Qwen2.5-32B-Instruct
                  model   qwen14b.gguf  qwen2, 48 layers × 5120   Qwen2.5-14B-Instruct
                  why     layers differ (64 vs 48)
                  fix     tiller reextract happy.gguf -m qwen14b.gguf -o happy-qwen14b.gguf
                """)
        #expect(error.remedy == "tiller reextract happy.gguf -m qwen14b.gguf -o happy-qwen14b.gguf")
    }

    @Test func otherWeightsOfTheSameShapeNameTheForce() throws {
        let other = Planted.fingerprint {
            $0.normHash = "x"
            $0.digest = "x"
        }
        let vector = try Planted.vector(model: Planted.fingerprint(), recipe: "{}")
        let error = try #require(try refusal(vector, other))
        #expect(error.code == "incompatibleVector" && error.message.contains("--force"))
        #expect(try refusal(vector, other, forced: true) == nil)
        #expect(try !#require(try refusal(self.vector(), smaller, forced: true)).message.contains("--force"))
    }

    @Test func aVectorWithoutARecipeIsExtractedFromItsDataset() throws {
        let error = try #require(try refusal(vector(recipe: nil), smaller))
        #expect(error.remedy == "tiller extract -m qwen14b.gguf -d DATASET -o happy-qwen14b.gguf")
    }

    @Test func aForeignVectorIsDescribedByWhatIsKnown() throws {
        let foreign = try ControlVector(directions: [1: [1], 31: [2]], modelHint: "llama")
        let error = try #require(try refusal(foreign, smaller))
        #expect(error.message.contains("llama, layers 1-31 × 1    (unknown origin)"))
        #expect(error.message.contains("hidden sizes differ (1 vs 5120)"))
    }

    @Test func thatWhichFitsGivesItsGrade() throws {
        let vector = try Planted.vector(model: Planted.fingerprint())
        let grade = try vector.checkFit(to: Planted.fingerprint(), modelPath: "m", vectorPath: "v").grade
        #expect(grade == .exact)
    }

    @Test func escapeSequencesInNamesDoNotReachTheTerminal() throws {
        var model = smaller
        model.name = "evil\u{1b}[2J\nerror"
        let error = try #require(try refusal(vector(), model))
        #expect(!error.message.unicodeScalars.contains("\u{1b}"))
        #expect(error.message.split(separator: "\n").count == 4)
    }

    @Test func aModelWithoutAChatTemplateIsRepairedWithRawPrompts() throws {
        var model = smaller
        model.chatTemplateHash = nil
        let error = try #require(try refusal(vector(), model))
        #expect(error.remedy == "tiller reextract happy.gguf -m qwen14b.gguf -o happy-qwen14b.gguf --raw")
    }

    @Test func theRepairOfAJudgedVectorAsksForTheJudge() throws {
        var judged = try vector()
        judged.extraction?.judgement = Judgement(model: "gpt", threshold: 50)
        let command = judged.repairCommand(
            vectorPath: "v.gguf", model: Planted.fingerprint(), modelPath: "m")
        #expect(command == "tiller reextract v.gguf -m m -o v-m.gguf --judge URL")
    }

    @Test(arguments: [
        (
            "v/happy.gguf", "/m/q 14.gguf",
            "tiller reextract v/happy.gguf -m '/m/q 14.gguf' -o 'v/happy-q 14.gguf'"
        ),
        ("it's.gguf", "m", #"tiller reextract 'it'\''s.gguf' -m m -o 'it'\''s-m.gguf'"#),
        ("-v.gguf", "m", "tiller reextract ./-v.gguf -m m -o ./-v-m.gguf"),
    ])
    func theRepairCanBePastedWhateverTheFilesAreCalled(vector: String, model: String, command: String) throws
    {
        #expect(
            try self.vector().repairCommand(
                vectorPath: vector, model: Planted.fingerprint(), modelPath: model) == command)
    }

    @Test(arguments: [
        ("a/b_c-d.gguf", "a/b_c-d.gguf"), ("", "''"), ("a b", "'a b'"), ("$HOME", "'$HOME'"),
        ("a'b", #"'a'\''b'"#),
        ("~/x", "'~/x'"), ("é", "'é'"), ("a\nb", "'a\nb'"), ("--x", "./--x"), ("- x", "'./- x'"),
        ("a*", "'a*'"),
    ])
    func wordsAreQuotedWhereAShellWouldChangeThem(word: String, quoted: String) {
        #expect(ShellCommand.quoted(word) == quoted)
    }
}
