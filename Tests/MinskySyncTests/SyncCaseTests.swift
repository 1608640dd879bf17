import Foundation
import MinskyModel
import MinskySQL
import TestSupport
import Testing

@testable import MinskyStore

/// The tables of docs/sync.md are carried out: what is written there is what happens. With `MINSKY_RECORD_TRANSCRIPTS=1` the
/// outcomes are written there instead.
@Suite(.serialized)
struct SyncCaseTests {
    static let kinds: [TestDatabase] = [.sqliteMemory, .postgres]

    @Test(arguments: SyncStrategy.allCases, kinds)
    func whatIsWrittenOfAStrategyIsWhatHappens(strategy: SyncStrategy, kind: TestDatabase) throws {
        var document = try Document()
        let lines = try document.cases(of: strategy)
        #expect(lines.count >= 25)
        let play = try Play(strategy, kind)
        for (number, line) in lines {
            let cells = Document.cells(line)
            guard cells.count == 5 else {
                Issue.record("line \(number + 1) of docs/sync.md has \(cells.count) cells")
                continue
            }
            let edits = SyncCase(
                before: Document.spans(cells[0]), ada: Document.spans(cells[1]), bob: Document.spans(cells[2]))
            let found = try [true, false].map { isAdaFirst in
                do {
                    return try play.run(edits, isAdaFirst: isAdaFirst)
                } catch {
                    Issue.record("line \(number + 1) of docs/sync.md: \(error) \((error as? SQLError)?.sql ?? "")")
                    throw error
                }
            }
            if document.isRecording {
                let columns = (cells[..<3] + found).map { $0.isEmpty ? " " : " \($0) " }
                document.lines[number] = "|\(columns.joined(separator: "|"))|"
                continue
            }
            #expect(found[0] == cells[3], "line \(number + 1) of docs/sync.md, Ada first")
            #expect(found[1] == cells[4], "line \(number + 1) of docs/sync.md, Bob first")
        }
        if document.isRecording { try document.write() }
        #expect(try play.sites.differences(play.ada, play.bob).isEmpty)
    }

    /// docs/data-ownership.md tells of every table whose it is, and says of policies what holds.
    @Test func everyTableHasAnOwner() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/data-ownership.md")
        let lines = try String(contentsOf: path, encoding: .utf8).components(separatedBy: "\n")
        for table in Schema.current.tables {
            let line = try #require(
                lines.first { Document.spans(Document.cells($0).first ?? "").contains(table.name) }
                    ?? lines.first {
                        table.role == .log && $0.hasPrefix("`operations` and `changes`")
                    }, "\(table.name) is missing")
            guard table.isDomain else { continue }
            let policy = Document.cells(line)[4]
            #expect(policy.hasPrefix(SyncPolicies()[table.name].rawValue), "\(table.name)")
            let isFixed = ["conflicts", "sync_strategies", "actors"].contains(table.name)
            #expect(policy.hasSuffix("always") == isFixed, "\(table.name)")
        }
    }

    /// An upstream with one strategy, and two people.
    private final class Play {
        let sites: SyncSites
        let ada: Store
        let bob: Store
        private var number = 0

        init(_ strategy: SyncStrategy, _ kind: TestDatabase) throws {
            sites = try SyncSites(upstream: kind, strategy: strategy)
            ada = try sites.clone("ada")
            bob = try sites.clone("bob")
        }

        func run(_ edits: SyncCase, isAdaFirst: Bool) throws -> String {
            number += 1
            let names = SyncCase.Names(number: number)
            for words in ["T: add", "P: add", "Q: add"] + edits.before {
                try sites.edit(sites.upstream, "owner") { try SyncCase.perform(words, names, $0) }
            }
            try sites.sync(ada, bob)
            let head = try sites.upstream.database.read { try Replica.Cursor($0).sequence }
            for words in edits.ada {
                let id = try sites.edit(ada, "ada") { try SyncCase.perform(words, names, $0) }
                try sites.shiftClock(ada, of: id, seconds: -10)
            }
            for words in edits.bob { try sites.edit(bob, "bob") { try SyncCase.perform(words, names, $0) } }
            let meant = try [ada, bob].flatMap { try $0.read { try $0.operations(where: "sequence IS NULL") } }
            if isAdaFirst { try sites.sync(ada, bob, ada) } else { try sites.sync(bob, ada, bob) }
            let done = try sites.upstream.operations(after: head)
            return try SyncCase.outcome(meant + done, in: sites, names)
        }
    }

    /// docs/sync.md.
    private struct Document {
        private static let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../docs/sync.md")
        let isRecording = ProcessInfo.processInfo.environment["MINSKY_RECORD_TRANSCRIPTS"] == "1"
        var lines: [String]

        init() throws {
            lines = try String(contentsOf: Self.path, encoding: .utf8).components(separatedBy: "\n")
        }

        func write() throws {
            try lines.joined(separator: "\n").write(to: Self.path, atomically: true, encoding: .utf8)
        }

        /// The lines of a strategy's table, with their places.
        func cases(of strategy: SyncStrategy) throws -> [(Int, String)] {
            let start = try #require(lines.firstIndex(of: "### `\(strategy.rawValue)`"))
            let end = lines[(start + 1)...].firstIndex { $0.hasPrefix("#") } ?? lines.endIndex
            return lines[start..<end].enumerated().map { ($0 + start, $1) }.filter { $0.1.hasPrefix("|") }
                .dropFirst(2).map { $0 }
        }

        static func cells(_ line: String) -> [String] {
            line.components(separatedBy: "|").dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }

        /// What stands between backticks.
        static func spans(_ cell: String) -> [String] {
            cell.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        }
    }
}
