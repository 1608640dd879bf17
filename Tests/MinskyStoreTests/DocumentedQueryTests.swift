import Foundation
import MinskyModel
import MinskyStore
import TestSupport
import Testing

/// What docs/backends.md shows to people with a BI tool or an ORM is run as it stands there.
@Suite("Queries in the documentation")
struct DocumentedQueryTests {
    /// The blocks of SQL in docs/backends.md.
    private static func blocks() throws -> [String] {
        let root = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let text = try String(contentsOf: root.appendingPathComponent("docs/backends.md"), encoding: .utf8)
        return text.components(separatedBy: "```sql\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    @Test func runAndFindWhatTheySay() throws {
        let fixture = try StoreFixture(.postgres)
        let done = try fixture.add("Old") {
            $0.status = .done
            $0.completedAt = StoreFixture.start
            $0.estimateMinutes = 90
        }
        let open = try fixture.add("Renew the certificate") {
            $0.tags = ["b", "a"]
            $0.metadata = ["customer": "acme"]
        }
        try fixture.add("Waits") { $0.dependsOn = [open.id] }
        let role = "reporting_\(fixture.storage.location)"
        defer { _ = try? fixture.storage.runShell("DROP OWNED BY \(role); DROP ROLE \(role)") }
        let answers = try Self.blocks().map { block in
            let statement = block.replacing("SCHEMA minsky", with: "SCHEMA \(fixture.storage.location)")
                .replacing("reporting", with: role)
            return try fixture.storage.runShell("SET search_path TO \(fixture.storage.location); " + statement)
        }
        #expect(answers.count == 6)
        #expect(answers[0].contains("|–|1|1.5\n"))
        #expect(answers[1] == "\(open.id)|Renew the certificate|{a,b}\n")
        #expect(answers[2] == String(repeating: "\(open.id)|Renew the certificate\n", count: 2))
        #expect(answers[3].contains("|tasks|\(done.id)|insert|"))
        let last = try #require(try fixture.store.operations(after: 0).last)
        #expect(last.actor == "crm")
        #expect(last.command == "sql")
        #expect(try fixture.disagreements().isEmpty)
        #expect(answers[5] == "")
    }
}
