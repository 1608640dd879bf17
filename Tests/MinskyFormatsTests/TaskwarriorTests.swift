import MinskyFormats
import MinskyModel
import Testing

struct TaskwarriorTests {
    @Test func anExportIsReadInFull() throws {
        let read = try imported(try fixture("taskwarrior.json"), as: "taskwarrior")
        #expect(read.skipped.isEmpty)
        #expect(
            read.warnings.map(\.description) == [
                "line 3, “22222222-2222-4222-8222-222222222222”, “dependency”: “99999999-9999-4999-8999-999999999999” is not there; left out"
            ])
        let first = try read.record("11111111-1111-4111-8111-111111111111")
        #expect(first.line == 2)
        #expect(
            first.fields == [
                "id": "taskwarrior:11111111-1111-4111-8111-111111111111", "title": "Renew the certificate",
                "status": "todo", "priority": "high", "tags": ["ops", "urgent"],
                "dependsOn": ["taskwarrior:22222222-2222-4222-8222-222222222222"], "project": "ops.tls",
                "dueAt": "2026-12-01T22:59:59.000000Z", "waitUntil": "2026-11-15T00:00:00.000000Z",
                "scheduledAt": "2026-11-20T08:00:00.000000Z", "untilAt": "2027-01-01T00:00:00.000000Z",
                "createdAt": "2026-11-01T08:00:00.000000Z", "updatedAt": "2026-11-02T09:00:00.000000Z",
                "notes": [
                    ["text": "Ask Ada for the key", "createdAt": "2026-11-02T10:00:00.000000Z"],
                    ["text": "https://example.com/a?b=c", "createdAt": "2026-11-03T10:00:00.000000Z"],
                ],
                "metadata": ["effort": .number(try #require(JSON(parsing: "3.500000").number)), "estimate": "2h"],
            ])
        let started = try read.record("22222222-2222-4222-8222-222222222222")
        #expect(started.status == .doing && started.title == "Order \"new\" hardware\nwith a second line")
        #expect(started.startedAt == started.updatedAt && started.dependsOn.count == 1)
        let done = try read.record("33333333-3333-4333-8333-333333333333")
        #expect(done.status == .done && done.createdAt == moment("2026-11-01T08:00:00Z"))
        #expect(done.completedAt == moment("2026-11-04T08:00:00Z"))
        #expect(try read.record("44444444-4444-4444-8444-444444444444").status == .dropped)
    }

    /// A series and its instances say what they are in attributes that are not minsky's.
    @Test func recurrenceSurvives() throws {
        let read = try imported(try fixture("taskwarrior.json"), as: "taskwarrior")
        let series = try read.record("55555555-5555-4555-8555-555555555555")
        #expect(
            series.recurrence == "weekly" && series.status == .todo && series[metadata: "originalStatus"] == "recurring"
        )
        #expect(series[metadata: "mask"] == "-+" && series[metadata: "rtype"] == "periodic")
        let instance = try read.record("66666666-6666-4666-8666-666666666666")
        #expect(
            instance[metadata: "parent"] == "55555555-5555-4555-8555-555555555555" && instance[metadata: "imask"] == 1)
        #expect(instance.parent == nil && instance.dependsOn.map(\.id) == ["33333333-3333-4333-8333-333333333333"])
        let text = String(decoding: try exported(read.records, as: "taskwarrior").bytes, as: UTF8.self)
        #expect(
            text.contains(#""status":"recurring""#) && text.contains(#""mask":"-+""#) && text.contains(#""imask":1"#))
        #expect(!text.contains(#""minsky""#))
    }

    @Test func dataFilesAreRead() throws {
        let read = try imported(try fixture("pending.data"), as: "taskwarrior")
        #expect(read.skipped.map(\.line) == [2] && read.warnings.isEmpty)
        let record = try read.record("77777777-7777-4777-8777-777777777777")
        #expect(record.title == "Paint the [old] \"fence\"" && record.tags == ["garden", "weekend"])
        #expect(record.priority == .medium && record.project == "home" && record[metadata: "size"] == "big/small")
        #expect(record.createdAt == moment("2026-11-01T08:00:00Z"))
        #expect(record.notes.map(\.text) == ["Blue, not green: ask"])
        #expect(record.notes.first?.createdAt == moment("2026-11-02T08:00:00Z"))
        #expect(record.dependsOn.map(\.id) == ["88888888-8888-4888-8888-888888888888"])
        #expect(try read.record("88888888-8888-4888-8888-888888888888").status == .done)
    }

    @Test func anObjectAloneAndOneALineAreRead() throws {
        #expect(try imported(#"{"uuid":"a","description":"A"}"#, as: "taskwarrior").records.map(\.title) == ["A"])
        let lines = "{\"uuid\":\"a\",\"description\":\"A\"},\n{\"uuid\":\"b\",\"description\":\"B\"}\n"
        #expect(try imported(lines, as: "taskwarrior").records.map(\.title) == ["A", "B"])
    }

    @Test func whatCannotBeUnderstoodIsKeptAndNamed() throws {
        let read = try imported(
            #"{"uuid":"a","description":"A","due":"soon","status":"odd","priority":"X","tags":7,"entry":99999999999999}"#,
            as: "taskwarrior")
        let record = try #require(read.records.first)
        #expect(Set(read.warnings.compactMap(\.field)) == ["due", "status", "priority", "tags", "entry"])
        #expect(
            JSON.object(record.metadata).canonical == [
                "originalDue": "soon", "originalEntry": 99_999_999_999_999, "originalPriority": "X",
                "originalStatus": "odd",
                "originalTags": 7,
            ])
    }

    @Test func aTaskWithoutADescriptionIsSkipped() throws {
        let read = try imported(#"[{"uuid":"a","description":" "},{"uuid":"b"}]"#, as: "taskwarrior")
        #expect(read.records.isEmpty && read.skipped.map(\.reference) == ["a", "b"])
    }

    /// A task of minsky gets a uuid that holds its id, so that it is known when it comes back.
    @Test func idsOfMinskyTravelAsUUIDs() throws {
        let record = TaskRecord(reference: Reference(minsky: "0123456789abcdef"), title: "A")
        let text = String(decoding: try exported([record], as: "taskwarrior").bytes, as: UTF8.self)
        let uuid = try #require(try JSON(parsing: text).array?.first?["uuid"]?.string)
        // 80 bits in the hexadecimal digits behind the mark, version 8 and variant 2 (RFC 9562).
        #expect(uuid == "6d696e73-0044-8321-8004-c74254b635cf")
        for spelling in [uuid, uuid.uppercased()] {
            let read = try imported(#"{"uuid":"\#(spelling)","description":"A"}"#, as: "taskwarrior")
            #expect(read.records.map(\.reference) == [record.reference])
        }
    }

    @Test func namesOfOtherProgramsAreReportedNotInvented() throws {
        var record = TaskRecord(reference: Reference(source: "taskwarrior", id: "a"), title: "A")
        record.dependsOn = [Reference(source: "beads", id: "bd-1")]
        let other = TaskRecord(reference: Reference(source: "beads", id: "bd-1"), title: "B")
        let (bytes, losses) = try exported([record, other], as: "taskwarrior")
        #expect(losses.map(\.field) == ["dependsOn", "id"])
        #expect(try imported(bytes, as: "taskwarrior").records.map(\.title) == ["A"])
    }
}
