import Foundation
import MinskyFormats
import MinskyModel
import Testing

func fixture(_ name: String, file: String = #filePath) throws -> [UInt8] {
    let folder = URL(filePath: file).deletingLastPathComponent().appending(path: "Fixtures")
    return Array(try Data(contentsOf: folder.appending(path: name)))
}

func format(_ name: String) throws -> Format { try #require(Format.named(name)) }

/// Reads bytes in pieces of a size.
func imported(
    _ bytes: [UInt8], as name: String, options: FormatOptions = FormatOptions(), pieces: Int = 1 << 16
) throws -> RecordCollector {
    var reader = try format(name).makeReader(options)
    var collector = RecordCollector()
    var rest = bytes[...]
    while !rest.isEmpty {
        for event in reader.read(rest.prefix(pieces)) { collector.add(event) }
        rest = rest.dropFirst(pieces)
    }
    for event in reader.finish() { collector.add(event) }
    collector.settle()
    return collector
}

func imported(_ text: String, as name: String, options: FormatOptions = FormatOptions()) throws -> RecordCollector {
    try imported(Array(text.utf8), as: name, options: options)
}

func exported(
    _ records: [TaskRecord], as name: String, options: FormatOptions = FormatOptions()
) throws -> (bytes: [UInt8], losses: [Finding]) {
    var writer = try format(name).makeWriter(options)
    var bytes: [UInt8] = []
    for record in records { bytes += writer.write(record) }
    bytes += writer.finish()
    return (bytes, writer.losses)
}

extension RecordCollector {
    /// The record of an id.
    func record(_ id: String) throws -> TaskRecord {
        try #require(records.first { $0.reference.id == id }, "no \(id) among \(records.map(\.reference.id))")
    }
}

extension TaskRecord {
    /// The fields as JSON, as a test compares and prints them.
    var fields: JSON {
        .object(RecordField.all.map { JSON.Member($0.key, $0.value(self)) }.filter { $0.value != .null })
    }
}

/// The fields in which two records differ, with both values.
func differences(_ found: TaskRecord, _ expected: TaskRecord) -> String? {
    let fields = RecordField.all.filter { $0.value(found) != $0.value(expected) }
    let lines = fields.map { "\($0.key): \($0.value(found).text()) instead of \($0.value(expected).text())" }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
}

func moment(_ text: String) -> Timestamp? { Timestamp(iso8601: text) }

extension TaskRecord {
    /// A record with a value in every field.
    static func full(_ reference: Reference) -> TaskRecord {
        var record = TaskRecord(reference: reference, title: "Renew the certificate")
        record.description = "The old one ends.\n\n- [ ] not a task\n# nor this"
        record.status = .dropped
        record.priority = .critical
        record.tags = ["ops", "tls"]
        record.estimateMinutes = 95
        record.complexity = 3
        record.complexityReason = "Done before"
        record.project = "ops.tls"
        record.assignee = "Ada Lovelace"
        record.dueAt = moment("2026-12-01T10:20:30.123456Z")
        record.waitUntil = moment("2026-11-28T01:02:03.000004Z")
        record.scheduledAt = moment("2026-11-29T10:00:00Z")
        record.untilAt = moment("2027-01-01T00:00:00Z")
        record.recurrence = "every 2 weeks"
        record.createdAt = moment("2026-11-01T08:00:00.5Z")
        record.createdBy = "grace"
        record.updatedAt = moment("2026-11-02T08:00:00.25Z")
        record.startedAt = moment("2026-11-03T08:00:00Z")
        record.completedAt = moment("2026-11-04T08:00:00Z")
        record.externalRef = Reference(source: "elsewhere", id: "X 1")
        record.notes = [
            TaskNote("First", author: "ada", createdAt: moment("2026-11-01T09:00:00.125Z"), id: "7"),
            TaskNote("Second\nline"),
        ]
        record.metadata = [JSON.Member("size", "big"), JSON.Member("nested", ["a": [1, 2.50, nil]])]
        return record
    }
}

extension JSON: ExpressibleByNilLiteral {
    public init(nilLiteral: ()) { self = .null }
}
