import MinskyFormats
import MinskyModel
import TestSupport
import Testing

/// What is written is read back as it was, however strange the texts are.
struct RoundTripTests {
    static let names = Format.all.map(\.name)

    @Test(arguments: names.filter { $0 != "todotxt" })
    func everyFieldIsReadBack(name: String) throws {
        var parent = TaskRecord(reference: Reference(minsky: "0123456789abcdef"), title: "Above")
        parent.project = "ops.tls"
        var record = TaskRecord.full(Reference(minsky: "zzzzzzzzzzzzzzzz"))
        record.parent = parent.reference
        record.dependsOn = [Reference(minsky: "abcdefghjkmnpqrs")]
        var other = TaskRecord(reference: Reference(minsky: "abcdefghjkmnpqrs"), title: "Before")
        other.project = "ops.tls"
        let (bytes, losses) = try exported([parent, record, other], as: name)
        let read = try imported(bytes, as: name)
        #expect(losses.isEmpty && read.warnings.isEmpty && read.skipped.isEmpty)
        #expect(read.records.count == 3)
        #expect(differences(try read.record("zzzzzzzzzzzzzzzz"), record) == nil)
        #expect(differences(try read.record("0123456789abcdef"), parent) == nil)
    }

    @Test(arguments: names.filter { $0 != "todotxt" }, [1, 2, 3] as [UInt64])
    func strangeRecordsAreReadBack(name: String, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for round in 0..<40 {
            let records = RandomRecords.make(Int.random(in: 1...12, using: &generator), for: name, &generator)
            let (bytes, losses) = try exported(records, as: name)
            let read = try imported(bytes, as: name)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(losses.allSatisfy { $0.field == "dependsOn" }, "\(losses)")
            try #require(read.skipped.isEmpty, "\(round) \(read.skipped)\n\(text)")
            // A status that minsky does not know stays what it is, and is named each time.
            let warnings = read.warnings.filter { $0.field != "status" }
            try #require(warnings.isEmpty, "\(round)\n\(text)")
            try #require(read.records.count == records.count, "\(round)\n\(text)")
            for record in records {
                let found = try #require(read.records.first { $0.reference == record.reference }, "\(record)\n\(text)")
                let difference = differences(found, record)
                try #require(difference == nil, "\(round)\n\(text)")
            }
        }
    }

    /// The second time nothing changes, and what is not reported as lost is there.
    @Test(arguments: names, [11, 12, 13] as [UInt64])
    func exportImportExportIsStable(name: String, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let records = RandomRecords.make(Int.random(in: 1...8, using: &generator), for: name, &generator)
            let (first, losses) = try exported(records, as: name)
            let read = try imported(first, as: name)
            let (second, _) = try exported(read.records, as: name)
            let lines = [first, second].map { $0.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) } }
            let changed = zip(lines[0], lines[1]).first { $0 != $1 }
            try #require(changed == nil && first.count == second.count)
            for record in records {
                let lost = Set(losses.filter { $0.reference == record.reference.description }.compactMap(\.field))
                let found = try #require(
                    read.records.first { $0.reference == record.reference } ?? (lost.contains("id") ? record : nil))
                for field in RecordField.all where !lost.contains(field.key) {
                    let (value, expected) = (field.value(found).text(), field.value(record).text())
                    try #require(value == expected, "\(field.key)\n\(String(decoding: first, as: UTF8.self))")
                }
            }
        }
    }

    @Test(arguments: names)
    func nothingIsWrittenForNothing(name: String) throws {
        let read = try imported(try exported([], as: name).bytes, as: name)
        #expect(read.records.isEmpty && read.skipped.isEmpty && read.warnings.isEmpty)
    }

    /// A chain of parents is no reason to run out of stack, nor is a circle.
    @Test(arguments: names)
    func longChainsAndCirclesAreWritten(name: String) throws {
        var records = (0..<3000).map { TaskRecord(reference: RandomRecords.id($0), title: "Task \($0)") }
        for index in 1..<3000 {
            records[index].parent = records[index - 1].reference
            records[index].dependsOn = [records[index - 1].reference]
        }
        let chain = try imported(try exported(records, as: name).bytes, as: name)
        #expect(chain.records.count == 3000 && chain.warnings.isEmpty)
        #expect(chain.records.filter { $0.parent != nil }.count == 2999)
        records = Array(records.prefix(3))
        records[0].parent = records[2].reference
        let circle = try imported(try exported(records, as: name).bytes, as: name)
        #expect(circle.records.count == 3)
    }

    /// Another program changed what it knows; what was carried beside it for the old value must not come back.
    @Test(arguments: ["taskwarrior", "beads"])
    func whatAnotherProgramChangedWins(name: String) throws {
        let record = TaskRecord.full(Reference(minsky: "zzzzzzzzzzzzzzzz"))
        var text = String(decoding: try exported([record], as: name).bytes, as: UTF8.self)
        for (old, new) in [
            (#""priority":"H""#, #""priority":"L""#), (#""priority":0"#, #""priority":3"#),
            (#""due":"20261201T102030Z""#, #""due":"20261224T000000Z""#),
            (#""due_at":"2026-12-01T10:20:30.123456Z""#, #""due_at":"2026-12-24T00:00:00Z""#),
        ] { text = text.replacing(old, with: new) }
        let changed = try #require(try imported(text, as: name).records.first)
        #expect(changed.priority == .low)
        #expect(changed.dueAt == moment("2026-12-24T00:00:00Z"))
        #expect(changed.assignee == record.assignee && changed.complexity == 3 && changed.status == .dropped)
        #expect(changed.createdAt == record.createdAt)
    }
}
