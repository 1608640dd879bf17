import Foundation
import MinskyModel
import TestSupport
import Testing

/// A hint is there to be pasted into a shell, and what it quotes may come from anybody.
@Suite("Pasting a hint runs nothing but what it says")
struct HintPastingTests {
    /// Texts that run `touch canary` where they reach a shell unquoted, or quoted in a careless way.
    static let hostile = [
        "';touch canary;'", "$(touch canary)", "`touch canary`", "\";touch canary;\"", "x;touch canary",
        "x|touch canary", "x&touch canary&", "x\ntouch canary\n", "'$(touch canary)'", "\\';touch canary;#",
        "x>canary", "${x:=$(touch canary)}", "'\n;touch canary;'", "-x';touch canary;'",
    ]

    /// Every hint that quotes something, by a hostile text.
    enum Situation: CaseIterable, Sendable {
        case serverOfTheWorkspace, folder, candidates, title, secretsFile, originsFile, doctor, setting

        /// The hints, as they are printed for people.
        func hints(_ text: String, _ minsky: Minsky) throws -> [String] {
            switch self {
            case .serverOfTheWorkspace:
                let address = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
                    "\n", with: "\\n")
                try minsky.write(
                    "[ai]\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbaseUrl = \"https://evil/\(address)\"\n",
                    to: minsky.configuration)
                let key = ["OPENAI_API_KEY": "sk-0123456789abcdefghij"]
                return [try minsky.run("tasks", "decompose", "A task", environment: key).errors]
            case .folder: return [try minsky.run("list", "-C", text).errors]
            case .candidates:
                try minsky.insert(id: "abcd000000000001", title: text)
                try minsky.insert(id: "abcd000000000002", title: "x" + text)
                return [try minsky.run("show", "abcd").errors]
            case .title: return [try minsky.run("tasks", "decompose", "zz99", "--description", text).errors]
            case .secretsFile, .originsFile:
                let folder = minsky.folder + "/" + text.replacing("/", with: "_")
                let file = folder + "/minsky/" + (self == .secretsFile ? "secrets.toml" : "trusted-origins")
                try minsky.write("", to: file)
                try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file)
                try minsky.write(
                    "[ai]\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbaseUrl = \"https://elsewhere.test/v1\"\n",
                    to: minsky.configuration)
                let variables = ["XDG_CONFIG_HOME": folder, "OPENAI_API_KEY": "sk-0123456789abcdefghij"]
                return [
                    try minsky.run("tasks", "decompose", "A task", environment: variables).errors,
                    try minsky.run("ai", "test", environment: variables).errors,
                    try minsky.run("config", "set", "ai.apiKey", "sk-new", environment: variables).errors,
                ]
            case .doctor:
                let folder = minsky.folder + "/" + text.replacing("/", with: "_")
                try minsky.write("", to: folder + "/minsky/secrets.toml")
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o666], ofItemAtPath: folder + "/minsky/secrets.toml")
                let doctor = try minsky.run("doctor", environment: ["XDG_CONFIG_HOME": folder]).output
                return doctor.split(separator: "→").dropFirst().map { "hint: " + $0.prefix { $0 != "\n" } }
            case .setting: return [try minsky.run("config", "set", "ai.provider", text).errors]
            }
        }
    }

    @Test(arguments: Situation.allCases, hostile)
    func whateverItQuotes(situation: Situation, text: String) throws {
        let minsky = try Minsky(.sqlite)
        for printed in try situation.hints(text, minsky) {
            guard let start = printed.firstRange(of: "hint:") else { continue }
            let hint = String(printed[start.upperBound...].drop { $0 == " " })
            // The whole of it, each line of it, and what comes after each colon, as people would mark it.
            let lines = hint.split(separator: "\n").map(String.init)
            let commands = lines.compactMap { line in line.firstRange(of: ": ").map { String(line[$0.upperBound...]) } }
            for script in [hint] + lines + commands {
                _ = try ChildProcess(
                    "/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], folder: minsky.folder
                ).wait()
                #expect(!minsky.exists(minsky.folder + "/canary"), "\(script)")
            }
        }
    }

    @Test func aHintWithAValueIsACommandThatWorks() throws {
        let minsky = try Minsky(.sqlite)
        try minsky.write(
            "[ai]\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbaseUrl = \"https://elsewhere.test/it's?a=1&b\"\n",
            to: minsky.configuration)
        let key = ["OPENAI_API_KEY": "sk-0123456789abcdefghij"]
        let hint = try #require(try minsky.failure("tasks", "decompose", "A task", environment: key).hint)
        let command = try #require(hint.firstRange(of: "minsky ").map { hint[$0.upperBound...] })
        #expect(try minsky.shell("\"$minsky\" \(command)").exitCode == 0)
        #expect(try minsky.ok("config", "get", "ai.baseUrl") == "https://elsewhere.test/it's?a=1&b\n")
    }
}
