import MinskyModel
import MinskyStore

/// Tasks as one text that a person edits: for each, its fields between two lines of dashes, and its description below.
public struct TaskDocument: Sendable {
    /// A task as it was read, with what stands for it in the text.
    private struct Part {
        let task: TaskItem
        let fields: [(key: String, value: String)]
    }

    /// What to edit.
    public let text: String
    private let parts: [Part]
    private let reading: FieldReading

    /// What begins a line that is no part of the text: advice, and what is wrong.
    public static let mark = "#! "

    /// Reads tasks.
    /// - Parameter words: Ids as typed, or a query.
    /// - Throws: `AppError`, `MistypedPhrase`, `StoreError`, `SQLError`.
    public init(_ words: [String], in workspace: OpenWorkspace, as caller: Caller) throws {
        let choice = TaskChoice(words)
        let found = choice.isQuery ? try choice.tasks(in: workspace, as: caller).tasks.map(\.id) : words
        let tasks = try workspace.store.read { session in
            try found.map { try session.task(try session.resolveTask($0)) }
        }
        let reading = FieldReading(configuration: workspace.configuration, caller: caller)
        self.reading = reading
        parts = tasks.map { Part(task: $0, fields: Self.fields(of: $0, reading)) }
        let advice = [
            "Save and close the editor to change what is different here. A field without a value is emptied;",
            "a line or a task that is removed stays as it is.",
        ]
        let sections = parts.map { part in
            let head =
                [FrontMatter.dashes] + part.fields.map { FrontMatter.line($0.key, $0.value) } + [FrontMatter.dashes]
            return (head + Self.escaped(part.task.description ?? "") + [""]).joined(separator: "\n")
        }
        text = (advice.map { Self.mark + $0 } + sections).joined(separator: "\n")
    }

    private static func fields(of task: TaskItem, _ reading: FieldReading) -> [(key: String, value: String)] {
        let offset = reading.configuration.environment.utcOffset
        func date(_ moment: Timestamp?) -> String {
            guard let moment else { return "" }
            let local = moment.adding(seconds: offset(moment)).iso8601
            return "\(local.prefix(10)) \(local.dropFirst(11).prefix(8))"
        }
        let own = reading.configuration.customFields.map { field -> (String, String) in
            let value = task.metadata[field.name]
            switch field.kind {
            case .date: return (field.name, date(value?.string.flatMap { Timestamp(iso8601: $0) }))
            case .duration:
                return (field.name, value?.integer.flatMap { Int(exactly: $0) }.map(DurationPhrase.text) ?? "")
            case .text, .number:
                guard let value, value != .null else { return (field.name, "") }
                return (field.name, value.string ?? value.text())
            }
        }
        let fields: [(String, String)] = [
            ("id", task.id), ("title", task.title), ("priority", task.priority?.rawValue ?? ""),
            ("project", task.project ?? ""), ("tags", task.tags.joined(separator: ", ")), ("due", date(task.dueAt)),
            ("wait", date(task.waitUntil)), ("scheduled", date(task.scheduledAt)), ("until", date(task.untilAt)),
            ("estimate", task.estimateMinutes.map(DurationPhrase.text) ?? ""),
            ("complexity", task.complexity.map { "\($0)" } ?? ""), ("assignee", task.assignee ?? ""),
            ("every", task.recurrence.map { RecurrenceSeries(parsing: $0)?.recurrence.text ?? $0 } ?? ""),
            ("depends", task.dependsOn.joined(separator: ", ")),
        ]
        return (fields + own).map { (key: $0.0, value: oneLine($0.1)) }
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ").trimmingSpace
    }

    /// The lines of a description, of which none begins another task or looks like advice.
    private static func escaped(_ description: String) -> [String] {
        guard !description.isEmpty else { return [] }
        return description.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            hasMeaning(line) ? "\\\(line)" : String(line)
        }
    }

    private static func unescaped(_ body: String) -> String {
        body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            String(line.hasPrefix("\\") && hasMeaning(line) ? line.dropFirst() : line)
        }.joined(separator: "\n").trimmingSpace
    }

    /// Whether a line, without the backslashes before it, means something in the text.
    private static func hasMeaning(_ line: Substring) -> Bool {
        let rest = line.drop { $0 == "\\" }
        return String(rest).trimmingSpace == FrontMatter.dashes || rest.hasPrefix(mark.dropLast())
    }

    /// The text without the lines that are no part of it.
    public static func withoutMarks(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix(mark.dropLast()) }.joined(separator: "\n")
    }

    /// What an edited text asks for, task by task; tasks of which nothing is different are left out.
    /// - Throws: `TextProblem`.
    private func edits(in text: String) throws -> [(task: TaskItem, edit: TaskEdit)] {
        var seen: Set<String> = []
        return try Self.sections(of: text).compactMap { section -> (task: TaskItem, edit: TaskEdit)? in
            let matter = try FrontMatter(section.text, firstLine: section.line)
            guard let id = matter.fields.first(where: { $0.key.lowercased() == "id" }) else {
                throw TextProblem(line: section.line, "a task begins with three dashes and its id")
            }
            guard let part = parts.first(where: { $0.task.id == id.value }), seen.insert(id.value).inserted else {
                throw TextProblem(line: id.line, "'\(id.value)' is none of the tasks, or stands here twice")
            }
            let edit = try edit(of: part, matter)
            return edit.isEmpty ? nil : (part.task, edit)
        }
    }

    private func edit(of part: Part, _ matter: FrontMatter) throws -> TaskEdit {
        var edit = TaskEdit()
        for field in matter.fields where field.key.lowercased() != "id" {
            let before = part.fields.first { $0.key.lowercased() == field.key.lowercased() }
            guard before?.value != field.value else { continue }
            do {
                if field.key.lowercased() == "tags" {
                    let tags = FieldReading.parts(field.value).exact
                    let before = part.task.tags.exact
                    edit.addedTags = try tags.subtracting(before).sortedTexts().map(TaskEdit.checkedTag)
                    edit.removedTags = before.subtracting(tags).sortedTexts()
                } else if reading.settable(field.key) == .dependencies {
                    let ids = Set(FieldReading.parts(field.value))
                    edit.addedDependencies = ids.subtracting(part.task.dependsOn).sorted()
                    edit.removedDependencies = Set(part.task.dependsOn).subtracting(ids).sorted()
                } else if field.value.isEmpty, before != nil {
                    if let editable = EditableField(rawValue: field.key.lowercased()), editable != .title {
                        edit.clear(editable)
                    } else if field.key.lowercased() == "title" {
                        _ = try TaskEdit.checkedTitle("")
                    } else {
                        edit.unset(member: field.key, in: reading.configuration)
                    }
                } else {
                    try reading.set(field.key, to: field.value, in: &edit)
                }
            } catch let error as AppError {
                throw TextProblem(line: field.line, error.message, hint: error.hint)
            }
        }
        let description = Self.unescaped(matter.body)
        // Line breaks of other kinds are no change.
        let unchanged = Self.unescaped(Self.escaped(part.task.description ?? "").joined(separator: "\n"))
        if description != unchanged {
            if description.isEmpty {
                edit.clear(.description)
            } else {
                try edit.set(.description, to: description, in: reading.configuration.environment)
            }
        }
        return edit
    }

    /// The text cut where a task begins: dashes with an id below.
    private static func sections(of text: String) throws -> [(text: String, line: Int)] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        let starts = lines.indices.filter { index in
            lines[index].trimmingSpace == FrontMatter.dashes && index + 1 < lines.count
                && lines[index + 1].lowercased().hasPrefix("id:")
        }
        if let stray = lines[..<(starts.first ?? lines.count)].firstIndex(where: { !$0.trimmingSpace.isEmpty }) {
            throw TextProblem(line: stray + 1, "a task begins with three dashes and its id")
        }
        return starts.enumerated().map { place, start in
            let end = place + 1 < starts.count ? starts[place + 1] : lines.count
            return (lines[start..<end].joined(separator: "\n"), start + 1)
        }
    }

    /// Changes the tasks as an edited text says, in one operation.
    /// - Returns: The tasks that were changed.
    /// - Throws: `TextProblem` when the text is wrong; `AppError` with code `.conflict` when a task is no longer what was read;
    ///   `StoreError`, `SQLError`.
    public func apply(_ text: String, in workspace: OpenWorkspace, as caller: Caller) throws -> [WrittenTask] {
        let edits = try edits(in: text)
        guard !edits.isEmpty else { return [] }
        return try workspace.perform(workspace.operation("edit", of: caller)) { session in
            if edits.contains(where: { !$0.edit.addedDependencies.isEmpty || !$0.edit.removedDependencies.isEmpty }) {
                try session.lockGraph()
            }
            return try edits.map { old, edit in
                guard try session.liveTask(old.id) == old else {
                    throw AppError(
                        .conflict, "task \(old.id) has been changed since it was opened",
                        hint: "minsky history \(old.id) shows what happened to it.")
                }
                var new = old
                try edit.apply(to: &new, in: session)
                let hasChanged = try session.update(old, to: new)
                try session.requireApart(new, from: Set(new.dependsOn).subtracting(old.dependsOn).sorted())
                return try WrittenTask(try session.task(old.id), was: old, hasChanged: hasChanged, in: session)
            }
        }
    }
}

/// A task that is not there yet as a text that a person edits.
public enum NewTaskDocument {
    /// What to edit.
    public static func text(titled title: String, in workspace: OpenWorkspace) -> String {
        let keys = [
            "priority", "project", "tags", "due", "wait", "scheduled", "until", "estimate", "complexity", "assignee",
            "every", "depends",
        ]
        let own = workspace.configuration.customFields.map(\.name)
        let lines = (keys + own).map { "\($0):" }
        return ([FrontMatter.dashes, FrontMatter.line("title", title)] + lines + [FrontMatter.dashes, ""])
            .joined(separator: "\n")
    }

    /// The task that an edited text asks for.
    /// - Parameter fields: What it gets besides; the text goes before.
    /// - Throws: `TextProblem`.
    public static func task(
        from text: String, fields: TaskEdit, parent: String?, in workspace: OpenWorkspace, as caller: Caller
    ) throws -> AddTask {
        let reading = FieldReading(configuration: workspace.configuration, caller: caller)
        let matter = try FrontMatter(text)
        var (edit, title) = (TaskEdit(), "")
        for field in matter.fields where !field.value.isEmpty {
            do {
                if field.key.lowercased() == "title" {
                    title = field.value
                } else {
                    try reading.set(field.key, to: field.value, in: &edit)
                }
            } catch let error as AppError {
                throw TextProblem(line: field.line, error.message, hint: error.hint)
            }
        }
        guard !title.isEmpty else {
            throw TextProblem(line: 1, "the title is empty", hint: "title: What is to be done")
        }
        let body = matter.body.trimmingSpace
        if !body.isEmpty { try edit.set(.description, to: body, in: workspace.environment) }
        return AddTask(title: title, fields: fields.merging(edit), parent: parent)
    }
}
