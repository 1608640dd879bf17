import Foundation
import MinskyApp
import MinskyModel
import Synchronization
import TestSupport
import Testing

@testable import MinskyCLI

/// Runs what the documentation shows, with a clock that stands still and ids from a seed, and compares every line.
///
/// With `MINSKY_RECORD_TRANSCRIPTS=1` it writes what was printed into the files instead.
@Suite("Transcripts in the documentation")
struct TranscriptTests {
    /// A person's machine in the documentation: `ada` works in `/tmp/shop`, on a Saturday.
    private final class Session: Sendable {
        private static let shown = "/tmp/shop"
        private let scratch: ScratchFolder
        private let folder: String
        private let environment: Environment
        private let output = Mutex("")
        /// The schema in PostgreSQL that holds the tasks, if they are there.
        private let schema: String?
        /// A database in the documentation, and the schema in the tests' own that stands for it.
        private static let server = "postgresql://ada@db.example/acme"
        private let upgraded = "shop_\(UInt64.random(in: 0...UInt64.max))"

        init(_ storage: Storage = .sqlite) throws {
            scratch = try ScratchFolder()
            folder = scratch.path + "/shop"
            for path in [folder, scratch.path + "/home"] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            schema = storage == .postgres ? "shop_\(UInt64.random(in: 0...UInt64.max))" : nil
            var variables: [String: String] = [:]
            if let schema {
                variables = ["MINSKY_DATABASE_URL": try TestStorage.postgresURL(), "MINSKY_DATABASE_SCHEMA": schema]
            }
            let random = Mutex(SeededGenerator(seed: 2026))
            let now = try #require(Timestamp(iso8601: "2026-11-21T09:30:00Z"))
            environment = Environment(
                variables: variables, workingDirectory: folder, homeDirectory: scratch.path + "/home", userName: "ada",
                now: { now }, newID: { random.withLock { Identifier.random(using: &$0) } }, utcOffset: { _ in 0 })
        }

        deinit {
            scratch.remove()
            guard let url = try? TestStorage.postgresURL() else { return }
            _ = try? Process.output(
                "psql", [url, "-qXc", "DROP SCHEMA IF EXISTS \(schema ?? upgraded), \(upgraded) CASCADE"])
        }

        /// Runs one command and returns what it printed.
        func run(_ command: String) async throws -> String {
            let all = try #require(Transcript.words(command)).map(onDisk)
            // `COLUMNS=100 minsky …`
            let assignments = all.prefix { $0.contains(/^[A-Z_]+=/) }
            var environment = self.environment
            for assignment in assignments {
                let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                environment.variables[String(parts[0])] = String(parts[1])
            }
            var words = Array(all.dropFirst(assignments.count))
            if let place = words.firstIndex(of: Self.server) {
                words.replaceSubrange(
                    place...place, with: [try TestStorage.postgresURL(), "--schema", upgraded])
            }
            switch words.first {
            case "cp" where words.count == 4 && words[1] == "-r":
                try FileManager.default.copyItem(atPath: TranscriptTests.root + "/" + words[2], toPath: words[3])
                return ""
            case "cp" where words.count == 3:
                let bytes = words[1] == "/dev/null" ? Data() : try Data(contentsOf: URL(fileURLWithPath: words[1]))
                try bytes.write(to: URL(fileURLWithPath: words[2]))
                return ""
            case "cd": return ""
            case "minsky":
                output.withLock { $0 = "" }
                let streams = Streams(
                    write: { [self] text, _ in output.withLock { $0 += text } },
                    writeJSON: { [self] json, layout, _ in output.withLock { $0 += json.text(layout) + "\n" } },
                    isTerminal: { _ in false },
                    width: { $0["COLUMNS"].flatMap { Int($0) } ?? 80 })
                _ = await CommandLineTool.run(Array(words.dropFirst()), in: environment, streams)
                let url = try TestStorage.postgresURL()
                return output.withLock { printed in
                    [(folder, Self.shown), (url, Self.server), (upgraded, "minsky")].reduce(printed) { text, names in
                        text.split(separator: names.0, omittingEmptySubsequences: false).joined(separator: names.1)
                    }
                }
            default: throw ProcessFailure("a transcript cannot run '\(command)'")
            }
        }

        private func onDisk(_ word: String) -> String {
            word == Self.shown || word.hasPrefix(Self.shown + "/") ? folder + word.dropFirst(Self.shown.count) : word
        }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static func files() throws -> [String] {
        let docs = try FileManager.default.contentsOfDirectory(atPath: root + "/docs").filter { $0.hasSuffix(".md") }
        return ["README.md", ".minsky-sample/README.md"] + docs.sorted().map { "docs/" + $0 }
    }

    /// The database takes the moments of the log from its own clock.
    private static func masked(_ text: String) -> [String] {
        var lines = text.lines.map { $0.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d/, with: "…") }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    @Test func areWhatTheProgramPrints() async throws {
        setlocale(LC_CTYPE, "C.UTF-8")
        let isRecording = ProcessInfo.processInfo.environment["MINSKY_RECORD_TRANSCRIPTS"] == "1"
        var count = 0
        for file in try Self.files() {
            let path = Self.root + "/" + file
            var lines = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8).lines
            for var transcript in Transcript.all(in: lines, of: file).reversed() {
                count += 1
                let session = try Session()
                // Where a block does not make a workspace there is one.
                if !transcript.steps.contains(where: { $0.command.hasPrefix("minsky init") }) {
                    _ = try await session.run("minsky init")
                }
                for (index, step) in transcript.steps.enumerated() {
                    let printed = try await session.run(step.command)
                    guard Self.masked(printed) != Self.masked(step.output) else { continue }
                    if isRecording {
                        let isSpaced = step.output.hasSuffix("\n\n") || step.output == "\n"
                        transcript.steps[index].output = printed + (isSpaced ? "\n" : "")
                    } else {
                        Issue.record(
                            "\(transcript.place): $ \(step.command)\nprints:\n\(printed)but shows:\n\(step.output)")
                    }
                }
                lines.replaceSubrange(transcript.range, with: transcript.text)
            }
            if isRecording {
                try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
            }
        }
        #expect(count >= 3)
    }

    /// What says where the tasks are, or moves them there.
    private static let ofAPlace: Set<String> = ["init", "doctor", "config", "upgrade", "migrate", "backup"]

    /// Nobody can tell by what is printed in which database the tasks are.
    @Test func areTheSameOnPostgreSQL() async throws {
        setlocale(LC_CTYPE, "C.UTF-8")
        var compared = 0
        for file in try Self.files() {
            let lines = try String(contentsOf: URL(fileURLWithPath: Self.root + "/" + file), encoding: .utf8).lines
            for transcript in Transcript.all(in: lines, of: file) {
                let commands = transcript.steps.map(\.command)
                // What moves the tasks, or is about their file.
                guard !commands.contains(where: { $0.contains(/minsky (upgrade|migrate)|tasks\.db/) }) else { continue }
                let sessions = (try Session(.sqlite), try Session(.postgres))
                let isMade = commands.contains { $0.hasPrefix("minsky init") }
                for command in (isMade ? [] : ["minsky init"]) + commands {
                    let printed = (try await sessions.0.run(command), try await sessions.1.run(command))
                    let verb = Transcript.words(command)?.drop { $0 != "minsky" }.dropFirst().first ?? ""
                    guard !Self.ofAPlace.contains(verb) else { continue }
                    #expect(
                        Self.masked(printed.0) == Self.masked(printed.1), "\(transcript.place): $ \(command)")
                    compared += 1
                }
            }
        }
        #expect(compared > 10)
    }
}
