import Foundation
import MinskyFormats
import MinskyModel
import TestSupport
import Testing

/// The table in docs/formats.md says what every format does with every field. With `MINSKY_RECORD_TRANSCRIPTS=1` it is
/// written anew.
struct ConformanceTests {
    @Test func theTableInTheDocumentationHolds() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/formats.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let start = try #require(text.range(of: "| field |"))
        let end = try #require(text.range(of: "\n\n", range: start.lowerBound..<text.endIndex))
        let table = try Self.table()
        if ProcessInfo.processInfo.environment["MINSKY_RECORD_TRANSCRIPTS"] == "1" {
            try text.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: table)
                .write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(String(text[start.lowerBound..<end.lowerBound]) == table)
        }
    }

    private static func table() throws -> String {
        let formats = Format.all.map(\.name).filter { $0 != "json" }
        let cells = try formats.map { name in
            try (marks(name, simple(name)), marks(name, exact(name)))
        }
        var lines = [
            "| field | \(formats.joined(separator: " | ")) |",
            "|---|\(formats.map { _ in "---" }.joined(separator: "|"))|",
        ]
        for field in RecordField.all {
            let row = cells.map { simple, exact in
                switch (simple[field.key], exact[field.key]) {
                case ("no", _), (_, nil): "no"
                case (let simple?, "no"): simple == "yes" ? "in part" : "no"
                case (let simple, _): simple ?? "no"
                }
            }
            lines.append("| `\(field.key)` | \(row.joined(separator: " | ")) |")
        }
        return lines.joined(separator: "\n")
    }

    private static let above = TaskRecord(reference: Reference(minsky: "0123456789abcdef"), title: "Above")
    private static let before = TaskRecord(reference: Reference(minsky: "abcdefghjkmnpqrs"), title: "Before")

    private static func exact(_ name: String) -> TaskRecord {
        var record = TaskRecord.full(Reference(minsky: "zzzzzzzzzzzzzzzz"))
        record.parent = above.reference
        record.dependsOn = [before.reference]
        return record
    }

    /// The same without what only few formats tell apart.
    private static func simple(_ name: String) -> TaskRecord {
        var record = exact(name)
        record.description = "One line"
        record.status = .done
        record.priority = .high
        record.notes = [TaskNote("Said")]
        record.metadata = [JSON.Member("size", "big")]
        record.externalRef = Reference(source: "elsewhere", id: "1")
        record.dueAt = moment("2026-12-01T23:59:59Z")
        record.untilAt = moment("2026-12-31T23:59:59Z")
        let days = [\TaskRecord.waitUntil, \.scheduledAt, \.createdAt, \.updatedAt, \.startedAt, \.completedAt]
        for (index, path) in days.enumerated() {
            record[keyPath: path] = Timestamp(day: CalendarDay(number: 20_000 + index))
        }
        return record
    }

    /// For every field whether the format says it itself, carries it in a place of minsky's own, or loses it.
    private static func marks(_ name: String, _ record: TaskRecord) throws -> [String: String] {
        var above = above
        var before = before
        (above.project, before.project) = (record.project, record.project)
        let (bytes, losses) = try exported([above, record, before], as: name)
        let read = try imported(bytes, as: name).record(record.reference.id)
        let carried = Set(try carriedKeys(name, String(decoding: bytes, as: UTF8.self)))
        let lost = Set(losses.filter { $0.reference == record.reference.description }.compactMap(\.field))
        var marks: [String: String] = [:]
        for field in RecordField.all {
            let survives = field.value(read) == field.value(record)
            #expect(survives != lost.contains(field.key), "\(name) \(field.key)")
            marks[field.key] = !survives ? "no" : carried.contains(field.key) ? "carried" : "yes"
        }
        return marks
    }

    /// The keys of what is carried for the task in the middle.
    private static func carriedKeys(_ name: String, _ text: String) throws -> [String] {
        func members(_ json: JSON?) -> [String] { json?.members?.map(\.key) ?? [] }
        let title = "Renew the certificate"
        switch name {
        case "taskwarrior":
            let task = try JSON(parsing: text).array?.first { $0["description"]?.string == title }
            return members(try task?["minsky"]?.string.map { try JSON(parsing: $0) })
        case "beads":
            let issues = try text.split(separator: "\n").map { try JSON(parsing: String($0)) }
            return members(issues.first { $0["title"]?.string == title }?["metadata"]?["minsky"])
        case "taskmaster":
            let lists = try JSON(parsing: text).members ?? []
            let tasks = lists.flatMap { $0.value["tasks"]?.array ?? [] }.flatMap {
                [$0] + ($0["subtasks"]?.array ?? [])
            }
            return members(tasks.first { $0["title"]?.string == title }?["metadata"]?["minsky"])
        case "markdown":
            let line = try #require(text.split(separator: "\n").first { $0.contains(title) })
            let start = try #require(line.range(of: "<!-- "))
            return members(try JSON(parsing: String(line[start.upperBound...].dropLast(4))))
        default: return []
        }
    }

    /// What an import compares with is what a file would have said.
    @Test(arguments: RoundTripTests.names)
    func anEchoIsWhatIsReadBack(name: String) throws {
        var generator = SeededGenerator(seed: 77)
        for _ in 0..<20 {
            let records = RandomRecords.make(4, for: name, &generator)
            let read = try imported(try exported(records, as: name).bytes, as: name)
            for record in records {
                guard let found = read.records.first(where: { $0.reference == record.reference }) else { continue }
                let echo = try #require(try format(name).echo(of: record))
                let fields = RecordField.all.filter { $0.key != "parentId" && $0.key != "dependsOn" && $0.key != "id" }
                #expect(fields.filter { $0.value(echo) != $0.value(found) }.map(\.key) == [])
            }
        }
    }
}
