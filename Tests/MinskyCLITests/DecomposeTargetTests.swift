import MinskyModel
import TestSupport
import Testing

@Suite("What decompose takes for an id and what for a title")
struct DecomposeTargetTests {
    @Test(arguments: ["zzzz", "zz99", "k3f9", "hgtw5x2k", "0p1r1n0v64mts332", "ZZ99", "grpc"])
    func whatLooksLikeAnIdIsNoTitle(word: String) throws {
        let minsky = try Minsky(.sqlite)
        let failure = try minsky.failure("tasks", "decompose", "-y", word)
        #expect(failure.exitCode == 3)
        #expect(failure.message == "there is no task whose id begins with '\(word)'")
        #expect(failure.hint?.contains("minsky add -- \(word)") == true)
        #expect(try minsky.count("tasks") == 0)
    }

    @Test(arguments: ["Refactor", "refactor", "GDPR", "Phase2", "Rest", "party", "README"])
    func aWordIsATitle(word: String) throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.run("tasks", "decompose", "-y", word)
        #expect(result.exitCode == 0)
        #expect(try minsky.json("list").titles.first == word)
        let said = "“\(word)” is the title of a new task, as no id begins like that."
        let couldBeAnId = Identifier.prefix(word) != nil
        #expect(result.errors.contains(said) == couldBeAnId, "\(result.errors)")
    }

    @Test func aTitleOfSeveralWordsNeedsNoWord() throws {
        let minsky = try Minsky(.sqlite)
        #expect(try !minsky.run("tasks", "decompose", "-y", "Plan a party").errors.contains("is the title"))
        let id = try minsky.add("A")
        #expect(try !minsky.run("tasks", "decompose", "-y", id).errors.contains("is the title"))
    }
}
