import MinskyFormats
import MinskyModel
import MinskyStore

// Of every field there are up to four values: what the file says now, what is stored, what the last import said, and what
// the format would say of what is stored. A field that the file says differently from all of these was changed there; one
// that is stored differently from the last import was changed here, and stays.

/// A field that an import sets.
private struct ImportedField: Sendable {
    let field: TaskField
    let copy: @Sendable (inout TaskItem, TaskItem) -> Void
    /// Whether a file that leaves it out says nothing about it.
    var isSilentWhenAbsent = false

    private init<Value>(_ field: TaskField, _ path: WritableKeyPath<TaskItem, Value> & Sendable) {
        self.field = field
        copy = { $0[keyPath: path] = $1[keyPath: path] }
    }

    private func silentWhenAbsent() -> ImportedField {
        var copy = self
        copy.isSilentWhenAbsent = true
        return copy
    }

    static let status = ImportedField(.status, \.status)
    static let started = ImportedField(.started, \.startedAt).silentWhenAbsent()
    static let completed = ImportedField(.completed, \.completedAt).silentWhenAbsent()
    static let parent = ImportedField(.parent, \.parentID)

    /// Whether the file says nothing about it.
    func isUnsaid(in record: TaskRecord) -> Bool {
        guard isSilentWhenAbsent else { return false }
        switch field.column {
        case TaskField.started.column: return record.startedAt == nil
        case TaskField.completed.column: return record.completedAt == nil
        case TaskField.created.column: return record.createdAt == nil
        default: return record.createdBy == nil
        }
    }

    static let all: [ImportedField] = [
        ImportedField(.title, \.title), ImportedField(.description, \.description), status, started, completed,
        ImportedField(.priority, \.priority), parent, ImportedField(.assignee, \.assignee),
        ImportedField(.project, \.project), ImportedField(.due, \.dueAt), ImportedField(.waitUntil, \.waitUntil),
        ImportedField(.scheduled, \.scheduledAt), ImportedField(.until, \.untilAt),
        ImportedField(.estimate, \.estimateMinutes), ImportedField(.complexity, \.complexity),
        ImportedField(.complexityReason, \.complexityReason), ImportedField(.recurrence, \.recurrence),
        ImportedField(.created, \.createdAt).silentWhenAbsent(),
        ImportedField(.creator, \.createdBy).silentWhenAbsent(),
    ]
}

extension ImportPlan {
    /// Sorts records into tasks that are new, that change, and that are the same.
    mutating func merge(_ incoming: [Incoming], in session: some StoreSession) throws {
        var differing: [Incoming] = []
        for one in incoming {
            guard let old = one.old else {
                created.append(one.task)
                continue
            }
            if old.deletedAt != nil || Self.differs(one, from: old) { differing.append(one) }
        }
        guard !differing.isEmpty else { return }
        let imports = try session.lastImports(of: differing.map(\.task.id))
        for one in differing {
            guard let old = one.old else { continue }
            let last = imports[old.id] ?? LastImport()
            var merge = FieldMerge(
                new: one.task, old: old, record: one.record, last: last, echo: echo(of: old, besides: one))
            merge.run()
            if !merge.kept.isEmpty {
                warn(old.id, merge.kept.joined(separator: ", "), "changed here since; left as it is")
            }
            var task = merge.task
            task.deletedAt = nil
            if !task.isSame(as: old) { changed.append((old, task)) }
        }
    }

    private static func differs(_ one: Incoming, from old: TaskItem) -> Bool {
        let new = one.task
        return ImportedField.all.contains {
            $0.field.value(new) != $0.field.value(old) && !$0.isUnsaid(in: one.record)
        }
            || new.metadata != old.metadata.canonical
            || new.tags.exact != old.tags.exact
            || new.dependsOn != old.dependsOn || old.externalRef == nil && new.externalRef != nil
    }

    /// What would be read if the stored task were written in the file's format; without its links to others.
    private func echo(of old: TaskItem, besides one: Incoming) -> TaskItem {
        let record = TaskRecord(old, notes: [], to: format.name, recurrence) { Reference(minsky: $0) }
        guard var echo = format.echo(of: record, options) else { return old }
        _ = recurrence.store(&echo)
        if echo.description == "" { echo.description = nil }
        var task = TaskItem(echo, id: old.id, now: now)
        // Whether a format can say what a task is part of cannot be seen from one task alone: a file knows it when it
        // describes both.
        let isKnown = one.task.parentID != nil || old.parentID.map { places[$0] != nil } ?? true
        task.parentID = isKnown ? old.parentID : nil
        task.dependsOn = old.dependsOn
        return task
    }
}

extension TaskItem {
    /// Whether two tasks are the same in every field, byte by byte.
    func isSame(as other: TaskItem) -> Bool {
        TaskField.all.allSatisfy { $0.value(self).canonical == $0.value(other).canonical }
    }
}

/// Brings together what a file says of one task and what is stored of it.
private struct FieldMerge {
    let new: TaskItem
    let old: TaskItem
    let record: TaskRecord
    let last: LastImport
    /// What the format would say of what is stored.
    let echo: TaskItem
    /// What it is going to be.
    var task: TaskItem
    /// The fields that were changed here, and stay.
    var kept: [String] = []

    init(new: TaskItem, old: TaskItem, record: TaskRecord, last: LastImport, echo: TaskItem) {
        (self.new, self.old, self.record, self.last, self.echo, task) = (new, old, record, last, echo, old)
    }

    mutating func run() {
        mergeFields()
        mergeMetadata()
        mergeTags()
        mergeDependencies()
        if old.externalRef == nil { task.externalRef = new.externalRef }
    }

    private mutating func mergeFields() {
        let statusDiffers = new.status != old.status
        for one in ImportedField.all {
            let field = one.field
            guard field.value(new) != field.value(old), !one.isUnsaid(in: record) else { continue }
            let isTime = field.column == TaskField.started.column || field.column == TaskField.completed.column
            // A status comes with its times, or stays with them.
            if isTime && statusDiffers || isTime && new.status == .todo { continue }
            if field.value(new) == field.value(echo) { continue }
            let said = last.fields[field.column ?? ""]
            guard
                takes(said.map(Self.text), isKnown: said != nil || last.isComplete, stored: Self.text(field.value(old)))
            else {
                kept.append(field.key ?? field.column ?? "")
                continue
            }
            one.copy(&task, new)
            if field.column == TaskField.status.column {
                ImportedField.started.copy(&task, new)
                ImportedField.completed.copy(&task, new)
            }
        }
    }

    /// Whether the file's value is taken, when it is neither what is stored nor what the format says of that.
    /// - Parameters:
    ///   - said: What the last import said; nil for nothing.
    ///   - isKnown: Whether that is known.
    private func takes<Value: Equatable>(_ said: Value??, isKnown: Bool, stored: Value?) -> Bool {
        isKnown ? (said ?? nil) == stored : !isNewerHere
    }

    /// Whether the stored task was changed after what the file says of it, to the second.
    private var isNewerHere: Bool {
        guard let moment = record.updatedAt else { return false }
        return old.updatedAt.microseconds / 1_000_000 > moment.microseconds / 1_000_000
    }

    /// A value as the log has it; nil for null.
    private static func text(_ value: JSON) -> JSON? {
        switch value {
        case .null: nil
        case .number(let number): .string(number.text)
        default: value
        }
    }

    private mutating func mergeMetadata() {
        let (new, old) = (Members(self.new.metadata), Members(self.old.metadata))
        let echo = Members(self.echo.metadata)
        var result = old
        for key in new.keys + old.keys.filter({ new[$0] == nil }) {
            guard new[key] != old[key], new[key] != echo[key], !Self.areOneNumber(new[key], old[key]) else { continue }
            let said = last.metadata[ExactText(key)]
            if takes(said?.canonical, isKnown: said != nil || last.isComplete, stored: old[key]) {
                result[key] = new[key]
            } else {
                kept.append("metadata.\(key)")
            }
        }
        task.metadata = result.json
    }

    /// Whether two values are one number in two spellings: Taskwarrior makes `0.000000` of `0`.
    private static func areOneNumber(_ left: JSON?, _ right: JSON?) -> Bool {
        func digits(_ value: JSON?) -> String? {
            guard let text = value?.number?.text, text.contains(".") else { return value?.number?.text }
            let kept = String(text.reversed().drop { $0 == "0" }.reversed())
            return kept.hasSuffix(".") ? String(kept.dropLast()) : kept
        }
        return digits(left).map { $0 == digits(right) } ?? false
    }

    private mutating func mergeTags() {
        let tags = Self.merged(
            new: new.tags.exact, old: old.tags.exact, echo: echo.tags.exact,
            said: last.isComplete ? last.tags : nil, isNewerHere: isNewerHere)
        task.tags = tags.sortedTexts()
    }

    private mutating func mergeDependencies() {
        task.dependsOn = Self.merged(
            new: Set(new.dependsOn), old: Set(old.dependsOn), echo: Set(echo.dependsOn),
            said: last.isComplete ? last.dependencies : nil, isNewerHere: isNewerHere
        ).sorted()
    }

    /// What is stored with what the file has more and without what it has less than the last import.
    private static func merged<Value: Hashable>(
        new: Set<Value>, old: Set<Value>, echo: Set<Value>, said: Set<Value>?, isNewerHere: Bool
    ) -> Set<Value> {
        if said == nil, isNewerHere { return old }
        let said = said ?? echo
        return old.union(new.subtracting(said)).subtracting(said.intersection(echo).subtracting(new))
    }
}

/// The members of an object by their keys, which are compared by their bytes.
private struct Members {
    private var values: [ExactText: JSON]

    init(_ json: JSON) {
        values = Dictionary((json.members ?? []).map { (ExactText($0.key), $0.value.canonical) }) { first, _ in first }
    }

    var keys: [String] { values.keys.sortedTexts() }

    var json: JSON { JSON.object(keys.map { JSON.Member($0, self[$0] ?? .null) }).canonical }

    subscript(key: String) -> JSON? {
        get { values[ExactText(key)] }
        set { values[ExactText(key)] = newValue }
    }
}
