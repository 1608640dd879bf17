import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("A key from standard input")
struct KeyInputTests {
    static let key = SecretsTests.key

    @Test(arguments: ["", "\n", "\r\n", " \n\n"])
    func isKeptLikeOneFromTheCommand(end: String) throws {
        let minsky = try Minsky(.sqlite)
        for name in ["ai.apiKey", "ai.embedding.apiKey"] {
            let result = try minsky.run("config", "set", name, input: .text(Self.key + end))
            #expect(result.exitCode == 0)
            #expect(result.output == "Set \(name) in \(minsky.secrets)\n")
            #expect(result.errors == "")
        }
        #expect(try minsky.text(minsky.secrets).contains("apiKey = \"\(Self.key)\""))
        #expect(try minsky.mode(minsky.secrets) == 0o600)
    }

    @Test func isNotShownWhileItIsTyped() throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.shell(
            """
            (sleep 1; echo '\(Self.key)'; sleep 1) | script -qec '"$minsky" config set ai.apiKey' /dev/null
            """)
        #expect(result.output.contains("ai.apiKey: "))
        #expect(result.output.contains("Set ai.apiKey in"))
        #expect(!result.output.contains("canary"))
        #expect(try minsky.text(minsky.secrets).contains(Self.key))
    }

    @Test(arguments: [ChildProcess.Input.empty, .closed, .text(" \n"), .text("two words"), .text("a\nb\n")])
    func isNeitherEmptyNorSeveralWords(input: ChildProcess.Input) throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.run("config", "set", "ai.apiKey", input: input)
        #expect(result.exitCode == 2)
        #expect(!minsky.exists(minsky.secrets))
    }

    @Test func otherSettingsNeedTheirValue() throws {
        let minsky = try Minsky(.sqlite)
        let result = try minsky.run("config", "set", "ai.model", input: .text("m"))
        #expect(result.exitCode == 2)
        #expect(result.errors.contains("ai.model needs a value"))
        #expect(try minsky.failure("config", "get", "ai.model").exitCode == 3)
    }
}
