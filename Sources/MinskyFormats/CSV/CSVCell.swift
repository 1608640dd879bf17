import MinskyModel

/// The names of columns.
enum CSVColumn {
    /// The field of a column, or nil when the name says nothing.
    static func key(of name: String) -> String? {
        let plain = name.trimmingSpace.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" }
        if let key = fields[plain] { return key }
        switch plain {
        case "name", "summary", "subject", "task", "content": return "title"
        case "notes": return "notes"
        case "details", "body", "note": return "description"
        case "state", "completed?": return "status"
        case "uuid", "key", "ref", "reference": return "id"
        case "parent": return "parentId"
        case "labels", "label", "tag", "contexts": return "tags"
        case "depends", "dependencies", "blockedby": return "dependsOn"
        case "estimate", "estimatedminutes": return "estimateMinutes"
        case "owner", "assignedto": return "assignee"
        case "due", "duedate", "deadline": return "dueAt"
        case "wait", "startdate", "deferuntil": return "waitUntil"
        case "scheduled": return "scheduledAt"
        case "until": return "untilAt"
        case "recur", "repeat": return "recurrence"
        case "created", "entry", "creationdate": return "createdAt"
        case "updated", "modified", "lastmodified": return "updatedAt"
        case "started": return "startedAt"
        case "completed", "closed", "completiondate", "end": return "completedAt"
        default: return nil
        }
    }

    private static let fields = Dictionary(uniqueKeysWithValues: RecordField.all.map { ($0.key.lowercased(), $0.key) })

    /// What a cell of a column should be, for messages.
    static func kind(of key: String) -> String {
        switch key {
        case "status": "a status"
        case "priority": "a priority"
        case "estimateMinutes": "an amount of work"
        case "complexity": "a number from 1 to 10"
        case "notes": "a list of notes"
        case _ where key.hasSuffix("At") || key == "waitUntil": "a date"
        default: "what belongs there"
        }
    }
}

/// What stands in a cell.
enum CSVCell {
    // MARK: Values

    /// The value of a field as a cell says it, or nil when it does not say one.
    static func value(_ text: String, for key: String, _ utcOffset: (Timestamp) -> Int) -> JSON? {
        switch key {
        case "status": return status(text).map { .string($0.rawValue) }
        case "tags", "dependsOn": return list(text)
        case "notes":
            guard text.hasPrefix("["), let json = try? JSON(parsing: text) else { return .array([.string(text)]) }
            return json
        case "estimateMinutes":
            if let number = Int64(text) { return .integer(number) }
            return DurationPhrase.minutes(text).map { .integer(Int64($0)) }
        case "complexity": return Int64(text).map(JSON.integer)
        case _ where key.hasSuffix("At") || key == "waitUntil":
            guard let day = ForeignDate.day(text) else { return ForeignDate.moment(text).map { .string($0.iso8601) } }
            let isEnd = key == "dueAt" || key == "untilAt" || key == "completedAt"
            return .string((isEnd ? day.lastSecond(utcOffset) : day.firstSecond(utcOffset)).iso8601)
        default: return .string(text)
        }
    }

    private static func status(_ text: String) -> TaskStatus? {
        switch text.trimmingSpace.lowercased() {
        case "todo", "to do", "to-do", "open", "pending", "new", "backlog", "not started", "waiting", "no", "false",
            "0":
            .todo
        case "doing", "in progress", "in-progress", "in_progress", "started", "active", "wip": .doing
        case "done", "completed", "complete", "closed", "finished", "x", "yes", "true", "1": .done
        case "dropped", "deleted", "cancelled", "canceled", "wontfix", "won't do": .dropped
        default: nil
        }
    }

    /// Words with commas, semicolons or, in lists that minsky wrote, as a JSON list.
    private static func list(_ text: String) -> JSON? {
        if text.hasPrefix("["), let json = try? JSON(parsing: text), json.array != nil { return json }
        let parts = text.split { $0 == "," || $0 == ";" }.map { String($0).trimmingSpace }.filter { !$0.isEmpty }
        return .array(parts.map(JSON.string))
    }

    /// The text of a field's value.
    static func text(_ value: JSON, for key: String) -> String {
        switch value {
        case .null: return ""
        case .string(let text): return text
        case .array(let elements) where key != "notes":
            let texts = elements.compactMap(\.string)
            let isPlain = texts.allSatisfy { text in
                text == text.trimmingSpace && !text.isEmpty && !text.contains { $0 == "," || $0 == ";" }
            }
            let text = texts.joined(separator: ", ")
            return isPlain && !text.hasPrefix("[") ? text : value.text()
        default: return value.text()
        }
    }

    // MARK: Spelling

    /// The cell in quotation marks where it needs them.
    static func quoted(_ cell: String) -> String {
        guard cell.utf8.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else { return cell }
        var text = "\""
        for scalar in cell.unicodeScalars {
            if scalar == "\"" { text += "\"" }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }

    /// The cell with an apostrophe before what a spreadsheet would run as a formula.
    ///
    /// Source of the list: OWASP, "CSV Injection".
    static func guarded(_ cell: String) -> String { needsGuard(cell.utf8) ? "'" + cell : cell }

    /// The cell without the apostrophe that guards it.
    static func unguarded(_ cell: String) -> String {
        cell.utf8.first == UInt8(ascii: "'") && needsGuard(cell.utf8.dropFirst())
            ? String(cell.unicodeScalars.dropFirst()) : cell
    }

    private static func needsGuard(_ cell: some Collection<UInt8>) -> Bool {
        guard let first = cell.first else { return false }
        return "=+-@\t\r\n'".utf8.contains(first)
    }
}

extension CalendarDay {
    /// The first second of the day on the clocks of a zone.
    func firstSecond(_ utcOffset: (Timestamp) -> Int) -> Timestamp {
        Timestamp(local: Timestamp(day: self), utcOffset: utcOffset)
    }

    /// The last second of the day on the clocks of a zone.
    func lastSecond(_ utcOffset: (Timestamp) -> Int) -> Timestamp {
        (self + 1).firstSecond(utcOffset).adding(seconds: -1)
    }
}
