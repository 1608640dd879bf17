import MinskyFormats
import MinskyModel
import Testing

struct BeadsTests {
    @Test func issuesAreRead() throws {
        let read = try imported(try fixture("issues.jsonl"), as: "beads")
        #expect(read.skipped.map(\.line) == [3, 5])
        #expect(read.skipped.first?.reason == "a line of type “memory”, not an issue")
        #expect(
            read.warnings.map(\.description) == [
                "line 2, “bd-1.1”, “dependencies”: 1 block nothing; kept in the metadata",
                "line 8, “bd-5”, “status”: “in_review” is read as open and kept in the metadata",
                "line 2, “bd-1.1”, “dependency”: “bd-404” is not there; left out",
            ])
        let first = try read.record("bd-1")
        #expect(first.priority == .critical && first.status == .doing && first.estimateMinutes == 90)
        #expect(first.createdAt == moment("2026-11-01T08:00:00.123456Z"))
        #expect(first.startedAt == moment("2026-11-02T13:00:00Z"))
        #expect(first.notes.map(\.id) == ["1", "c-2"] && first.notes.map(\.author) == ["grace", "ada"])
        #expect(
            JSON.object(first.metadata).canonical == [
                "acceptance_criteria": "It works", "design": "See the wiki", "external_ref": "gh-9",
                "issue_type": "bug",
                "notes": "Twice seen", "owner": "grace", "team": "core",
            ])
        let child = try read.record("bd-1.1")
        #expect(child.parent?.id == "bd-1" && child.dependsOn.map(\.id) == ["web-7"])
        let closed = try read.record("web-7")
        #expect(
            closed.status == .done && closed.priority == nil && closed[metadata: "close_reason"] == "done elsewhere")
        #expect(closed.completedAt == moment("2026-11-01T09:00:00Z"))
        let hooked = try read.record("bd-3")
        #expect(
            hooked.status == .doing && hooked.priority == .medium && hooked.waitUntil == moment("2027-01-01T00:00:00Z"))
        #expect(try read.record("bd-4").status == .dropped)
        #expect(try read.record("bd-5")[metadata: "originalStatus"] == "in_review")
    }

    @Test func statusAndLinksAreWrittenBackAsTheyWere() throws {
        let read = try imported(try fixture("issues.jsonl"), as: "beads")
        let lines = String(decoding: try exported(read.records, as: "beads").bytes, as: UTF8.self).split(
            separator: "\n")
        let issues = try lines.map { try JSON(parsing: String($0)) }
        #expect(
            issues.map { $0["status"]?.string } == [
                "in_progress", "open", "closed", "hooked", "tombstone", "in_review",
            ])
        #expect(issues.map { $0["priority"] } == [0, 1, 4, 2, 0, 3])
        #expect(issues[0]["metadata"] == ["team": "core"] && issues[0]["design"] == "See the wiki")
        #expect(issues[0]["comments"]?.array?.compactMap { $0["id"] } == [1, "c-2"])
        let types = issues[1]["dependencies"]?.array?.compactMap { $0["type"]?.string }
        #expect(types == ["blocks", "parent-child", "discovered-from"])
    }

    /// A status that was kept is not written once the task has another.
    @Test func aStaleStatusIsNotWritten() throws {
        var record = try imported(try fixture("issues.jsonl"), as: "beads").record("bd-3")
        record.status = .done
        record.completedAt = record.updatedAt
        let text = String(decoding: try exported([record], as: "beads").bytes, as: UTF8.self)
        #expect(text.contains(#""status":"closed""#))
    }

    @Test func aMissingPriorityIsTheHighest() throws {
        #expect(try imported(#"{"id":"a","title":"A"}"#, as: "beads").records.first?.priority == .critical)
        let none = TaskRecord(reference: Reference(source: "beads", id: "a"), title: "A")
        #expect(String(decoding: try exported([none], as: "beads").bytes, as: UTF8.self).contains(#""priority":4"#))
    }
}
