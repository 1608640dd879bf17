import MinskyFormats
import MinskyModel
import TestSupport

/// Records as the store could hold them, with everything in their texts that a format might trip over.
enum RandomRecords {
    private static let pieces = [
        "a", "Buy milk", " ", "  ", "\n", "\r\n", "\t", "\"", "'", ",", ";", ":", "\\", "\\\"", "#", "# ", "- [ ] ",
        "* [x] ",
        "1. [ ] b", "```", "~~~", "<!-- {", "-->", "<!--", "{", "}", "[", "]", "&open;", "&", "%", "%20", "+p", "@c",
        "x ",
        "(A) ", "2026-01-01 ", "due:2026-01-01", "key:value", "id:1", "http://a.b/c", "=1+1", "-", "--", "é",
        "e\u{301}", "😀",
        "\u{202E}", "\u{1B}[31m", "\u{FEFF}", "\u{200D}", "null", "/", "|", "\u{85}", "\u{2028}", "minsky", "\\#",
        "\\- [ ]",
    ]

    /// The id of a number.
    static func id(_ number: Int) -> Reference {
        Reference(
            minsky: Identifier.text(ofBits: [
                0, 0, 0, 0, 0, 0, 0, UInt8(number >> 16), UInt8(number >> 8 & 255), UInt8(number & 255),
            ]))
    }

    static func text(_ generator: inout SeededGenerator) -> String {
        let count = Int.random(in: 1...6, using: &generator)
        return (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
    }

    private static func title(_ generator: inout SeededGenerator) -> String {
        let title = text(&generator).trimmingSpace
        return title.isEmpty ? "Task" : title
    }

    private static func moment(_ generator: inout SeededGenerator) -> Timestamp? {
        switch Int.random(in: 0...3, using: &generator) {
        case 0: nil
        case 1: Timestamp(day: CalendarDay(number: Int.random(in: 0...40_000, using: &generator)))
        default:
            Timestamp(microseconds: Int64.random(in: -1_000_000_000_000...4_000_000_000_000_000, using: &generator))
        }
    }

    private static func json(_ generator: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0...6, using: &generator) {
        case 0: .bool(true)
        case 1: .integer(Int64.random(in: -5...5, using: &generator))
        case 2: 2.50
        case 3: .array([.string(text(&generator)), nil])
        case 4: .object([JSON.Member(text(&generator), .string(text(&generator)))])
        default: .string(text(&generator))
        }
    }

    static func make(_ count: Int, for format: String, _ generator: inout SeededGenerator) -> [TaskRecord] {
        var records: [TaskRecord] = []
        for index in 0..<count {
            var reference = id(index + 1)
            if Bool.random(using: &generator) {
                let own =
                    format == "taskmaster"
                    ? "master/\(index + 1)" : format == "taskwarrior" ? "uuid-\(index)" : "own \(index)"
                reference = Reference(source: format, id: own)
            }
            var record = TaskRecord(reference: reference, title: title(&generator))
            func maybe<Value>(_ value: (inout SeededGenerator) -> Value) -> Value? {
                Bool.random(using: &generator) ? value(&generator) : nil
            }
            record.description = maybe(text)
            record.status = TaskStatus.allCases.randomElement(using: &generator) ?? .todo
            record.priority = maybe { TaskPriority.allCases.randomElement(using: &$0) ?? .low }
            record.tags = (0..<Int.random(in: 0...2, using: &generator)).map { "\($0)" + text(&generator) }
            record.project = format == "taskmaster" ? nil : maybe(text)
            record.assignee = maybe(text)
            record.createdBy = maybe(text)
            record.recurrence = maybe(text)
            record.complexityReason = maybe(text)
            record.estimateMinutes = maybe { Int.random(in: 1...500, using: &$0) }
            record.complexity = maybe { Int.random(in: 1...10, using: &$0) }
            record.dueAt = moment(&generator)
            record.waitUntil = moment(&generator)
            record.scheduledAt = moment(&generator)
            record.untilAt = moment(&generator)
            record.createdAt = Timestamp(microseconds: 1_790_000_000_123_456)
            record.updatedAt = Timestamp(microseconds: 1_790_000_500_000_001)
            if record.status != .todo { record.startedAt = Timestamp(microseconds: 1_790_000_100_000_002) }
            if !record.status.isOpen { record.completedAt = Timestamp(microseconds: 1_790_000_200_000_003) }
            record.notes = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
                TaskNote(text(&generator), author: maybe(text), createdAt: moment(&generator), id: maybe(text))
            }
            let keys = [
                "status", "priority", "minsky", "id", "metadata", "uuid", "originalStatus", "heading", "x", "due",
                text(&generator),
            ]
            for key in keys where Int.random(in: 0...4, using: &generator) == 0 {
                record[metadata: key] = json(&generator)
            }
            if index > 0 {
                record.parent = maybe { records[Int.random(in: 0..<index, using: &$0)].reference }
                record.dependsOn = maybe { [records[Int.random(in: 0..<index, using: &$0)].reference] } ?? []
            }
            records.append(record)
        }
        return records
    }
}
