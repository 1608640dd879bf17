import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Errors say what is wrong, not what noticed it")
struct PlainErrorTests {
    @Test(arguments: Storage.allCases)
    func aRuleOfTheSchemaIsToldInWords(storage: Storage) throws {
        let minsky = try Minsky(storage)
        let long = String(repeating: "x", count: 201)
        for (failure, words) in [
            (try minsky.failure("add", "A", "--tag", long), "a tag has at most 200 characters"),
            (
                try minsky.failure("add", "A", environment: ["MINSKY_ACTOR": long]),
                "the name of an actor has at most 200 characters"
            ),
        ] {
            #expect(failure.exitCode == 1)
            #expect(failure.message.hasSuffix(words))
            #expect(!failure.message.lowercased().contains("constraint"))
        }
        #expect(try minsky.count("tasks") == 0)
    }

    @Test func aFileThatCannotBeReadIsToldInWords() throws {
        let minsky = try Minsky(.sqlite)
        try FileManager.default.createDirectory(
            atPath: minsky.userFolder + "/config.toml", withIntermediateDirectories: true)
        let failure = try minsky.failure("list")
        #expect(failure.message == "\(minsky.userFolder)/config.toml cannot be read: Is a directory")
        let other = try Minsky()
        try other.write("", to: other.folder + "/file")
        let made = try other.failure("init", "-C", "file")
        #expect(made.message == "the folder \(other.folder)/file/.minsky cannot be made: Not a directory")
        #expect(!(failure.message + made.message).contains("NSCocoa"))
    }
}
