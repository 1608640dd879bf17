import MinskyModel
import MinskyStore

extension Conflict {
    /// What a person typed for a field, read as `tasks edit` reads it; nothing empties the field.
    /// - Parameter name: The field by its column, its key in JSON, or what people call it.
    /// - Returns: The fields that follow from it, in the form they have in the change log.
    /// - Throws: `AppError` with code `.invalidArgument` when it is not understood, or the conflict is about something else;
    ///   `StoreError` with code `.notFound`, `.ambiguous`; `SQLError`.
    public func reading(
        _ phrase: String, for name: String, in session: some StoreSession, _ environment: Environment
    ) throws -> [JSON.Member] {
        guard let field else {
            throw AppError(
                .invalidArgument, "conflict \(shortID) is about a whole row of \(table), not about a field",
                hint: "--kept leaves it as it was kept, --lost takes the other side.")
        }
        let column = table == "tasks" ? Self.column(called: name) ?? name : name
        guard column == field || kept.fields?[column] != nil else {
            throw AppError(.invalidArgument, "conflict \(shortID) is about \(fieldName), not '\(name)'")
        }
        let parts = column.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let kind = Schema.current.table(table)?.column(parts[0])?.kind, kind != .json || parts.count == 2 else {
            throw AppError(.invalidArgument, "\(fieldName) cannot be typed", hint: "--kept or --lost chooses a value.")
        }
        if table == "tasks", let known = try value(phrase, column, in: session, environment) { return known }
        if phrase.isEmpty { return [.init(column, .null)] }
        switch kind {
        case .timestamp: return [.init(column, .string(try FieldPhrase.date(phrase, in: environment).iso8601))]
        case .integer:
            guard let number = Int64(phrase) else {
                throw AppError(.invalidArgument, "\(fieldName) is a whole number, not '\(phrase)'")
            }
            return [.init(column, .string(String(number)))]
        case .text, .json, .blob: return [.init(column, .string(phrase))]
        }
    }

    /// What people call the field; of a whole row nothing.
    public var fieldName: String {
        guard let field else { return "a whole row of \(table)" }
        guard table == "tasks" else { return field }
        switch field {
        case "deleted_at": return "deleted"
        case "rank": return "place among its siblings"
        default:
            if let label = TaskField.named(column: field)?.label { return label }
            let parts = field.split(separator: ".", maxSplits: 1).map(String.init)
            return parts.count == 2 ? parts.joined(separator: " ") : field
        }
    }

    /// The column that a person means: by its name, its key in JSON, what it is called, or the option of `tasks edit`.
    private static func column(called name: String) -> String? {
        let wanted = name.lowercased()
        let field = TaskField.all.first { [$0.column, $0.key?.lowercased(), $0.label].contains(wanted) }
        return (field ?? EditableField(rawValue: wanted)?.field)?.column
    }

    /// The fields of a task that are read in some way; nil for those that are what they say.
    private func value(
        _ phrase: String, _ column: String, in session: some StoreSession, _ environment: Environment
    ) throws -> [JSON.Member]? {
        func members(_ fields: [TaskField], of task: TaskItem) -> [JSON.Member] {
            fields.compactMap { field in
                let value = field.value(task)
                return field.column.map { .init($0, value.integer.map { .string(String($0)) } ?? value) }
            }
        }
        if let editable = EditableField.allCases.first(where: { $0.field.column == column }) {
            var edit = TaskEdit()
            if phrase.isEmpty, editable != .title {
                edit.clear(editable)
            } else {
                try edit.set(editable, to: phrase, in: environment)
            }
            var task = try session.task(rowID)
            try edit.apply(to: &task, in: session)
            // A series is its words and its place in them.
            return members(editable == .every ? [.recurrence, .seriesID, .seriesDay] : [editable.field], of: task)
        }
        switch column {
        case "status":
            var task = try session.task(rowID)
            task.move(to: try FieldPhrase.status(phrase), at: environment.now())
            return members([.status, .started, .completed], of: task)
        case "parent_id" where !phrase.isEmpty: return [.init(column, .string(try session.resolveTask(phrase)))]
        case "rank", "deleted_at", "created_at", "started_at", "completed_at", "created_by", "series_id", "series_day":
            throw AppError(
                .invalidArgument, "\(fieldName) cannot be typed", hint: "--kept or --lost chooses one of the values.")
        default: return nil
        }
    }
}
