import MinskyFormats
import MinskyModel
import Testing

struct CSVTests {
    @Test func tablesOfOthersAreRead() throws {
        let read = try imported(try fixture("tasks.csv"), as: "csv", options: FormatOptions { _ in 3600 })
        #expect(read.records.map(\.title) == ["Renew the certificate", "Say \"hello\"", "Broken"])
        let first = read.records[0]
        #expect(first.status == .doing && first.priority == .high && first.dueAt == moment("2026-12-01T22:59:59Z"))
        #expect(first.tags == ["ops", "tls"] && first.estimateMinutes == 90 && first[metadata: "Sprint"] == "12")
        #expect(first.notes.map(\.text) == ["Ask Ada;\nshe knows"] && read.records[1].line == 4)
        #expect(read.records[1].status == .done && read.skipped.map(\.line) == [5])
        #expect(
            read.warnings.map(\.description) == [
                "line 6, “status”: “\"maybe\"” is not a status; kept in the metadata",
                "line 6, “dueAt”: “\"tomorrowish\"” is not a date; kept in the metadata",
            ])
    }

    @Test func aTableWithoutTitlesIsRefused() throws {
        let read = try imported("a,b\n1,2\n", as: "csv")
        #expect(read.records.isEmpty && read.skipped.map(\.line) == [1, 2])
    }

    /// RFC 4180, section 2.
    @Test func cellsAreQuoted() throws {
        var record = TaskRecord(reference: Reference(minsky: "zzzzzzzzzzzzzzzz"), title: "a,b \"c\"\r\nd")
        record.assignee = "=HYPERLINK(\"x\")"
        let text = String(decoding: try exported([record], as: "csv").bytes, as: UTF8.self)
        #expect(text.hasPrefix("id,title,description,status,"))
        #expect(text.contains("\r\nzzzzzzzzzzzzzzzz,\"a,b \"\"c\"\"\r\nd\",,todo,"))
        // A spreadsheet must not run it.
        #expect(text.contains(",\"'=HYPERLINK(\"\"x\"\")\","))
        #expect(try imported(text, as: "csv").records.map(\.fields) == [record.fields])
    }

    @Test func anOpenQuotationMarkIsNamed() throws {
        let read = try imported("title,x\nA,1\nB,\"open\nC,2\n", as: "csv")
        #expect(read.records.map(\.title) == ["A"] && read.skipped.map(\.line) == [3])
    }
}
