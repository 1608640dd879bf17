import MinskyFormats
import MinskyModel
import Testing

struct TodoTxtTests {
    private let berlin = FormatOptions { _ in 3600 }

    @Test func linesAreRead() throws {
        let read = try imported(try fixture("todo.txt"), as: "todotxt", options: berlin)
        #expect(read.skipped.isEmpty)
        #expect(
            read.warnings.map(\.description) == [
                "line 5, “Pay the rent”, “due”: “soon” is not understood, or comes twice; kept in the metadata"
            ])
        #expect(
            read.records.map(\.title) == [
                "Call phone Mom", "Buy milk", "Only a day of its end", "Pay the rent",
                "Read http://example.com/a:b at 10:30 with note:this inline", "Paint", "Sand", "Pay the rent",
                "+only @labels",
            ])
        let call = read.records[0]
        #expect(call.priority == .critical && call.tags == ["phone"] && call.project == "family")
        #expect(call.createdAt == moment("2026-10-31T23:00:00Z") && call.dueAt == moment("2026-11-24T22:59:59Z"))
        let milk = read.records[1]
        #expect(milk.status == .done && milk.priority == .high && milk.tags == ["shop"])
        #expect(milk.completedAt == moment("2026-11-19T23:00:00Z") && milk.createdAt == moment("2026-10-31T23:00:00Z"))
        #expect(read.records[2].completedAt == milk.completedAt && read.records[2].createdAt == nil)
        let rent = read.records[3]
        #expect(rent.waitUntil == moment("2026-11-27T23:00:00Z") && rent.recurrence == "+1m")
        #expect(rent.project == "home" && rent.tags == ["+money"])
        #expect(JSON.object(rent.metadata).canonical == ["h": "1", "originalDue": "soon"])
        #expect(read.records[4][metadata: "key"] == "value" && read.records[4].priority == .low)
        #expect(read.records[4][metadata: "originalPriority"] == "Z")
        #expect(
            read.records[6].parent == read.records[5].reference
                && read.records[6].dependsOn == [read.records[5].reference])
        #expect(read.records[3].reference.id == "Pay the rent" && read.records[7].reference.id == "Pay the rent #2")
    }

    @Test func linesAreWritten() throws {
        let read = try imported(try fixture("todo.txt"), as: "todotxt", options: berlin)
        let text = String(decoding: try exported(read.records, as: "todotxt", options: berlin).bytes, as: UTF8.self)
        #expect(
            text == """
                (A) 2026-11-01 Call phone Mom +family @phone due:2026-11-24
                x 2026-11-20 2026-11-01 (B) Buy milk +home @shop
                x 2026-11-20 Only a day of its end
                Pay the rent +home +money t:2026-11-28 rec:+1m h:1 originalDue:soon
                (Z) Read http://example.com/a:b at 10:30 with note:this inline key:value
                Paint @home id:1
                Sand p:1 dep:1
                Pay the rent
                (A) \\+only \\@labels +only @labels

                """)
    }

    @Test func whatALineCannotSayIsReported() throws {
        let record = TaskRecord.full(Reference(minsky: "zzzzzzzzzzzzzzzz"))
        let (bytes, losses) = try exported([record], as: "todotxt")
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "x 2026-11-04 2026-11-01 (A) Renew the certificate +ops.tls @ops @tls due:2026-12-01 t:2026-11-28 "
                + "scheduled:2026-11-29 until:2027-01-01 rec:every%202%20weeks est:95m cx:3 assignee:Ada%20Lovelace "
                + "status:dropped size:big id:zzzzzzzzzzzzzzzz\n")
        #expect(
            Set(losses.compactMap(\.field)) == [
                "description", "complexityReason", "dueAt", "waitUntil", "scheduledAt", "untilAt", "createdAt",
                "createdBy",
                "updatedAt", "startedAt", "completedAt", "externalRef", "notes", "metadata",
            ])
    }

    /// Words that would be taken for something else keep what they are.
    @Test(arguments: [
        "x marks the spot", "(A) is a grade", "2026-01-01 was a day", "Mail @ada about +1", "Set due:2026-01-01",
        "End a:b",
        "\\escaped", "C++ and a@b.c", "Two  spaces", "a:b c:d", "+", "@ x",
    ])
    func titlesAreReadBack(title: String) throws {
        let record = TaskRecord(reference: Reference(minsky: "zzzzzzzzzzzzzzzz"), title: title)
        let (bytes, losses) = try exported([record], as: "todotxt")
        #expect(losses.isEmpty)
        #expect(
            try imported(bytes, as: "todotxt").records.map(\.title) == [title],
            "\(String(decoding: bytes, as: UTF8.self))")
    }
}
