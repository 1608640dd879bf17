import Foundation
import MinskyModel
import TestSupport
import Testing

@Suite("Editing config.toml")
struct ConfigurationFileTests {
    @Test func setAndUnsetLeaveTheRestAsItIs() throws {
        let minsky = try Minsky(.sqlite)
        let before = try minsky.text(minsky.configuration)
        try minsky.ok("config", "set", "ai.model", "qwen")
        let after = try minsky.text(minsky.configuration)
        #expect(after.split(separator: "\n").filter { $0 != "model = \"qwen\"" } == before.split(separator: "\n"))
        #expect(try minsky.ok("config", "get", "ai.model") == "qwen\n")
        try minsky.ok("config", "unset", "ai.model")
        #expect(try minsky.text(minsky.configuration) == before)
    }

    @Test func aFileThatCannotBeEditedSafelyStaysAsItIs() throws {
        let minsky = try Minsky(.sqlite)
        let text = "ai = { model = \"old\", provider = \"builtin\" } # one line\n"
        try minsky.write(text, to: minsky.configuration)
        let failure = try minsky.failure("config", "set", "ai.model", "new")
        #expect(failure.exitCode == 1)
        #expect(failure.hint == "Edit it by hand.")
        #expect(try minsky.text(minsky.configuration) == text)
        #expect(try minsky.ok("config", "get", "ai.model") == "old\n")
    }

    @Test func aMistakeIsNamedWithItsPlace() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write("[ai]\nmodel = \"m\"\nprovider == 1\n", to: minsky.configuration)
        for command in [["list"], ["config", "set", "ai.model", "n"]] {
            let result = try minsky.start(["--json"] + command).wait()
            #expect(result.exitCode == 1)
            #expect(result.errors.contains("\(minsky.configuration), line 3, column 11: "))
        }
        #expect(try minsky.text(minsky.configuration).contains("provider == 1"))
    }

    @Test func anUnknownSettingInTheFileIsMentionedByDoctor() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write("[ai]\nmodle = \"m\"\n[other]\nthing = 1\n", to: minsky.configuration)
        #expect(try minsky.json("list") == [], "it keeps nothing from working")
        let doctor = try minsky.run("doctor")
        #expect(doctor.exitCode == 0)
        #expect(doctor.output.contains("unknown settings: ai.modle (ai.model?), other.thing"))
    }

    @Test func pathsAreTold() throws {
        let minsky = try Minsky(.sqlite)
        let expected: JSON = [
            "workspace": .string(minsky.configuration), "user": .string(minsky.userFolder + "/config.toml"),
            "secrets": .string(minsky.secrets),
        ]
        #expect(try minsky.json("config", "path") == expected)
        #expect(
            try minsky.run("config", "path", environment: ["COLUMNS": "200"]).lines[0]
                == "workspace  \(minsky.configuration)")
    }

    @Test func editingKeepsThePermissions() throws {
        let minsky = try Minsky(.sqlite)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: minsky.configuration)
        try minsky.ok("config", "set", "ai.model", "m")
        #expect(try minsky.mode(minsky.configuration) == 0o600)
    }

    @Test func aLinkedFileStaysALink() throws {
        let minsky = try Minsky(.sqlite)
        let target = minsky.home + "/dotfiles/minsky.toml"
        try minsky.write("# kept elsewhere\n", to: target)
        try FileManager.default.createDirectory(atPath: minsky.userFolder, withIntermediateDirectories: true)
        let link = minsky.userFolder + "/config.toml"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        try minsky.ok("config", "set", "--global", "ai.model", "m")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
        #expect(try minsky.text(target) == "# kept elsewhere\n\n[ai]\nmodel = \"m\"\n")
    }

    @Test func removingWhatIsNotThereMakesNoFile() throws {
        let minsky = try Minsky(.sqlite)
        for arguments in [["ai.model"], ["--global", "ai.model"], ["ai.apiKey"]] {
            try minsky.ok(["config", "unset"] + arguments)
        }
        #expect(try minsky.files(below: minsky.home) == [])
    }

    @Test func nothingIsLeftBeside() throws {
        let minsky = try Minsky(.sqlite)
        for number in 1...3 { try minsky.ok("config", "set", "ai.timeoutSeconds", "\(number)") }
        let names = try minsky.files(below: minsky.workspace).map { $0.dropFirst(minsky.workspace.count + 1) }
        #expect(names.sorted() == [".gitignore", "config.toml", "tasks.db"])
    }
}
